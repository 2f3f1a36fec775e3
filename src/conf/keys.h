/* SPDX-License-Identifier: MIT */
/*
 * The keys of a config: what each is called, what its values are and where they go.  Files, options and the printer
 * all use these tables, so a word means the same everywhere.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/strbuf.h"
#include "conf/conf.h"

/* The keys of [map NAME], in the order in which they are printed. */
enum sfs_map_key {
    SFS_KEY_PATH,
    SFS_KEY_SOURCE,
    SFS_KEY_MODE,
    SFS_KEY_CACHE,
    SFS_KEY_IO,
    SFS_KEY_WRITERS,
    SFS_KEY_IO_URING,
    SFS_KEY_STATAHEAD,
    SFS_KEY_MTIME,
    SFS_KEY_SYMLINKS,
    SFS_KEY_LOWER,
    SFS_KEY_UPPER,
    SFS_MAP_KEY_COUNT,
};

/* The keys of [stablefs]. */
enum sfs_instance_key {
    SFS_KEY_NAME,
    SFS_KEY_LOG,
    SFS_INSTANCE_KEY_COUNT,
};

/*
 * Set the key to a value with its variables filled in.  0, or -1 with *err: "WHY (HOW TO MEND)", map unchanged.
 * conf is for the keys of [stablefs], map for those of [map NAME]; the other one is not looked at.
 */
typedef int sfs_key_set(struct sfs_conf *conf, struct sfs_conf_map *map, const char *value, struct sfs_error **err);
/* Append the value, not escaped. 0 or -ENOMEM. NULL for a key that is never printed. */
typedef sfs_err sfs_key_print(const struct sfs_conf *conf, const struct sfs_conf_map *map, struct sfs_strbuf *out);

struct sfs_key {
    const char *name;
    sfs_key_set *set;
    sfs_key_print *print;
    bool argument; /* on a command line it is an argument, so -o does not take it */
};

extern const struct sfs_key sfs_map_keys[SFS_MAP_KEY_COUNT];
extern const struct sfs_key sfs_instance_keys[SFS_INSTANCE_KEY_COUNT];

/* The index of the key called name, or count. */
size_t sfs_key_find(const struct sfs_key keys[], size_t count, const char *name);

/* Append the names of keys, "path, source, ...". 0 or -ENOMEM. */
sfs_err sfs_key_list(const struct sfs_key keys[], size_t count, struct sfs_strbuf *out);

/* The longest name of a map or an instance; inih cuts a section at 49 bytes and "map " is part of it. */
enum { SFS_NAME_MOST = 45 };

/* True for what may be the name of a map or an instance: letters, digits and . _ + @ - (not first: . -). */
bool sfs_name_is_good(const char *name);

/* A good name made from any text (a path, a file's name), malloc()ed; NULL when out of memory. */
char *sfs_name_make(const char *text);
