/* SPDX-License-Identifier: MIT */
/*
 * What is wrong with a config, collected while it is read and handed over in the order of its lines.
 *
 * Every message has one form: PLACE: WHY (HOW TO MEND), where PLACE says what somebody wrote and where:
 *
 *   stablefs.ini:4: [map depot] mode = rwx: no such value (did you mean "rw"? It is one of: ro, rw)
 *   source /nonexistent: there is no such directory (create it, or correct the path)
 *   -o cache=never: no such value (it is one of: immutable, coherent, ttl:SECONDS, none)
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/problems.h"

enum sfs_place_kind {
    SFS_PLACE_FILE,     /* FILE:LINE: [SECTION] KEY = VALUE */
    SFS_PLACE_ARGUMENT, /* KEY VALUE */
    SFS_PLACE_OPTION,   /* -o KEY=VALUE */
};

/* What a message is about.  The strings belong to others and are only read. */
struct sfs_place {
    enum sfs_place_kind kind;
    const char *file;
    unsigned order;      /* messages of a file with a lower number come first */
    unsigned line;       /* 0: the file as a whole */
    const char *section; /* "map depot"; NULL for none */
    const char *key;     /* NULL: the section as a whole */
    const char *value;   /* as it was written; NULL for none */
};

struct sfs_report_item;

/* Not for several threads at once. */
struct sfs_report {
    struct sfs_report_item *items;
    size_t count;
    size_t errors;
    size_t left_off; /* more than a person reads */
    bool lost;       /* memory ran out: a message is missing (counted as an error) */
};

#define SFS_REPORT_INIT                                                                                                \
    {                                                                                                                  \
        NULL, 0, 0, 0, false                                                                                           \
    }

/* Bytes that would break the line of a message (control characters) are shown as '?'. */
void sfs_report_error(struct sfs_report *report, const struct sfs_place *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void sfs_report_warning(struct sfs_report *report, const struct sfs_place *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Add everything to problems, sorted by file and line; the report is empty afterwards. */
void sfs_report_flush(struct sfs_report *report, struct sfs_problems *problems);
