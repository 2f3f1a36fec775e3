/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "os/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "os/fd.h"
#include "os/mounts.h"

static unsigned long fuse_flags(const struct sfs_tree_mount *fuse)
{
    return (fuse->read_only ? MS_RDONLY : 0) | (fuse->nosuid ? MS_NOSUID : 0) | (fuse->nodev ? MS_NODEV : 0) |
           (fuse->noexec ? MS_NOEXEC : 0) | (fuse->noatime ? MS_NOATIME : 0) | (fuse->sync ? MS_SYNCHRONOUS : 0) |
           (fuse->dirsync ? MS_DIRSYNC : 0);
}

sfs_err sfs_tree_fuse(const struct sfs_tree_mount *fuse, int *ret_fd, bool *ret_device)
{
    SFS_CLEANUP_FD int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    *ret_device = fd < 0;
    if (fd < 0)
        return -errno;
    char options[160];
    (void)snprintf(options, sizeof options, "fd=%d,rootmode=%o,user_id=%lu,group_id=%lu,default_permissions%s", fd,
                   S_IFDIR, (unsigned long)geteuid(), (unsigned long)getegid(),
                   fuse->allow_other ? ",allow_other" : "");
    if (mount(fuse->source, fuse->point, SFS_MOUNT_TYPE, fuse_flags(fuse), options) < 0)
        return -errno;
    *ret_fd = SFS_TAKE_FD(fd);
    return 0;
}

static int set_number(int context, const char *key, bool octal, unsigned number)
{
    char text[16];
    (void)snprintf(text, sizeof text, octal ? "%o" : "%u", number);
    return fsconfig(context, FSCONFIG_SET_STRING, key, text, 0);
}

static sfs_err new_tmpfs(const struct stat *like)
{
    SFS_CLEANUP_FD int context = fsopen("tmpfs", FSOPEN_CLOEXEC);
    if (context < 0 || set_number(context, "mode", true, like->st_mode & 07777U) < 0)
        return -errno;
    /* ids that do not exist here are refused: then it is the caller's own */
    (void)set_number(context, "uid", false, like->st_uid);
    (void)set_number(context, "gid", false, like->st_gid);
    if (fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
        return -errno;
    int fd = fsmount(context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
    return fd < 0 ? -errno : fd;
}

sfs_err sfs_tree_cover(int dfd)
{
    struct stat like;
    if (fstat(dfd, &like) < 0)
        return -errno;
    SFS_CLEANUP_FD int fd = new_tmpfs(&like);
    if (fd < 0)
        return fd;
    sfs_err r = sfs_tree_attach(fd, dfd);
    return r < 0 ? r : SFS_TAKE_FD(fd);
}

sfs_err sfs_tree_bind(int from, int to, const char *name)
{
    SFS_CLEANUP_FD int tree = open_tree(
        from, name, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT);
    if (tree < 0 || move_mount(tree, "", to, name, MOVE_MOUNT_F_EMPTY_PATH) < 0)
        return -errno;
    return 0;
}

sfs_err sfs_tree_show(const struct sfs_tree_mount *mount)
{
    SFS_CLEANUP_FD int tree = open_tree(AT_FDCWD, mount->source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
    if (tree < 0)
        return -errno;
    struct mount_attr attributes = {
        .attr_set = (mount->read_only ? MOUNT_ATTR_RDONLY : 0) | (mount->nosuid ? MOUNT_ATTR_NOSUID : 0) |
                    (mount->nodev ? MOUNT_ATTR_NODEV : 0) | (mount->noexec ? MOUNT_ATTR_NOEXEC : 0) |
                    (mount->noatime ? MOUNT_ATTR_NOATIME : 0),
        .attr_clr = mount->noatime ? MOUNT_ATTR__ATIME : 0,
    };
    if (mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof attributes) < 0 ||
        move_mount(tree, "", AT_FDCWD, mount->point, MOVE_MOUNT_F_EMPTY_PATH) < 0)
        return -errno;
    return 0;
}

sfs_err sfs_tree_clone(const char *path)
{
    SFS_CLEANUP_FD int tree =
        open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW);
    struct mount_attr attributes = {.propagation = MS_PRIVATE};
    if (tree < 0 || mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof attributes) < 0)
        return -errno;
    return SFS_TAKE_FD(tree);
}

sfs_err sfs_tree_attach(int tree, int dfd)
{
    return move_mount(tree, "", dfd, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0 ? -errno : 0;
}

sfs_err sfs_tree_freeze(int fd)
{
    struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY};
    return mount_setattr(fd, "", AT_EMPTY_PATH, &attributes, sizeof attributes) < 0 ? -errno : 0;
}

/* pivot_root(2), NOTES: with both arguments ".", the old root ends up on top of the new one. */
sfs_err sfs_tree_pivot(int old, int new)
{
    if (fchdir(new) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 || fchdir(old) < 0 || umount2(".", MNT_DETACH) < 0 ||
        chdir("/") < 0)
        return -errno;
    return 0;
}
