/* SPDX-License-Identifier: MIT */
/* File attributes: what struct stat holds, and what only statx(2) knows. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/error.h"

struct sfs_stat {
    struct stat st;
    int64_t btime;   /* nanoseconds since the epoch when the file was made; 0 where the filesystem does not say */
    uint64_t mount;  /* id of the mount the file was reached by (Linux 5.8), else 0 */
};

/* name below dfd, without following it when it is a symlink. 0 or -errno. */
sfs_err sfs_stat_at(int dfd, const char *name, struct sfs_stat *ret);
/*
 * Whether the file (as above; name "" for dfd itself) is on the kernel's overlayfs, where the first change of a file
 * replaces what it is made of: its birth time and its handle change, its inode number does not (overlayfs.rst).
 */
bool sfs_stat_copies_up(int dfd, const char *name);

/*
 * sfs_stat_at() out of what the kernel knows, which may be old on network filesystems and FUSE: nobody there is asked,
 * and the device is right in any case.
 */
sfs_err sfs_stat_at_unasked(int dfd, const char *name, struct sfs_stat *ret);
/* The file behind fd, which may be O_PATH. 0 or -errno. */
sfs_err sfs_stat_fd(int fd, struct sfs_stat *ret);

/*
 * Whether the filesystem of fd is surely one whose files only this kernel changes, so that sfs_stat_at_unasked() gives
 * what sfs_stat_at() gives.  A stacked filesystem is not: what is below it may be anything.
 */
bool sfs_stat_is_local(int fd);
