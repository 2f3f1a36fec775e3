/* SPDX-License-Identifier: MIT */
/*
 * Stable paths whose directories nobody could make: below "/" for a normal user, or in a container with a read-only
 * root.  In a mount namespace of one's own the directory that lacks an entry is covered by a copy of itself that can
 * have one: a tmpfs with a bind mount of everything that was there, so that existing files keep st_dev and st_ino.
 * What is added to such a directory later, by others, does not appear in the copy.
 */
#pragma once

#include <stddef.h>

#include "base/error.h"

/* The copies that were made, while more are being made. */
struct sfs_rebuilt {
    int *fds; /* of the roots of the copies */
    size_t count;
};

#define SFS_REBUILT_INIT {NULL, 0}

/*
 * Make the clean absolute path a directory, in copies of the directories that lack it.  To be called in the new mount
 * namespace, which this changes even when it fails.  Returns 0, or -1 with *err.
 */
int sfs_rebuild(const char *path, struct sfs_rebuilt *rebuilt, struct sfs_error **err);

/* The copies look like what they replace: nobody can write to them any more. And release. */
void sfs_rebuilt_finish(struct sfs_rebuilt *rebuilt);
