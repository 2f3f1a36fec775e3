/* SPDX-License-Identifier: MIT */
/* What stablefs doctor finds out about this machine or container, by trying it. Nothing is judged here. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "daemon/doctor-where.h"
#include "os/trial.h"

/* How fusermount3(1) did: mounted for real, and taken away again. */
struct sfs_doctor_helper {
    bool found;
    char path[256];
    bool setuid;  /* it is root's and set-user-ID, on a filesystem where that works */
    bool untried; /* there was no directory to try it in */
    bool works;
    char said[160]; /* why not, in its words */
};

struct sfs_doctor_facts {
    enum sfs_doctor_where where;
    const char *where_why;                      /* what told; static, or of the environment */
    bool root, can_mount;                       /* effective user ID 0; CAP_SYS_ADMIN */
    bool initial;                               /* in the initial user namespace */
    sfs_err device;                             /* opening /dev/fuse: 0 or -errno */
    struct sfs_trial direct, space, space_fuse; /* FUSE; a user namespace with a tmpfs in it; with FUSE in it */
    struct sfs_trial bind;                      /* a bind mount, in the namespace that run would have */
    struct sfs_doctor_helper helper;
    bool others_allowed; /* user_allow_other in /etc/fuse.conf */
    bool no_new_privs;
    size_t descriptors;      /* the hard limit */
    long most_spaces;        /* user.max_user_namespaces; -1: not known, here and below */
    long clone_allowed;      /* kernel.unprivileged_userns_clone (Debian's and Arch's kernels) */
    long apparmor_restricts; /* kernel.apparmor_restrict_unprivileged_userns (Ubuntu's) */
    long seccomp;            /* 0: no filter; 2: one is in force (proc_pid_status(5)) */
    bool confined;           /* by an AppArmor profile that enforces */
    char profile[128];       /* its name, "" when there is none */
    long io_uring;           /* the fuse module's enable_uring */
    char kernel[65];         /* release */
    const char *library;     /* libfuse's version */
    bool library_passes;     /* this build can do passthrough */
};

/* Try everything. For a process of one thread; takes some ten milliseconds. */
void sfs_doctor_find_out(struct sfs_doctor_facts *ret);
