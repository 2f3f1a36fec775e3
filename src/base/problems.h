/* SPDX-License-Identifier: MIT */
/*
 * A list of messages, for things that are reported in one go (all errors of a config).  A message is a finished line
 * without "stablefs: ".  Not for several threads at once.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct sfs_problem {
    char *text;
    bool warning; /* else an error */
};

struct sfs_problems {
    struct sfs_problem *items;
    size_t count;
    size_t errors;
    bool lost; /* memory ran out: a message is missing (counted as an error) */
};

#define SFS_PROBLEMS_INIT {NULL, 0, 0, false}

void sfs_problems_error(struct sfs_problems *list, const char *format, ...) __attribute__((format(printf, 2, 3)));
void sfs_problems_warning(struct sfs_problems *list, const char *format, ...) __attribute__((format(printf, 2, 3)));
void sfs_problems_release(struct sfs_problems *list);
#define SFS_CLEANUP_PROBLEMS __attribute__((cleanup(sfs_problems_release)))
