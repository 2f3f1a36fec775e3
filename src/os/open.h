/* SPDX-License-Identifier: MIT */
/* Opening below a directory without ever leaving it. */
#pragma once

#include "base/error.h"

/*
 * Open a relative path below dfd: no component may be a symlink or a magic link, and none may lead out of dfd.  Paths
 * are made of names that sfs_path_is_name() takes, with one slash between.  Mount points are crossed.
 * flags as for openat(2) without O_CREAT; O_CLOEXEC is added.  path may be longer than PATH_MAX.
 * Returns the descriptor, or -errno: -ELOOP for a symlink on the way, -EXDEV for any other path ("..", ".", an absolute
 * one) and -ENOENT for an empty one.
 * Uses openat2(2) (Linux 5.6); where that is missing or forbidden, one openat(2) for each component.
 */
sfs_err sfs_open_beneath(int dfd, const char *path, int flags);

/*
 * A descriptor (O_PATH) of what is called name in dfd, itself when it is a symlink, unless something is mounted there
 * (-EXDEV), which is not asked; nor is anything mounted by that (autofs).  Returns it, or -errno: -ENOSYS or -EPERM where
 * there is no openat2(2).
 */
sfs_err sfs_open_unmounted(int dfd, const char *name);
