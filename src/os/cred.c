/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "os/cred.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* what capget(2) and capset(2) take in version 3: 64 bits in two halves */
struct capabilities {
    struct __user_cap_data_struct half[2];
};

/* all set by sfs_cred_init(), then only read */
static bool can_switch;
static uid_t own_uid;
static gid_t own_gid;
static struct capabilities caps_own;    /* what this process works with, as it found them */
static struct capabilities caps_caller; /* what is left while it acts for somebody else */

static sfs_err capabilities_set(const struct capabilities *caps)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    return syscall(SYS_capset, &header, caps->half) < 0 ? -errno : 0;
}

static bool capabilities_have(const struct capabilities *caps, unsigned cap)
{
    return (caps->half[cap / 32].effective & (UINT32_C(1) << (cap % 32))) != 0;
}

static void capabilities_lower(struct capabilities *caps, unsigned cap)
{
    caps->half[cap / 32].effective &= ~(UINT32_C(1) << (cap % 32));
}

sfs_err sfs_cred_init(void)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    if (syscall(SYS_capget, &header, caps_own.half) < 0)
        return -errno;
    caps_caller = caps_own;
    static const unsigned lowered[] = {CAP_FSETID, CAP_CHOWN, CAP_FOWNER, CAP_LINUX_IMMUTABLE};
    for (size_t i = 0; i < sizeof lowered / sizeof lowered[0]; i++)
        capabilities_lower(&caps_caller, lowered[i]);
    can_switch = capabilities_have(&caps_own, CAP_SETUID) && capabilities_have(&caps_own, CAP_SETGID);
    own_uid = geteuid();
    own_gid = getegid();
    /* the daemon's groups must not count as the caller's; where a namespace forbids the call there are none to lose */
    if (can_switch)
        (void)syscall(SYS_setgroups, 0, NULL);
    /* a thread with an umask of its own needs this; better to hear of a refusal now than at the first file */
    return unshare(CLONE_FS) < 0 ? -errno : 0;
}

bool sfs_cred_can_switch(void)
{
    return can_switch;
}

/* The ranges of ids that exist in this user namespace (user_namespaces(7)): how many, and the first. 0: not known. */
static size_t read_ranges(const char *file, unsigned long *ret_inside, unsigned long *ret_outside,
                          unsigned long *ret_count)
{
    FILE *map = fopen(file, "re");
    if (map == NULL)
        return 0;
    size_t ranges = 0;
    unsigned long inside, outside, count;
    while (fscanf(map, "%lu %lu %lu", &inside, &outside, &count) == 3) {
        if (ranges++ > 0)
            continue;
        *ret_inside = inside;
        *ret_outside = outside;
        *ret_count = count;
    }
    (void)fclose(map);
    return ranges;
}

/* That one maps all ids to themselves. */
bool sfs_cred_in_initial_namespace(void)
{
    unsigned long inside, outside, count;
    return read_ranges("/proc/self/uid_map", &inside, &outside, &count) > 0 && inside == 0 && outside == 0 &&
           count == UINT32_MAX;
}

bool sfs_cred_alone(void)
{
    unsigned long inside, outside, count;
    return read_ranges("/proc/self/uid_map", &inside, &outside, &count) == 1 && count == 1 &&
           read_ranges("/proc/self/gid_map", &inside, &outside, &count) == 1 && count == 1;
}

bool sfs_cred_may_pass(void)
{
    return capabilities_have(&caps_own, CAP_SYS_ADMIN) && sfs_cred_in_initial_namespace();
}

bool sfs_cred_overrides(void)
{
    return own_uid == 0 && capabilities_have(&caps_own, CAP_DAC_OVERRIDE) && sfs_cred_in_initial_namespace();
}

bool sfs_cred_in_group(gid_t gid)
{
    return gid == own_gid || group_member(gid) == 1;
}

/* The umask belongs to struct fs_struct, which threads share until they ask not to (unshare(2), CLONE_FS). */
static sfs_err thread_umask(mode_t mask)
{
    static _Thread_local bool own_fs;
    if (!own_fs) {
        if (unshare(CLONE_FS) < 0)
            return -errno;
        own_fs = true;
    }
    (void)umask(mask);
    return 0;
}

static sfs_err take_ids(const struct sfs_caller *caller)
{
    if (!caller->uid_only && caller->gid != own_gid)
        (void)setfsgid(caller->gid);
    if (caller->uid == own_uid)
        return 0;
    if (caller->group_count > 0 && syscall(SYS_setgroups, caller->group_count, caller->groups) < 0)
        return -errno;
    /* leaving 0 takes all file-related capabilities out of the effective set (capabilities(7)): set what is to stay */
    (void)setfsuid(caller->uid);
    return caller->uid_only ? 0 : capabilities_set(&caps_caller);
}

static void give_back_ids(const struct sfs_caller *caller)
{
    if (caller->uid != own_uid) {
        (void)setfsuid(own_uid); /* coming back to 0 gives back what leaving it took */
        if (!caller->uid_only)
            (void)capabilities_set(&caps_own);
        if (caller->group_count > 0)
            (void)syscall(SYS_setgroups, 0, NULL);
    }
    if (!caller->uid_only && caller->gid != own_gid)
        (void)setfsgid(own_gid);
}

sfs_err sfs_cred_enter(const struct sfs_caller *caller)
{
    if (caller->uid == (uid_t)-1 || caller->gid == (gid_t)-1)
        return -EOVERFLOW;
    if (!can_switch && (caller->uid != own_uid || !sfs_cred_in_group(caller->gid)))
        return -EPERM;
    sfs_err r = thread_umask(caller->umask);
    if (r < 0 || !can_switch)
        return r;
    r = take_ids(caller);
    if (r < 0)
        give_back_ids(caller);
    return r;
}

void sfs_cred_leave(const struct sfs_caller *caller)
{
    if (can_switch)
        give_back_ids(caller);
}

static bool is_other(const struct sfs_caller *caller)
{
    return can_switch && caller != NULL && caller->uid != own_uid && caller->uid != (uid_t)-1;
}

void sfs_cred_drop(const struct sfs_caller *caller)
{
    if (is_other(caller))
        (void)take_ids(caller);
    else if (caller != NULL && caller->lowered)
        sfs_cred_lower();
}

void sfs_cred_restore(const struct sfs_caller *caller)
{
    if (is_other(caller))
        give_back_ids(caller);
    else if (caller != NULL && caller->lowered)
        sfs_cred_raise();
}

void sfs_cred_lower(void)
{
    (void)capabilities_set(&caps_caller);
}

void sfs_cred_raise(void)
{
    (void)capabilities_set(&caps_own);
}

sfs_err sfs_cred_mkdir(int dfd, const char *name, mode_t mode, uid_t uid, gid_t gid)
{
    int own_fsgid = setfsgid(gid), own_fsuid = setfsuid(uid);
    sfs_err r = mkdirat(dfd, name, mode) < 0 ? -errno : 0;
    (void)setfsuid((uid_t)own_fsuid);
    (void)setfsgid((gid_t)own_fsgid);
    return r;
}
