/* SPDX-License-Identifier: MIT */
/* Calls on one file whose libc form is missing, awkward for O_PATH descriptors, or needs a word of caution. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct flock;
struct linux_dirent64;

/* Extended attributes of the file behind fd, which may be O_PATH and a symlink. As getxattr(2) etc.; size 0 asks. */
ssize_t sfs_xattr_get(int fd, const char *name, void *value, size_t size);
ssize_t sfs_xattr_list(int fd, char *list, size_t size);
sfs_err sfs_xattr_set(int fd, const char *name, const void *value, size_t size, int flags);
sfs_err sfs_xattr_remove(int fd, const char *name);

/* Raw directory entries (getdents64(2)): bytes read, 0 at the end, or -errno. */
ssize_t sfs_dirents(int fd, void *buffer, size_t size);

/*
 * Open-file-description locks (fcntl(2), F_OFD_*): owned by fd, so each lock owner of a client gets its own.
 * set: wait or not; 0 or -errno (-EAGAIN when held by others and not waiting, -EINTR).  get: as F_GETLK.
 */
sfs_err sfs_lock_set(int fd, struct flock *lock, bool wait);
sfs_err sfs_lock_get(int fd, struct flock *lock);

/*
 * The inode flag ioctls (ioctl_iflags(2)): command FS_IOC_{GET,SET}FLAGS or FS_IOC_FS{GET,SET}XATTR, value of the
 * size that the command states.  0 or -errno; -ENOTTY for any other command.
 */
sfs_err sfs_inode_flags(int fd, unsigned command, void *value);
/* Bytes of the value of such a command; 0 for any other command. *ret_set: it changes the file. */
size_t sfs_inode_flags_size(unsigned command, bool *ret_set);

/*
 * Make fd a backing file of FUSE passthrough (linux/fuse.h, FUSE_DEV_IOC_BACKING_OPEN, Linux 6.9).  libfuse does not
 * tell why it could not.  Returns its number, above 0, or -errno: -EPERM when this process may not, -ELOOP for a file
 * of a filesystem that stands on others.
 */
sfs_err sfs_fuse_backing_open(int fuse_fd, int fd);

/*
 * Give a backing file of FUSE passthrough back to the kernel (linux/fuse.h, FUSE_DEV_IOC_BACKING_CLOSE, Linux 6.9).
 * fuse_fd: the session's descriptor of /dev/fuse.  libfuse has this only for a request, and there is none when a file
 * was opened in vain.
 */
sfs_err sfs_fuse_backing_close(int fuse_fd, int backing_id);

/*
 * Abort a FUSE connection by its st_dev, through /sys/fs/fuse/connections/MINOR/abort (kernel documentation, fuse.rst).
 * -ENOENT where that is not mounted or the connection has gone.
 */
sfs_err sfs_fuse_abort(dev_t device);
