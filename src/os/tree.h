/* SPDX-License-Identifier: MIT */
/*
 * Mounts that a mount namespace of one's own is made of (mount_namespaces(7)).  Descriptors name the places, so that
 * what has been covered by a mount can still be reached.
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"

/* What is to be mounted, and how. */
struct sfs_tree_mount {
    const char *source;  /* a directory */
    const char *point;   /* an existing directory */
    bool read_only, nosuid, nodev, noexec, noatime, sync, dirsync;
    bool allow_other;    /* FUSE: everybody in this user namespace, not only the caller */
};

/*
 * Open /dev/fuse and mount it at the point; the source is what the mount table will name.  *ret_fd: the descriptor on
 * which the kernel's requests come; the first operation at the mount point waits for somebody who answers.  0 or -errno
 * of what was refused; *ret_device: it was opening /dev/fuse.
 */
sfs_err sfs_tree_fuse(const struct sfs_tree_mount *mount, int *ret_fd, bool *ret_device);

/*
 * Mount a new tmpfs over the directory behind dfd (O_PATH is enough), with its mode, and its owner and group where they
 * exist in this user namespace; return a descriptor of its root, or -errno.  dfd goes on to name what is below.
 */
sfs_err sfs_tree_cover(int dfd);

/*
 * Show what is at from/name, with everything that is mounted below it, at to/name, where a directory or file waits for
 * it.  Symbolic links are not followed.  0 or -errno.
 */
sfs_err sfs_tree_bind(int from, int to, const char *name);

/* Show the source itself, with everything that is mounted below it, at the point. 0 or -errno. */
sfs_err sfs_tree_show(const struct sfs_tree_mount *mount);

/*
 * A copy of the mount at path, an absolute path whose end is a mount point, with everything that is mounted below it;
 * it belongs to no namespace yet, and nothing propagates to it or from it.  A descriptor or -errno.
 */
sfs_err sfs_tree_clone(const char *path);
/* Mount such a copy on the directory behind dfd (O_PATH is enough), in the namespace of this process. 0 or -errno. */
sfs_err sfs_tree_attach(int tree, int dfd);

/* Make the mount behind its root's descriptor read-only. 0 or -errno. */
sfs_err sfs_tree_freeze(int fd);

/* Make the mount whose root is behind new the root of this namespace; what was the root, behind old, is taken away. */
sfs_err sfs_tree_pivot(int old, int new);
