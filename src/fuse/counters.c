/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "fuse/counters.h"

static const char *const op_names[SFS_OP_COUNT] = {
    [SFS_OP_LOOKUP] = "lookup",
    [SFS_OP_FORGET] = "forget",
    [SFS_OP_GETATTR] = "getattr",
    [SFS_OP_SETATTR] = "setattr",
    [SFS_OP_READLINK] = "readlink",
    [SFS_OP_MKNOD] = "mknod",
    [SFS_OP_MKDIR] = "mkdir",
    [SFS_OP_UNLINK] = "unlink",
    [SFS_OP_RMDIR] = "rmdir",
    [SFS_OP_SYMLINK] = "symlink",
    [SFS_OP_RENAME] = "rename",
    [SFS_OP_LINK] = "link",
    [SFS_OP_OPEN] = "open",
    [SFS_OP_CREATE] = "create",
    [SFS_OP_TMPFILE] = "tmpfile",
    [SFS_OP_READ] = "read",
    [SFS_OP_WRITE] = "write",
    [SFS_OP_FLUSH] = "flush",
    [SFS_OP_RELEASE] = "release",
    [SFS_OP_FSYNC] = "fsync",
    [SFS_OP_FALLOCATE] = "fallocate",
    [SFS_OP_LSEEK] = "lseek",
    [SFS_OP_COPY_FILE_RANGE] = "copy_file_range",
    [SFS_OP_OPENDIR] = "opendir",
    [SFS_OP_READDIR] = "readdir",
    [SFS_OP_READDIRPLUS] = "readdirplus",
    [SFS_OP_RELEASEDIR] = "releasedir",
    [SFS_OP_FSYNCDIR] = "fsyncdir",
    [SFS_OP_STATFS] = "statfs",
    [SFS_OP_GETXATTR] = "getxattr",
    [SFS_OP_LISTXATTR] = "listxattr",
    [SFS_OP_SETXATTR] = "setxattr",
    [SFS_OP_REMOVEXATTR] = "removexattr",
    [SFS_OP_GETLK] = "getlk",
    [SFS_OP_SETLK] = "setlk",
    [SFS_OP_FLOCK] = "flock",
    [SFS_OP_IOCTL] = "ioctl",
};

const char *sfs_op_name(enum sfs_op op)
{
    return op_names[op];
}

uint64_t sfs_counters_total(const struct sfs_counters *counters)
{
    uint64_t total = 0;
    for (size_t i = 0; i < SFS_OP_COUNT; i++)
        total += atomic_load_explicit(&counters->requests[i], memory_order_relaxed);
    return total;
}
