/* SPDX-License-Identifier: MIT */
/*
 * Stable paths in the mount namespace of a running process that cannot mount for itself: a container without privilege.
 * What is mounted here is shown there at the same path, by the same daemon; it goes with the container's namespace.
 *
 * What the other process can change is not trusted: paths are walked from its root directory, name by name, and no
 * symbolic link is followed.  Both functions enter the other namespace for good when they get that far, so nothing but
 * reporting is left to do after them.  For a process of one thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

/*
 * Show the maps mounted at these clean absolute paths, with all that is mounted below them, at the same paths of the
 * process.  Missing directories are made there, as the owner of the directory around; dead mounts of stablefs are
 * replaced.  All or none: returns 0, or -1 with *err.
 */
int sfs_into_mount(pid_t pid, char *const paths[], size_t count, struct sfs_error **err);

/*
 * Take the maps at these paths of the process away, and the directories that were made for them.  Returns 0, or -1 with
 * *err: at the first that cannot be unmounted; those before it have been.
 */
int sfs_into_umount(pid_t pid, char *const paths[], size_t count, bool lazy, struct sfs_error **err);
