/* SPDX-License-Identifier: MIT */
/*
 * A conf while it is made: the values so far and where each was written, so that every check can name the place.
 *
 *   sfs_draft_init -> sfs_draft_read (each file) or sfs_draft_add_map + sfs_draft_set -> sfs_draft_validate
 *       -> sfs_draft_finish -> sfs_draft_release
 *
 * Nothing stops at an error: it goes into report and the rest is checked too.  Not for several threads at once.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"
#include "conf/keys.h"
#include "conf/report.h"

/* One KEY = VALUE. */
struct sfs_setting {
    bool given;
    bool bad;               /* an error was reported: the conf does not have the value */
    struct sfs_place place; /* valid when given */
    char *value;            /* place.value */
};

struct sfs_draft_map {
    struct sfs_conf_map map;
    struct sfs_place place; /* of the section */
    char *section;          /* place.section */
    struct sfs_setting settings[SFS_MAP_KEY_COUNT];
    bool again;  /* there is an earlier map of this name */
    bool unsure; /* some line could not be read: what is missing may be in there */
};

struct sfs_draft {
    struct sfs_conf *conf; /* without maps until sfs_draft_finish() */
    struct sfs_setting settings[SFS_INSTANCE_KEY_COUNT];
    struct sfs_draft_map *maps;
    size_t map_count;
    char **files; /* the names that places point to */
    size_t file_count;
    struct sfs_report report;
};

/* The most maps that one view can have: each is a kernel mount with threads of its own. */
enum { SFS_MAPS_MOST = 1000 };

/* 0 or -ENOMEM. Release it in both cases. */
sfs_err sfs_draft_init(struct sfs_draft *draft);
void sfs_draft_release(struct sfs_draft *draft);
#define SFS_CLEANUP_DRAFT __attribute__((cleanup(sfs_draft_release)))

/* Take in the text of a config file; file is its name for messages. 0, or -ENOMEM. */
sfs_err sfs_draft_read(struct sfs_draft *draft, const char *file, const char *text, size_t length);

/* Add a map; the strings are copied, place.section from "map NAME". NULL when out of memory. */
struct sfs_draft_map *sfs_draft_add_map(struct sfs_draft *draft, const char *name, const struct sfs_place *place);

/*
 * Set key number index of map, or of [stablefs] when map is NULL.  place: where it was written, with key and value;
 * variables are filled in when it is a file.  Errors are reported.
 */
void sfs_draft_set(struct sfs_draft *draft, struct sfs_draft_map *map, size_t index, const struct sfs_place *place);

/* All checks that need more than one line: conf/validate.c. 0 or -ENOMEM. */
sfs_err sfs_draft_validate(struct sfs_draft *draft);

/*
 * Report everything to problems and, when there is no error among it, hand the conf over with its maps.
 * Returns 0 and the conf, or -1.
 */
int sfs_draft_finish(struct sfs_draft *draft, struct sfs_conf **ret, struct sfs_problems *problems);
