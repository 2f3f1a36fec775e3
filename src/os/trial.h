/* SPDX-License-Identifier: MIT */
/*
 * Whether this machine lets the caller mount: tried for real, in a child with a mount namespace of its own, so that
 * nobody sees the mount and nothing stays.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum sfs_trial_kind { SFS_TRIAL_TMPFS, SFS_TRIAL_FUSE, SFS_TRIAL_BIND };

/* How far it came. */
enum sfs_trial_step {
    SFS_TRIAL_CHILD,     /* making the child */
    SFS_TRIAL_NAMESPACE, /* making the namespaces */
    SFS_TRIAL_DEVICE,    /* opening /dev/fuse */
    SFS_TRIAL_MOUNT,
    SFS_TRIAL_DONE,
};

struct sfs_trial {
    sfs_err result; /* 0, or -errno of the step that was refused */
    enum sfs_trial_step step;
    /* Of SFS_TRIAL_FUSE that is done: what the kernel says first (struct fuse_init_in); major is 0 when it was not
     * heard. */
    unsigned major, minor;
    uint64_t features; /* FUSE_* of linux/fuse.h, flags and flags2 */
};

/* Flags of linux/fuse.h that older headers lack. */
#define SFS_TRIAL_PASSTHROUGH (1ULL << 37)
#define SFS_TRIAL_IO_URING    (1ULL << 41)

/* Mount this kind; user: in a user namespace of one's own. Waits for the child. */
struct sfs_trial sfs_trial_mount(enum sfs_trial_kind kind, bool user);
