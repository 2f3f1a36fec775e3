/* SPDX-License-Identifier: MIT */
/*
 * A view: all maps of one instance.  Built from a conf before anything is mounted (every source is opened here, so a
 * map may cover its own source), then shared by all sessions and never changed.
 *
 * Maps are ordered so that a map whose stable path lies below another's comes after it: mount in this order, unmount
 * in reverse.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "conf/conf.h"

struct sfs_map;
struct sfs_view;

/*
 * Open all sources of conf and build the maps.  conf must outlive the view.  descriptors: how many file descriptors
 * the view may keep open for its own cache, all maps together.
 * Returns 0, or -1 with *err.
 */
int sfs_view_new(const struct sfs_conf *conf, size_t descriptors, struct sfs_view **ret, struct sfs_error **err);
void sfs_view_free(struct sfs_view *view);

const struct sfs_conf *sfs_view_conf(const struct sfs_view *view);
size_t sfs_view_map_count(const struct sfs_view *view);
struct sfs_map *sfs_view_map(struct sfs_view *view, size_t index);

/* What became of one path asked of resolve(1). */
struct sfs_resolved {
    char *from;        /* the path that was asked, clean */
    char *to;          /* its counterpart, malloc()ed */
    const char *map;   /* name of the map, owned by the conf */
    const char *layer; /* "dir"; NULL for real -> stable and for directories that only lead to a nested map */
    bool to_stable;    /* the path was a real one, to is the stable one */
};

/*
 * Translate a clean absolute path: below a stable path -> the real path (the innermost map wins); else below a source
 * -> the stable path.  Text only, nothing has to exist.  Returns 0; -ENOENT when no map covers it; -ENOMEM.
 */
sfs_err sfs_view_resolve(const struct sfs_view *view, const char *path, struct sfs_resolved *ret);
void sfs_resolved_release(struct sfs_resolved *resolved);
