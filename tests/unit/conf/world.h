/* SPDX-License-Identifier: MIT */
/* A folder of its own for each test, with HOME in it and no other variable that a config looks at. */
#pragma once

#include <stddef.h>

#include "base/problems.h"
#include "conf/conf.h"

extern char world[]; /* absolute and real path; the working directory */

void world_make(void);
void world_remove(void);

/* Write a file below the world, with its parents. The text is printf-formatted. */
void write_file(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));
void write_bytes(const char *name, const void *bytes, size_t length);
void make_dir(const char *name);

/* All messages, one per line, warnings with "warning: " in front; static until the next call. Releases the list. */
const char *all_problems(struct sfs_problems *problems);

/* Load the file; it must have exactly these problems (printf-formatted, each line with its end). */
void load_tells(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Load the file, which must have no problem. */
struct sfs_conf *load_good(const char *name);

/* Both equal in everything that a config file holds. */
void same_conf(const struct sfs_conf *a, const struct sfs_conf *b);
