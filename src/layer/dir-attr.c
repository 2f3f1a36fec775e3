/* SPDX-License-Identifier: MIT */
/* Attributes, extended attributes and inode flags. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "layer/dir-internal.h"
#include "os/fd.h"
#include "os/file.h"

sfs_err dir_getattr(struct sfs_node *node, struct sfs_file *file, struct sfs_stat *ret)
{
    sfs_err r = file != NULL && file->fd >= 0 ? sfs_stat_fd(file->fd, ret) : dir_stat(node, ret);
    return r < 0 ? r : dir_show_number(node, ret);
}

static sfs_err set_size(int fd, const struct sfs_file *file, off_t size)
{
    if (size < 0)
        return -EINVAL;
    /* by the open file where there is one: it may be writable although the mode is not (open(2), O_CREAT) */
    if (file != NULL && (file->flags & O_ACCMODE) != O_RDONLY)
        return ftruncate(file->fd, size) < 0 ? -errno : 0;
    return truncate(sfs_fd_path(fd).text, size) < 0 ? -errno : 0;
}

static sfs_err set_times(int fd, const struct stat *to, unsigned set)
{
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_nsec = UTIME_OMIT}};
    if (set & SFS_SET_ATIME)
        times[0] = to->st_atim;
    if (set & SFS_SET_MTIME)
        times[1] = to->st_mtim;
    return utimensat(AT_FDCWD, sfs_fd_path(fd).text, times, 0) < 0 ? -errno : 0;
}

static bool is_member(const struct sfs_caller *caller, gid_t gid)
{
    for (size_t i = 0; i < caller->group_count; i++)
        if (caller->groups[i] == gid)
            return true;
    return caller->gid == gid;
}

/*
 * Nothing at all is chown(path, -1, -1), or a write that takes privileges away from the file.  Both move the change
 * time.  The kernel says in a mode which set-id bits are to go, but for one: the set-gid bit of a file that its group
 * cannot execute, which goes when somebody from outside the group writes (setattr_should_drop_sgid() in fs/attr.c).
 */
static sfs_err set_nothing(int fd, const struct sfs_caller *caller)
{
    struct sfs_stat at;
    sfs_err r = sfs_stat_fd(fd, &at);
    if (r < 0)
        return r;
    if (!S_ISREG(at.st.st_mode))
        return fchownat(fd, "", (uid_t)-1, (gid_t)-1, AT_EMPTY_PATH) < 0 ? -errno : 0;
    mode_t mode = at.st.st_mode & 07777;
    if (caller != NULL && (mode & (S_ISGID | S_IXGRP)) == S_ISGID && !is_member(caller, at.st.st_gid))
        mode &= ~(mode_t)S_ISGID;
    return chmod(sfs_fd_path(fd).text, mode) < 0 ? -errno : 0;
}

/*
 * The same where the kernel leaves it to us to take privileges away.  It asks for chown(path, -1, -1), which only the
 * owner may do to a file with set-id bits, and before a write by somebody who may not keep them; nothing tells the two
 * apart.  For others than the owner nothing happens here: what is written takes the bits away by itself.  (It also asks
 * before root writes to a file with capabilities: should that have set-id bits too, they go as well.)
 */
static sfs_err set_owned(int fd, const struct sfs_caller *caller)
{
    struct sfs_stat at;
    sfs_err r = sfs_stat_fd(fd, &at);
    if (r < 0 || (caller != NULL && caller->uid != at.st.st_uid))
        return r;
    r = set_nothing(fd, caller);
    if (r >= 0 && fchownat(fd, "", (uid_t)-1, (gid_t)-1, AT_EMPTY_PATH) < 0)
        r = -errno;
    return r;
}

/*
 * Owner before mode: chown(2) takes set-id bits away, and the kernel sends the mode along that is to hold afterwards.
 * Times last: everything else changes them.
 */
static sfs_err set_all(int fd, const struct sfs_file *file, const struct stat *to, unsigned set,
                       const struct sfs_caller *caller)
{
    sfs_err r = 0;
    if (set & SFS_SET_SIZE) {
        sfs_cred_drop(caller);
        r = set_size(fd, file, to->st_size);
        sfs_cred_restore(caller);
    }
    if (set == 0)
        r = set_nothing(fd, caller);
    if (set == SFS_SET_OWNED)
        r = set_owned(fd, caller);
    if (r >= 0 && (set & (SFS_SET_UID | SFS_SET_GID)) != 0) {
        uid_t uid = set & SFS_SET_UID ? to->st_uid : (uid_t)-1;
        gid_t gid = set & SFS_SET_GID ? to->st_gid : (gid_t)-1;
        r = fchownat(fd, "", uid, gid, AT_EMPTY_PATH) < 0 ? -errno : 0;
    }
    if (r >= 0 && (set & SFS_SET_MODE))
        r = chmod(sfs_fd_path(fd).text, to->st_mode & 07777) < 0 ? -errno : 0;
    if (r >= 0 && (set & (SFS_SET_ATIME | SFS_SET_MTIME)) != 0)
        r = set_times(fd, to, set);
    return r;
}

sfs_err dir_setattr(struct sfs_node *node, struct sfs_file *file, const struct stat *to, unsigned set,
                    const struct sfs_caller *caller, struct sfs_stat *ret)
{
    struct dir_reached reached;
    sfs_err r = dir_reach(node, &reached);
    if (r < 0)
        return r;
    r = set_all(reached.ref.fd, file, to, set, caller);
    if (r >= 0)
        r = sfs_stat_fd(reached.ref.fd, ret);
    dir_let_go(node, &reached);
    return r < 0 ? r : dir_show_number(node, ret);
}

sfs_err dir_readlink(struct sfs_node *node, char *target, size_t size)
{
    struct dir_reached reached;
    sfs_err r = dir_reach(node, &reached);
    if (r < 0)
        return r;
    ssize_t length = readlinkat(reached.ref.fd, "", target, size);
    r = length < 0 ? -errno : 0;
    dir_let_go(node, &reached);
    if (r < 0)
        return r == -ENOENT ? -EINVAL : r; /* "" names no link: it is something else */
    if ((size_t)length >= size)
        return -ENAMETOOLONG;
    target[length] = '\0';
    return 0;
}

sfs_err dir_statfs(struct sfs_node *node, struct statvfs *ret)
{
    struct dir_reached reached;
    sfs_err r = dir_reach(node, &reached);
    if (r < 0)
        return r;
    r = fstatvfs(reached.ref.fd, ret) < 0 ? -errno : 0;
    dir_let_go(node, &reached);
    return r;
}

ssize_t dir_getxattr(struct sfs_node *node, const char *name, void *value, size_t size)
{
    struct dir_reached reached;
    sfs_err r = dir_reach(node, &reached);
    if (r < 0)
        return r;
    ssize_t n = sfs_xattr_get(reached.ref.fd, name, value, size);
    dir_let_go(node, &reached);
    return n;
}

ssize_t dir_listxattr(struct sfs_node *node, char *list, size_t size)
{
    struct dir_reached reached;
    sfs_err r = dir_reach(node, &reached);
    if (r < 0)
        return r;
    ssize_t n = sfs_xattr_list(reached.ref.fd, list, size);
    dir_let_go(node, &reached);
    return n;
}

sfs_err dir_setxattr(struct sfs_node *node, const char *name, const void *value, size_t size, int flags,
                     const struct sfs_caller *caller)
{
    struct dir_reached reached;
    sfs_err r = dir_reach(node, &reached);
    if (r < 0)
        return r;
    /* setting an access ACL takes the set-gid bit from a file whose group the caller is not in (acl(5)) */
    bool as_caller = strcmp(name, "system.posix_acl_access") == 0;
    if (as_caller)
        sfs_cred_drop(caller);
    r = sfs_xattr_set(reached.ref.fd, name, value, size, flags);
    if (as_caller)
        sfs_cred_restore(caller);
    dir_let_go(node, &reached);
    return r;
}

sfs_err dir_removexattr(struct sfs_node *node, const char *name)
{
    struct dir_reached reached;
    sfs_err r = dir_reach(node, &reached);
    if (r < 0)
        return r;
    r = sfs_xattr_remove(reached.ref.fd, name);
    dir_let_go(node, &reached);
    return r;
}

sfs_err dir_inode_flags(struct sfs_node *node, struct sfs_file *file, unsigned command, void *value,
                        const struct sfs_caller *caller)
{
    SFS_CLEANUP_FD int own_fd = -1;
    int fd = file != NULL ? file->fd : -1;
    if (fd < 0) {
        struct sfs_stat at;
        fd = own_fd = dir_open_fd(node, O_RDONLY, &at);
        if (fd < 0)
            return fd == -EINVAL ? -ENOTTY : fd;
    }
    /* whether the caller may is for the source's filesystem to say: owner, or CAP_LINUX_IMMUTABLE for +i and +a */
    sfs_cred_drop(caller);
    sfs_err r = sfs_inode_flags(fd, command, value);
    sfs_cred_restore(caller);
    return r;
}
