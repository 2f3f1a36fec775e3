/* SPDX-License-Identifier: MIT */
/* A dir layer over a directory of its own, for the tests of its operations. */
#pragma once

#include "layer/dir.h"
#include "../os/scratch.h"

/* How nodes are reached again, see layer/dir-reach.c. */
enum way {
    BY_HANDLE,   /* where the test may: root, on a filesystem that has handles */
    BY_PATH,     /* a frozen layer keeps no handles */
    SMALL_CACHE, /* by path, with one descriptor cached */
    WAYS
};

struct world {
    struct scratch at;
    struct sfs_fdcache *cache;
    struct sfs_layer *layer;
    const struct sfs_layer_ops *ops;
    struct sfs_node *root;
    struct sfs_caller me;
};

void world_make(struct world *world, enum way way);
/* The same with other options, and so many places for descriptors. */
void world_make_with(struct world *world, const struct sfs_dir_options *options, size_t descriptors);
/* Everything must have been forgotten: only the root is left. */
void world_remove(struct world *world);
/* The same, whatever is left. */
void world_drop(struct world *world);

/* Walk a path from the root; the node has a reference, its directories do not. */
struct sfs_node *world_find(struct world *world, const char *path);
/* The error that looking name up in dir gives, 0 for none. */
sfs_err world_lookup(struct world *world, struct sfs_node *dir, const char *name);
void world_forget(struct world *world, struct sfs_node *node);
/* What reading the node, opened for it, gives; static. NULL and *ret_error when it cannot be opened. */
const char *world_read(struct world *world, struct sfs_node *node, sfs_err *ret_error);

/* A listing: names in order, each followed by a blank; the dots first if they are there. */
struct listing {
    char text[8192];
    size_t count, most; /* the sink is full after that many; 0: never */
    off_t next;
};
sfs_dirent_sink listing_add;
