/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/privileges.h"

#include <cap-ng.h>
#include <stddef.h>
#include <sys/prctl.h>

#include "base/log.h"

/* Any map by root: reach every file that the callers were permitted to reach, and take the mounts away at the end. */
static const unsigned read_only_needs[] = {
    CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER, CAP_SYS_ADMIN,
};

static const unsigned read_write_needs[] = {
    CAP_CHOWN,
    CAP_FSETID,
    CAP_LEASE,
    CAP_LINUX_IMMUTABLE, /* chattr +i */
    CAP_MKNOD,
    CAP_SETFCAP,         /* security.capability */
    CAP_SETGID,          /* creating as the caller */
    CAP_SETUID,
    /* not CAP_SYS_RESOURCE: with it everybody's writes would pass over quotas, since the daemon does them */
};

bool sfs_privileges_can_mount(void)
{
    return capng_get_caps_process() == 0 && capng_have_capability(CAPNG_EFFECTIVE, CAP_SYS_ADMIN) != 0;
}

static bool any_writable(const struct sfs_conf *conf)
{
    for (size_t i = 0; i < conf->map_count; i++) {
        if (conf->maps[i].mode != SFS_MODE_RO)
            return true;
    }
    return false;
}

/* Mark those of the needs that this process has; had: one bit per capability. */
static void keep(unsigned long long had, const unsigned *needs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if ((had >> needs[i] & 1) != 0)
            (void)capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_BOUNDING_SET, needs[i]);
    }
}

int sfs_privileges_drop(const struct sfs_conf *conf, struct sfs_error **err)
{
    if (capng_get_caps_process() != 0)
        return sfs_error_set(err, SFS_STATUS_REFUSED, "cannot read the own capabilities (is /proc mounted?)");
    unsigned long long had = 0;
    for (unsigned capability = 0; capability <= CAP_LAST_CAP; capability++) {
        if (capng_have_capability(CAPNG_PERMITTED, capability) != 0)
            had |= 1ULL << capability;
    }
    if (had == 0)
        return 0;
    bool bounding = (had >> CAP_SETPCAP & 1) != 0;
    capng_clear(CAPNG_SELECT_ALL);
    keep(had, read_only_needs, sizeof read_only_needs / sizeof read_only_needs[0]);
    if (any_writable(conf))
        keep(had, read_write_needs, sizeof read_write_needs / sizeof read_write_needs[0]);
    if ((had >> CAP_SYS_PTRACE & 1) != 0)
        (void)capng_update(CAPNG_ADD, CAPNG_PERMITTED | CAPNG_BOUNDING_SET, CAP_SYS_PTRACE);
    /* the bounding set first: changing it needs CAP_SETPCAP, which goes with the rest */
    if (bounding && capng_apply(CAPNG_SELECT_BOUNDS) != 0)
        sfs_log_debug("the capability bounding set stays as it is");
    if (capng_apply(CAPNG_SELECT_CAPS) != 0)
        return sfs_error_set(err, SFS_STATUS_REFUSED, "cannot give up capabilities (report this as a bug)");
    (void)capng_apply(CAPNG_SELECT_AMBIENT);
    return 0;
}

void sfs_privileges_see_processes(bool on)
{
    if (capng_get_caps_process() != 0 || capng_have_capability(CAPNG_PERMITTED, CAP_SYS_PTRACE) == 0)
        return;
    if (capng_update(on ? CAPNG_ADD : CAPNG_DROP, CAPNG_EFFECTIVE, CAP_SYS_PTRACE) == 0)
        (void)capng_apply(CAPNG_SELECT_CAPS);
}

void sfs_privileges_no_new(void)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        sfs_log_debug("no_new_privs: %m");
}
