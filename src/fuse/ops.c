/* SPDX-License-Identifier: MIT */
/* Which operations a connection has. An operation that is missing is one the kernel does without. */
#include "config.h"

#include "fuse/ops-internal.h"

static const struct fuse_lowlevel_ops reading = {
    .init = sfs_op_init,
    .lookup = sfs_op_lookup,
    .forget = sfs_op_forget,
    .forget_multi = sfs_op_forget_multi,
    .getattr = sfs_op_getattr,
#ifdef HAVE_FUSE_OP_STATX
    .statx = sfs_op_statx,
#endif
    .readlink = sfs_op_readlink,
    .statfs = sfs_op_statfs,
    .ioctl = sfs_op_ioctl,
    .getxattr = sfs_op_getxattr,
    .listxattr = sfs_op_listxattr,
    .read = sfs_op_read,
    .readdir = sfs_op_readdir,
    .readdirplus = sfs_op_readdirplus,
    .lseek = sfs_op_lseek,
    .fsyncdir = sfs_op_fsyncdir,
};

static void add_writing(struct fuse_lowlevel_ops *ops)
{
    ops->setattr = sfs_op_setattr;
    ops->mknod = sfs_op_mknod;
    ops->mkdir = sfs_op_mkdir;
    ops->unlink = sfs_op_unlink;
    ops->rmdir = sfs_op_rmdir;
    ops->symlink = sfs_op_symlink;
    ops->rename = sfs_op_rename;
    ops->link = sfs_op_link;
    ops->create = sfs_op_create;
#ifdef HAVE_FUSE_OP_TMPFILE
    ops->tmpfile = sfs_op_tmpfile;
#endif
    ops->write = sfs_op_write;
    ops->fallocate = sfs_op_fallocate;
    ops->copy_file_range = sfs_op_copy_file_range;
    ops->setxattr = sfs_op_setxattr;
    ops->removexattr = sfs_op_removexattr;
}

/* Who opens files and directories, the daemon or the kernel alone, and whether the daemon hears of the end. */
static void add_opening(struct fuse_lowlevel_ops *ops, const struct sfs_policy *policy)
{
    ops->opendir = policy->kernel_lists ? sfs_op_opendir_by_kernel : sfs_op_opendir;
    if (!policy->kernel_lists)
        ops->releasedir = sfs_op_releasedir;
    ops->open = policy->kernel_opens ? sfs_op_open_by_kernel : sfs_op_open;
    if (!policy->kernel_opens)
        ops->release = sfs_op_release;
    if (!policy->kernel_flushes)
        ops->flush = sfs_op_flush;
    if (!policy->kernel_opens || !policy->read_only)
        ops->fsync = sfs_op_fsync;
}

struct fuse_lowlevel_ops sfs_ops_for(const struct sfs_map *map)
{
    const struct sfs_policy *policy = &map->policy;
    struct fuse_lowlevel_ops ops = reading;
    if (!policy->read_only)
        add_writing(&ops);
    add_opening(&ops, policy);
    if (!policy->kernel_locks) {
        ops.getlk = sfs_op_getlk;
        ops.setlk = sfs_op_setlk;
        ops.flock = sfs_op_flock;
    }
    return ops;
}
