/* SPDX-License-Identifier: MIT */
/*
 * The mount table of this process, from /proc/self/mountinfo (proc_pid_mountinfo(5)), and questions about mounts that
 * never wait for a FUSE daemon unless they say so.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

/* The type of our mounts in the table. */
#define SFS_MOUNT_TYPE "fuse.stablefs"

/* One line of the table; the strings are unescaped and belong to the table. */
struct sfs_mount {
    int id, parent;
    dev_t device;
    const char *root;          /* what of the filesystem is mounted: "/" unless it is a bind mount */
    const char *point;         /* where, as this process sees it */
    const char *options;       /* of the mount: "rw,nosuid" */
    const char *type;          /* "ext4", "fuse.stablefs" */
    const char *source;        /* may be empty */
    const char *super_options; /* of the filesystem: "rw,user_id=0" */
};

struct sfs_mounts {
    struct sfs_mount *items; /* in the order of the table */
    size_t count;
    char *text; /* what the strings point into */
};

#define SFS_MOUNTS_INIT {NULL, 0, NULL}

/* Read the table. To be released. -EFBIG above 64 MiB, -EINVAL when it is not understood. */
sfs_err sfs_mounts_read(struct sfs_mounts *ret);
/* The table of another process, behind proc, a descriptor of its /proc/PID; paths are as that process sees them. */
sfs_err sfs_mounts_read_of(int proc, struct sfs_mounts *ret);
/* The same from a text of length bytes. Lines that are no mountinfo lines are -EINVAL. */
sfs_err sfs_mounts_parse(const char *text, size_t length, struct sfs_mounts *ret);
void sfs_mounts_release(struct sfs_mounts *mounts);
#define SFS_CLEANUP_MOUNTS __attribute__((cleanup(sfs_mounts_release)))

/*
 * The mount that a walk along the clean absolute path ends in, with mounts on top of others and over their ancestors
 * taken into account; NULL when the table does not say (a changed root directory).
 */
const struct sfs_mount *sfs_mounts_holding(const struct sfs_mounts *mounts, const char *path);
/* The mount whose mount point is path and that a walk to path ends in, or NULL. */
const struct sfs_mount *sfs_mounts_at(const struct sfs_mounts *mounts, const char *path);

/* True for a mount of stablefs. */
bool sfs_mount_is_ours(const struct sfs_mount *mount);
/* The number of an option such as "user_id=" in the super options; -1 when it is not there. */
long sfs_mount_option_number(const struct sfs_mount *mount, const char *key);

/*
 * The device number of what is at path (dirfd itself for ""; links at the end are followed when follow is true).  Does
 * not ask the daemon of a FUSE filesystem for the file itself (the kernel may ask for the directories on the way).
 */
sfs_err sfs_device_of(int dirfd, const char *path, bool follow, dev_t *ret);

/* Ask the filesystem at path itself: 0 when it answers, -ENOTCONN when its daemon has died. May wait for the daemon. */
sfs_err sfs_mount_probe(const char *path, dev_t *ret);

/*
 * The same in a process of its own that is given timeout milliseconds: -ETIMEDOUT when the daemon is stopped or hangs.
 */
sfs_err sfs_mount_probe_patiently(const char *path, int timeout);
