/* SPDX-License-Identifier: MIT */
/* Mount namespaces of one's own, for the process that calls; with a user namespace where there are no privileges. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/*
 * Which mount namespace: two processes are in the same one when both numbers are equal (namespaces(7)).  A namespace
 * that is made when another has gone may get that one's numbers, but never its id.
 */
struct sfs_namespace {
    dev_t device;
    ino_t inode;
    uint64_t id; /* NS_GET_MNTNS_ID (linux/nsfs.h, Linux 6.11); 0: the kernel does not say */
};

/*
 * Whether this process could make a user namespace and mount in it, tried in a child: 0, or the -errno of what was
 * refused (-EPERM or -EACCES: by a sysctl or a security module; -ENOSPC: too many; -ENOSYS, -EINVAL: not in this
 * kernel).
 */
sfs_err sfs_namespace_try_user(void);

/*
 * Enter a new mount namespace; what is mounted outside later still appears in it, and nothing goes the other way.
 * user: make a user namespace first, in which only the caller's own uid and gid exist (as themselves), with all
 * capabilities there until the next execve(2).  For a process of one thread.  0 or -errno.
 */
sfs_err sfs_namespace_enter(bool user);

/* The mount namespace of this process. -ENOENT without /proc. */
sfs_err sfs_namespace_own(struct sfs_namespace *ret);

/*
 * How many processes are in this mount namespace.  kill: each is sent SIGKILL, but those called spare (a process name;
 * may be NULL); new ones may have been made meanwhile, so ask again until there are none.  Only those that this process
 * may look at (ptrace(2), access mode checking) count.  -errno when /proc cannot be read.  Without an id the namespace
 * must be known to exist, or another one could be meant.
 */
sfs_err sfs_namespace_count(const struct sfs_namespace *space);
sfs_err sfs_namespace_kill(const struct sfs_namespace *space, const char *spare);

/* Another process and where it lives; to be released.  Its number may be used again, this means the process itself. */
struct sfs_namespace_process {
    int proc;    /* its /proc/PID */
    int root;    /* its root directory */
    int mounts;  /* its mount namespace */
};

#define SFS_NAMESPACE_PROCESS_INIT {-1, -1, -1}

/*
 * -ENOENT: there is no such process; -EACCES, -EPERM: not permitted (ptrace(2), access mode checking); -EEXIST: it is
 * in the mount namespace of the caller.  0 otherwise.
 */
sfs_err sfs_namespace_open(pid_t pid, struct sfs_namespace_process *ret);
void sfs_namespace_release(struct sfs_namespace_process *process);
#define SFS_CLEANUP_NAMESPACE_PROCESS __attribute__((cleanup(sfs_namespace_release)))

/*
 * Enter its mount namespace, for good; its root is behind process->root from then on, and "/" is what the namespace
 * began with.  For a process of one thread.  0 or -errno (-EPERM: setns(2)).
 */
sfs_err sfs_namespace_join(const struct sfs_namespace_process *process);
