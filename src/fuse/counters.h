/* SPDX-License-Identifier: MIT */
/* Requests by kind, for status(1). Any thread. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sfs_op {
    SFS_OP_LOOKUP,
    SFS_OP_FORGET,
    SFS_OP_GETATTR,
    SFS_OP_SETATTR,
    SFS_OP_READLINK,
    SFS_OP_MKNOD,
    SFS_OP_MKDIR,
    SFS_OP_UNLINK,
    SFS_OP_RMDIR,
    SFS_OP_SYMLINK,
    SFS_OP_RENAME,
    SFS_OP_LINK,
    SFS_OP_OPEN,
    SFS_OP_CREATE,
    SFS_OP_TMPFILE,
    SFS_OP_READ,
    SFS_OP_WRITE,
    SFS_OP_FLUSH,
    SFS_OP_RELEASE,
    SFS_OP_FSYNC,
    SFS_OP_FALLOCATE,
    SFS_OP_LSEEK,
    SFS_OP_COPY_FILE_RANGE,
    SFS_OP_OPENDIR,
    SFS_OP_READDIR,
    SFS_OP_READDIRPLUS,
    SFS_OP_RELEASEDIR,
    SFS_OP_FSYNCDIR,
    SFS_OP_STATFS,
    SFS_OP_GETXATTR,
    SFS_OP_LISTXATTR,
    SFS_OP_SETXATTR,
    SFS_OP_REMOVEXATTR,
    SFS_OP_GETLK,
    SFS_OP_SETLK,
    SFS_OP_FLOCK,
    SFS_OP_IOCTL,
    SFS_OP_COUNT
};

struct sfs_counters {
    _Atomic uint64_t requests[SFS_OP_COUNT];
    _Atomic uint64_t errors; /* replies that were errors, a missing name or attribute excepted */
};

/* "lookup", "getattr", ... */
const char *sfs_op_name(enum sfs_op op);

static inline void sfs_count(struct sfs_counters *counters, enum sfs_op op)
{
    atomic_fetch_add_explicit(&counters->requests[op], 1, memory_order_relaxed);
}

/* All kinds together. */
uint64_t sfs_counters_total(const struct sfs_counters *counters);
