/* SPDX-License-Identifier: MIT */
/* What mends what is missing, as a line that can be typed or handed to whoever may do it: a table, no code. */
#pragma once

#include "base/error.h"
#include "daemon/doctor-where.h"

enum sfs_doctor_need {
    SFS_NEED_NOTHING,
    SFS_NEED_DEVICE,     /* there is no /dev/fuse */
    SFS_NEED_ACCESS,     /* it may not be opened by anybody here */
    SFS_NEED_MODE,       /* its mode forbids it */
    SFS_NEED_MOUNT,      /* CAP_SYS_ADMIN */
    SFS_NEED_UNCONFINED, /* an AppArmor profile that lets it mount */
    SFS_NEED_SPACES,     /* user.max_user_namespaces is 0, or used up */
    SFS_NEED_CLONE,      /* kernel.unprivileged_userns_clone is 0 */
    SFS_NEED_PROFILE,    /* kernel.apparmor_restrict_unprivileged_userns is 1 */
    SFS_NEED_SPACE,      /* user namespaces are refused, by seccomp or something that cannot be asked */
    SFS_NEED_KERNEL,     /* FUSE in user namespaces */
    SFS_NEED_HELPER,     /* fusermount3 */
    SFS_NEED_SETUID,     /* fusermount3 is not set-user-ID root */
    SFS_NEED_ACCOUNT,    /* fusermount3 wants a name for the user */
    SFS_NEED_NEW_PRIVS,  /* no_new_privs is set, so fusermount3 gains nothing */
    SFS_NEED_ALLOW_OTHER,
    SFS_NEED_DESCRIPTORS,
    SFS_NEED_PASS_LIBRARY, /* passthrough: another build */
    SFS_NEED_PASS_KERNEL,  /* passthrough: another kernel */
    SFS_NEED_COUNT,
};

/* The line for this need here; NULL when nothing is known (or needed). */
const char *sfs_doctor_advice(enum sfs_doctor_need need, enum sfs_doctor_where where);
/* The same for this process; never NULL. */
const char *sfs_doctor_advice_here(enum sfs_doctor_need need);

/* What opening /dev/fuse lacked when it failed with r. */
enum sfs_doctor_need sfs_doctor_need_of_device(sfs_err r);
