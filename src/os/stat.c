/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "os/stat.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#include "os/fd.h"

static struct timespec timespec_of(const struct statx_timestamp *time)
{
    return (struct timespec){.tv_sec = time->tv_sec, .tv_nsec = time->tv_nsec};
}

static sfs_err stat_any(int dfd, const char *name, int flags, struct sfs_stat *ret)
{
    struct statx x;
    if (statx(dfd, name, flags, STATX_BASIC_STATS | STATX_BTIME | STATX_MNT_ID, &x) < 0)
        return -errno;
    memset(ret, 0, sizeof *ret);
    ret->st.st_dev = makedev(x.stx_dev_major, x.stx_dev_minor);
    ret->st.st_ino = x.stx_ino;
    ret->st.st_mode = x.stx_mode;
    ret->st.st_nlink = x.stx_nlink;
    ret->st.st_uid = x.stx_uid;
    ret->st.st_gid = x.stx_gid;
    ret->st.st_rdev = makedev(x.stx_rdev_major, x.stx_rdev_minor);
    ret->st.st_size = (off_t)x.stx_size;
    ret->st.st_blksize = (blksize_t)x.stx_blksize;
    ret->st.st_blocks = (blkcnt_t)x.stx_blocks;
    ret->st.st_atim = timespec_of(&x.stx_atime);
    ret->st.st_mtim = timespec_of(&x.stx_mtime);
    ret->st.st_ctim = timespec_of(&x.stx_ctime);
    if (x.stx_mask & STATX_BTIME)
        ret->btime = x.stx_btime.tv_sec * INT64_C(1000000000) + x.stx_btime.tv_nsec;
    if (x.stx_mask & STATX_MNT_ID)
        ret->mount = x.stx_mnt_id;
    return 0;
}

sfs_err sfs_stat_at(int dfd, const char *name, struct sfs_stat *ret)
{
    return stat_any(dfd, name, AT_SYMLINK_NOFOLLOW, ret);
}

bool sfs_stat_copies_up(int dfd, const char *name)
{
    SFS_CLEANUP_FD int fd = name[0] != '\0' ? openat(dfd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC) : -1;
    struct statfs at;
    return fstatfs(fd >= 0 ? fd : dfd, &at) == 0 && at.f_type == OVERLAYFS_SUPER_MAGIC;
}

sfs_err sfs_stat_at_unasked(int dfd, const char *name, struct sfs_stat *ret)
{
    return stat_any(dfd, name, AT_SYMLINK_NOFOLLOW | AT_STATX_DONT_SYNC, ret);
}

sfs_err sfs_stat_fd(int fd, struct sfs_stat *ret)
{
    return stat_any(fd, "", AT_EMPTY_PATH, ret);
}

bool sfs_stat_is_local(int fd)
{
    static const unsigned long types[] = {EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC, BTRFS_SUPER_MAGIC,
                                          F2FS_SUPER_MAGIC, TMPFS_MAGIC,     RAMFS_MAGIC};
    struct statfs at;
    if (fstatfs(fd, &at) < 0)
        return false;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if ((unsigned long)at.f_type == types[i])
            return true;
    return false;
}
