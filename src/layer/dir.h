/* SPDX-License-Identifier: MIT */
/* The layer that is one real directory with all that lies below it, over however many filesystems. */
#pragma once

#include "base/error.h"
#include "layer/fdcache.h"
#include "layer/layer.h"

struct sfs_dir_options {
    bool read_only; /* nothing is ever opened for writing, and reading leaves access times alone where permitted */
    bool frozen;    /* the source does not change in place: nodes need no handle to be told apart */
    bool statahead; /* see dir-statahead.h */
    bool unopened;  /* files are written without being opened: they are kept reachable, and ready to be written */
};

/*
 * root_fd: the directory, opened with O_PATH or otherwise; taken over on success.  cache outlives the layer.
 * Returns 0 or -errno (-ENOTDIR).
 */
sfs_err sfs_dir_layer_new(int root_fd, const struct sfs_dir_options *options, struct sfs_fdcache *cache,
                          struct sfs_layer **ret);
