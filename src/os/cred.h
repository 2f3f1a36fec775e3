/* SPDX-License-Identifier: MIT */
/*
 * Acting for a caller.  What the daemon creates must belong to the process that asked: its uid, gid and umask, and the
 * set-gid rules of its groups.  Everything here is per thread (credentials(7): glibc's wrappers change all threads,
 * so the system calls are used directly).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

struct sfs_caller {
    uid_t uid;
    gid_t gid;
    pid_t pid; /* 0 when it is not visible from here */
    mode_t umask;
    const gid_t *groups; /* supplementary groups; only looked at when group_count is not 0 */
    size_t group_count;
    bool lowered;  /* for sfs_cred_drop(): this process's own user, without privileges over set-id bits */
    bool uid_only; /* for sfs_cred_drop(): only the user counts, and what is done is done on an open file */
};

/*
 * Once, after privileges were given up and before any thread is made: learns whether this process may take other
 * identities, gives up its supplementary groups if so, and makes sure that threads can have an umask of their own.
 * Returns 0 or -errno (-EPERM: unshare(CLONE_FS) is forbidden here).
 */
sfs_err sfs_cred_init(void);

/* Whether files can be made in other users' names (CAP_SETUID and CAP_SETGID). */
bool sfs_cred_can_switch(void);

/*
 * Whether the kernel will take files from this process as backing files of FUSE passthrough: it asks for CAP_SYS_ADMIN
 * in the initial user namespace (fs/fuse/backing.c).
 */
bool sfs_cred_may_pass(void);

/* Whether this process may open any file of a local filesystem, whatever its mode says. */
bool sfs_cred_overrides(void);

/* Whether this process is in the initial user namespace, which no container has made. */
bool sfs_cred_in_initial_namespace(void);

/* Whether one uid and one gid are all that exists in this process's user namespace, as after unshare --user. */
bool sfs_cred_alone(void);

/*
 * Take the caller's identity for making a file, on this thread: filesystem uid and gid, umask; CAP_FSETID,
 * CAP_CHOWN and CAP_FOWNER are off, so that the kernel applies the set-id rules.  CAP_DAC_OVERRIDE stays: the kernel
 * has checked the permission already (default_permissions), with rights that the caller may have in a namespace.
 *
 * Returns 0; -EPERM when the caller is another user and this process cannot switch; -EOVERFLOW for a caller whose ids
 * do not exist in this user namespace.  After success sfs_cred_leave() must follow on the same thread.
 */
sfs_err sfs_cred_enter(const struct sfs_caller *caller);
void sfs_cred_leave(const struct sfs_caller *caller);

/*
 * Do without privileges over set-id bits and inode flags for a while, if the caller has none: sfs_cred_enter() that
 * leaves the umask and refuses nobody.  For O_TRUNC, writes and chattr(1) by others than root.  A caller of NULL is
 * this process itself.  With uid_only (one system call instead of three) no privilege over files is left meanwhile.
 */
void sfs_cred_drop(const struct sfs_caller *caller);
void sfs_cred_restore(const struct sfs_caller *caller);

/*
 * Do without privileges over set-id bits, owners and inode flags for a while, and else stay who this process is.  For
 * this thread.
 */
void sfs_cred_lower(void);
void sfs_cred_raise(void);

/*
 * mkdirat(2) as this user and group, with their rights and no others, for a process of one thread. 0 or -errno.
 */
sfs_err sfs_cred_mkdir(int dfd, const char *name, mode_t mode, uid_t uid, gid_t gid);

/* Whether gid is among the groups of this process. */
bool sfs_cred_in_group(gid_t gid);
