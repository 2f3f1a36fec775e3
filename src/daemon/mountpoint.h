/* SPDX-License-Identifier: MIT */
/*
 * Making the stable paths ready to be mounted on, and tidying up after them.  All functions are for the daemon's main
 * thread.
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "daemon/made-dirs.h"

/*
 * Get the stable path ready: its missing directories are made (mode 0755), those and the ones that another instance
 * made are noted in made, a dead stablefs mount on it is detached, and it is held against removal.  It is an error
 * when a live stablefs is mounted there, when a part of the path is a symbolic link, or when it is not a directory.
 *
 * nested: the path lies below a map of the same view that is being served already, and that shows a directory there.
 * Returns 0, or -1 with *err.
 */
int sfs_mountpoint_prepare(const char *path, bool nested, struct sfs_made_dirs *made, struct sfs_error **err);

/*
 * The same for a path that will be mounted on in a private mount namespace, where what is mounted on it here does not
 * matter.  *ret_rebuild: a directory is missing that this process may not make (see daemon/rebuild.h).
 */
int sfs_mountpoint_prepare_private(const char *path, struct sfs_made_dirs *made, bool *ret_rebuild,
                                   struct sfs_error **err);

/*
 * Detach the stablefs mount on path as long as it is a dead one.  Returns how many were detached; -EEXIST: a live one
 * is there; else -errno of what went wrong.
 */
sfs_err sfs_mountpoint_detach_dead(const char *path);

/* Note those directories of path that an instance has made, so that they are removed with the others in made. */
void sfs_mountpoint_note_made(const char *path, struct sfs_made_dirs *made);

/*
 * Detach all dead stablefs mounts that hide their own source.  To be called before a config is loaded, whose sources
 * could not be looked at otherwise.
 */
void sfs_mountpoint_uncover_sources(void);
