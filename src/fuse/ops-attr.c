/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <limits.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "fuse/ops-internal.h"
#include "fuse/reply.h"
#include "os/file.h"

void sfs_op_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
    struct sfs_session *session = sfs_request(req, SFS_OP_GETATTR);
    struct sfs_node *node = node_of(session, ino);
    sfs_moment moment = sfs_moment_now(session);
    struct sfs_stat at;
    sfs_err r = sfs_node_ops(node)->getattr(node, file_of(fi), &at);
    sfs_reply_attr(req, r, node, &at, moment);
}

#ifdef HAVE_FUSE_OP_STATX
static struct statx_timestamp statx_time(const struct timespec *time)
{
    return (struct statx_timestamp){.tv_sec = time->tv_sec, .tv_nsec = (uint32_t)time->tv_nsec};
}

/* The kernel asks this instead of GETATTR when somebody wants to know when a file was made. */
void sfs_op_statx(fuse_req_t req, fuse_ino_t ino, int flags, int mask, struct fuse_file_info *fi)
{
    (void)flags, (void)mask;
    struct sfs_session *session = sfs_request(req, SFS_OP_GETATTR);
    struct sfs_node *node = node_of(session, ino);
    sfs_moment moment = sfs_moment_now(session);
    struct sfs_stat at;
    sfs_err r = sfs_node_ops(node)->getattr(node, file_of(fi), &at);
    if (r < 0) {
        sfs_reply(req, r);
        return;
    }
    sfs_map_present(session->map, &at.st);
    struct statx x = {
        .stx_mask = STATX_BASIC_STATS | (at.btime != 0 ? STATX_BTIME : 0),
        .stx_blksize = (uint32_t)at.st.st_blksize,
        .stx_nlink = (uint32_t)at.st.st_nlink,
        .stx_uid = at.st.st_uid,
        .stx_gid = at.st.st_gid,
        .stx_mode = (uint16_t)at.st.st_mode,
        .stx_ino = at.st.st_ino,
        .stx_size = (uint64_t)at.st.st_size,
        .stx_blocks = (uint64_t)at.st.st_blocks,
        .stx_atime = statx_time(&at.st.st_atim),
        .stx_mtime = statx_time(&at.st.st_mtim),
        .stx_ctime = statx_time(&at.st.st_ctim),
        .stx_btime = {.tv_sec = at.btime / 1000000000, .tv_nsec = (uint32_t)(at.btime % 1000000000)},
        .stx_rdev_major = major(at.st.st_rdev),
        .stx_rdev_minor = minor(at.st.st_rdev),
    };
    sfs_reply_statx(req, node, &x, moment);
}
#endif

/* FATTR_KILL_SUIDGID of linux/fuse.h, which libfuse passes on under another name. */
enum { LOSES_SET_ID = 1 << 11 };

/* The kernel's bits as the layer's; "now" travels in the time itself. */
static unsigned set_of(int to_set, struct stat *attr)
{
    unsigned set = 0;
    if (to_set & FUSE_SET_ATTR_MODE)
        set |= SFS_SET_MODE;
    if (to_set & FUSE_SET_ATTR_UID)
        set |= SFS_SET_UID;
    if (to_set & FUSE_SET_ATTR_GID)
        set |= SFS_SET_GID;
    if (to_set & FUSE_SET_ATTR_SIZE)
        set |= SFS_SET_SIZE;
    if (to_set & (FUSE_SET_ATTR_ATIME | FUSE_SET_ATTR_ATIME_NOW))
        set |= SFS_SET_ATIME;
    if (to_set & (FUSE_SET_ATTR_MTIME | FUSE_SET_ATTR_MTIME_NOW))
        set |= SFS_SET_MTIME;
    if (to_set & FUSE_SET_ATTR_ATIME_NOW)
        attr->st_atim.tv_nsec = UTIME_NOW;
    if (to_set & FUSE_SET_ATTR_MTIME_NOW)
        attr->st_mtim.tv_nsec = UTIME_NOW;
    return set;
}

void sfs_op_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *attr, int to_set, struct fuse_file_info *fi)
{
    struct sfs_session *session = sfs_request(req, SFS_OP_SETATTR);
    struct sfs_node *node = node_of(session, ino);
    struct sfs_file *file = file_of(fi);
    struct sfs_caller caller;
    struct stat to = *attr;
    unsigned set = set_of(to_set, &to);
    if (set == 0 && session->clears_bits)
        set = SFS_SET_OWNED;
    bool loses = session->root_loses && (to_set & LOSES_SET_ID) != 0;
    bool matters = (set == 0 || set == SFS_SET_OWNED || (set & SFS_SET_SIZE) != 0) &&
                   sfs_caller_matters(req, node, file, loses, &caller);
    sfs_moment moment = sfs_moment_now(session);
    struct sfs_stat at;
    sfs_err r = sfs_node_ops(node)->setattr(node, file, &to, set, matters ? &caller : NULL, &at);
    if (matters)
        sfs_caller_release(&caller);
    sfs_reply_attr(req, r, node, &at, moment);
}

void sfs_op_readlink(fuse_req_t req, fuse_ino_t ino)
{
    struct sfs_session *session = sfs_request(req, SFS_OP_READLINK);
    struct sfs_node *node = node_of(session, ino);
    char target[PATH_MAX + 1];
    sfs_err r = sfs_node_ops(node)->readlink(node, target, sizeof target);
    sfs_reply_target(req, r, target);
}

void sfs_op_statfs(fuse_req_t req, fuse_ino_t ino)
{
    struct sfs_session *session = sfs_request(req, SFS_OP_STATFS);
    struct statvfs at;
    memset(&at, 0, sizeof at);
    sfs_err r = sfs_map_statfs(session->map, node_of(session, ino), &at);
    sfs_reply_statfs(req, r, &at);
}

/*
 * Only what chattr(1) and lsattr(1) ask: the flags of an inode.  The kernel asks for them through a file that it opens
 * for the purpose (fs/fuse/ioctl.c); the numbers say how large the value is.
 */
void sfs_op_ioctl(fuse_req_t req, fuse_ino_t ino, unsigned command, void *arg, struct fuse_file_info *fi,
                  unsigned flags, const void *in, size_t in_size, size_t out_size)
{
    (void)arg;
    struct sfs_session *session = sfs_request(req, SFS_OP_IOCTL);
    struct sfs_node *node = node_of(session, ino);
    bool set = false;
    size_t size = sfs_inode_flags_size(command, &set);
    if (size == 0 || (flags & (FUSE_IOCTL_COMPAT | FUSE_IOCTL_UNRESTRICTED)) != 0) {
        sfs_reply(req, -ENOTTY);
        return;
    }
    if (set && session->map->policy.read_only) {
        sfs_reply(req, -EROFS);
        return;
    }
    /* the kernel may offer more or less room than the value has: long for GETFLAGS, which is an int */
    union {
        struct fsxattr attributes;
        long number;
    } value;
    memset(&value, 0, sizeof value);
    if (set ? in_size < size || in_size > sizeof value : out_size < size || out_size > sizeof value) {
        sfs_reply(req, -EINVAL);
        return;
    }
    if (set)
        memcpy(&value, in, in_size);
    struct sfs_caller caller;
    sfs_caller_of(req, false, &caller);
    sfs_err r = sfs_node_ops(node)->inode_flags(node, file_of(fi), command, &value, &caller);
    sfs_reply_ioctl(req, r, set ? NULL : &value, set ? 0 : out_size);
}
