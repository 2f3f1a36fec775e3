/* SPDX-License-Identifier: MIT */
/* File descriptors: closing, reopening, limits. Every descriptor is O_CLOEXEC from birth. */
#pragma once

#include <dirent.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "base/error.h"

/* Close fd when it is not negative.  errno is left alone; an error of close(2) cannot be acted on and is ignored. */
void sfs_close(int fd);
void sfs_closep(int *fd);
#define SFS_CLEANUP_FD SFS_CLEANUP(sfs_closep)

/* A directory stream (or NULL) that is closed when its scope ends. */
void sfs_closedirp(DIR **dir);
#define SFS_CLEANUP_DIR SFS_CLEANUP(sfs_closedirp)

/* "/proc/self/fd/N": lets calls that take a path act on an O_PATH descriptor (proc(5)). */
struct sfs_fd_path {
    char text[sizeof "/proc/self/fd/-2147483648"];
};
struct sfs_fd_path sfs_fd_path(int fd);

/*
 * A new open file description of the file behind fd (which may be O_PATH), by way of /proc/self/fd.  The caller has
 * made sure that it is a regular file or a directory: opening a device or a FIFO may block or act.
 * Returns the descriptor, or -errno (-ENOENT also when /proc is not mounted).
 */
sfs_err sfs_fd_reopen(int fd, int flags);

/* The limit of open files in force (RLIMIT_NOFILE). */
size_t sfs_fd_limit(void);
/* Raise the soft limit of open files to the hard one; returns the limit in force. */
size_t sfs_fd_limit_raise(void);

/* Write all of the buffer; 0 or -errno. */
sfs_err sfs_fd_write_all(int fd, const void *data, size_t length);
