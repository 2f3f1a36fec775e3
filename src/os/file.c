/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "os/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "os/fd.h"

ssize_t sfs_xattr_get(int fd, const char *name, void *value, size_t size)
{
    ssize_t n = fgetxattr(fd, name, value, size);
    if (n < 0 && errno == EBADF) /* O_PATH */
        n = getxattr(sfs_fd_path(fd).text, name, value, size);
    return n >= 0 ? n : -errno;
}

ssize_t sfs_xattr_list(int fd, char *list, size_t size)
{
    ssize_t n = listxattr(sfs_fd_path(fd).text, list, size);
    return n >= 0 ? n : -errno;
}

sfs_err sfs_xattr_set(int fd, const char *name, const void *value, size_t size, int flags)
{
    int r = fsetxattr(fd, name, value, size, flags);
    if (r < 0 && errno == EBADF) /* O_PATH */
        r = setxattr(sfs_fd_path(fd).text, name, value, size, flags);
    return r < 0 ? -errno : 0;
}

sfs_err sfs_xattr_remove(int fd, const char *name)
{
    return removexattr(sfs_fd_path(fd).text, name) < 0 ? -errno : 0;
}

ssize_t sfs_dirents(int fd, void *buffer, size_t size)
{
    ssize_t n = getdents64(fd, buffer, size);
    return n >= 0 ? n : -errno;
}

sfs_err sfs_lock_set(int fd, struct flock *lock, bool wait)
{
    lock->l_pid = 0; /* must be 0 for these (fcntl(2)) */
    return fcntl(fd, wait ? F_OFD_SETLKW : F_OFD_SETLK, lock) < 0 ? -errno : 0;
}

sfs_err sfs_lock_get(int fd, struct flock *lock)
{
    lock->l_pid = 0;
    return fcntl(fd, F_OFD_GETLK, lock) < 0 ? -errno : 0;
}

size_t sfs_inode_flags_size(unsigned command, bool *ret_set)
{
    switch (command) {
    case FS_IOC_GETFLAGS:
    case FS_IOC_SETFLAGS:
        *ret_set = command == FS_IOC_SETFLAGS;
        /* the number says long, the kernel takes and gives an int (ioctl_iflags(2)) */
        return sizeof(int);
    case FS_IOC_FSGETXATTR:
    case FS_IOC_FSSETXATTR:
        *ret_set = command == FS_IOC_FSSETXATTR;
        return sizeof(struct fsxattr);
    default:
        return 0;
    }
}

sfs_err sfs_inode_flags(int fd, unsigned command, void *value)
{
    bool set;
    if (sfs_inode_flags_size(command, &set) == 0)
        return -ENOTTY;
    return ioctl(fd, command, value) < 0 ? -errno : 0;
}

sfs_err sfs_fuse_backing_open(int fuse_fd, int fd)
{
    /* struct fuse_backing_map, which headers before 6.9 lack */
    struct {
        int32_t fd;
        uint32_t flags;
        uint64_t padding;
    } backing = {.fd = fd};
    int id = ioctl(fuse_fd, _IOW(229, 1, backing), &backing);
    return id > 0 ? id : id < 0 ? -errno : -EINVAL;
}

sfs_err sfs_fuse_backing_close(int fuse_fd, int backing_id)
{
    uint32_t id = (uint32_t)backing_id;
    return ioctl(fuse_fd, _IOW(229, 2, uint32_t), &id) < 0 ? -errno : 0;
}

sfs_err sfs_fuse_abort(dev_t device)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/sys/fs/fuse/connections/%u/abort", minor(device));
    SFS_CLEANUP_FD int fd = open(path, O_WRONLY | O_CLOEXEC);
    return fd >= 0 ? sfs_fd_write_all(fd, "1", 1) : -errno;
}
