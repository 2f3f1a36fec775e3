/* SPDX-License-Identifier: MIT */
/* Which operations a connection has. An operation that is missing is one the kernel does without. */
#include "config.h"

#include "fuse/ops-internal.h"

#ifdef HAVE_FUSE_OP_STATX
#define STATX_OP .statx = sfs_op_statx,
#else
#define STATX_OP
#endif

#define READING_OPS                                                                                                    \
    STATX_OP.init = sfs_op_init, .lookup = sfs_op_lookup, .forget = sfs_op_forget, .forget_multi = sfs_op_forget_multi,        \
    .getattr = sfs_op_getattr, .readlink = sfs_op_readlink, .statfs = sfs_op_statfs, .ioctl = sfs_op_ioctl,            \
    .getxattr = sfs_op_getxattr, .listxattr = sfs_op_listxattr, .read = sfs_op_read, .lseek = sfs_op_lseek,            \
    .readdir = sfs_op_readdir, .readdirplus = sfs_op_readdirplus, .fsyncdir = sfs_op_fsyncdir

#define FILE_OPS                                                                                                       \
    .open = sfs_op_open, .flush = sfs_op_flush, .release = sfs_op_release, .fsync = sfs_op_fsync

#ifdef HAVE_FUSE_OP_TMPFILE
#define TMPFILE_OP .tmpfile = sfs_op_tmpfile,
#else
#define TMPFILE_OP
#endif

#define WRITING_OPS                                                                                                    \
    TMPFILE_OP.setattr = sfs_op_setattr, .mknod = sfs_op_mknod, .mkdir = sfs_op_mkdir, .unlink = sfs_op_unlink,        \
    .rmdir = sfs_op_rmdir, .symlink = sfs_op_symlink, .rename = sfs_op_rename, .link = sfs_op_link,                    \
    .create = sfs_op_create, .write = sfs_op_write, .fallocate = sfs_op_fallocate,                                     \
    .copy_file_range = sfs_op_copy_file_range, .setxattr = sfs_op_setxattr, .removexattr = sfs_op_removexattr,         \
    .getlk = sfs_op_getlk, .setlk = sfs_op_setlk, .flock = sfs_op_flock

/* Who opens directories: the daemon, or the kernel alone. */
#define DIRECTORY_OPS .opendir = sfs_op_opendir, .releasedir = sfs_op_releasedir
#define DIRECTORY_OPS_BY_KERNEL .opendir = sfs_op_opendir_by_kernel

/*
 * Read-only maps leave locks to the kernel, between the processes that use the map: a lock is a change of the source
 * that others feel.
 */
static const struct fuse_lowlevel_ops by_kernel = {READING_OPS, DIRECTORY_OPS_BY_KERNEL, .open = sfs_op_open_by_kernel};

static const struct fuse_lowlevel_ops reading = {READING_OPS, FILE_OPS, DIRECTORY_OPS};
static const struct fuse_lowlevel_ops reading_listed = {READING_OPS, FILE_OPS, DIRECTORY_OPS_BY_KERNEL};
static const struct fuse_lowlevel_ops writing = {READING_OPS, FILE_OPS, WRITING_OPS, DIRECTORY_OPS};
static const struct fuse_lowlevel_ops writing_listed = {READING_OPS, FILE_OPS, WRITING_OPS, DIRECTORY_OPS_BY_KERNEL};

const struct fuse_lowlevel_ops *sfs_ops_for(const struct sfs_map *map)
{
    const struct sfs_policy *policy = &map->policy;
    if (policy->kernel_opens)
        return &by_kernel;
    if (policy->read_only)
        return policy->kernel_lists ? &reading_listed : &reading;
    return policy->kernel_lists ? &writing_listed : &writing;
}
