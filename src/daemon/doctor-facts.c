/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/doctor-facts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "daemon/doctor-helper.h"
#include "daemon/preflight.h"
#include "daemon/privileges.h"
#include "fuse/session.h"
#include "os/cred.h"
#include "os/fd.h"
#include "os/process.h"

#define FILE_MOST 65536

/* The number in a file of /proc or /sys ("Y" is 1), or -1. */
static long read_number(const char *path)
{
    SFS_CLEANUP_STRBUF struct sfs_strbuf text = SFS_STRBUF_INIT;
    if (sfs_process_read_file(AT_FDCWD, path, FILE_MOST, &text) < 0 || text.length == 0)
        return -1;
    if (text.data[0] == 'Y' || text.data[0] == 'N')
        return text.data[0] == 'Y';
    char *end;
    long number = strtol(text.data, &end, 10);
    return end != text.data ? number : -1;
}

static long read_seccomp(void)
{
    SFS_CLEANUP_STRBUF struct sfs_strbuf text = SFS_STRBUF_INIT;
    if (sfs_process_read_file(AT_FDCWD, "/proc/self/status", FILE_MOST, &text) < 0)
        return -1;
    const char *line = strstr(text.data, "\nSeccomp:");
    return line != NULL ? strtol(line + strlen("\nSeccomp:"), NULL, 10) : -1;
}

/* "docker-default (enforce)" or "unconfined"; what SELinux says there has another form. */
static void read_profile(struct sfs_doctor_facts *facts)
{
    static const char *const files[] = {"/proc/self/attr/apparmor/current", "/proc/self/attr/current"};
    SFS_CLEANUP_STRBUF struct sfs_strbuf text = SFS_STRBUF_INIT;
    for (size_t i = 0; i < sizeof files / sizeof files[0] && text.length == 0; i++) {
        if (sfs_process_read_file(AT_FDCWD, files[i], FILE_MOST, &text) < 0)
            sfs_strbuf_truncate(&text, 0);
    }
    const char *mode = strstr(text.data, " (");
    if (mode == NULL && strncmp(text.data, "unconfined", strlen("unconfined")) != 0)
        return;
    facts->confined = mode != NULL && strncmp(mode, " (enforce)", strlen(" (enforce)")) == 0;
    size_t length = mode != NULL ? (size_t)(mode - text.data) : strcspn(text.data, "\n");
    (void)snprintf(facts->profile, sizeof facts->profile, "%.*s", (int)length, text.data);
}

static sfs_err open_device(void)
{
    SFS_CLEANUP_FD int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    return fd < 0 ? -errno : 0;
}

static size_t hard_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return 0;
    return limit.rlim_max == RLIM_INFINITY ? (size_t)-1 : (size_t)limit.rlim_max;
}

static void read_settings(struct sfs_doctor_facts *facts)
{
    facts->others_allowed = sfs_preflight_others_allowed();
    facts->no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
    facts->descriptors = hard_limit();
    facts->most_spaces = read_number("/proc/sys/user/max_user_namespaces");
    facts->clone_allowed = read_number("/proc/sys/kernel/unprivileged_userns_clone");
    facts->apparmor_restricts = read_number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns");
    facts->seccomp = read_seccomp();
    facts->io_uring = read_number("/sys/module/fuse/parameters/enable_uring");
    read_profile(facts);
    facts->library = sfs_session_library(&facts->library_passes);
    struct utsname name;
    (void)snprintf(facts->kernel, sizeof facts->kernel, "%s", uname(&name) == 0 ? name.release : "?");
}

void sfs_doctor_find_out(struct sfs_doctor_facts *ret)
{
    *ret = (struct sfs_doctor_facts){.root = geteuid() == 0};
    ret->where = sfs_doctor_where(&ret->where_why);
    ret->can_mount = sfs_privileges_can_mount();
    ret->initial = sfs_cred_in_initial_namespace();
    read_settings(ret);
    ret->device = open_device();
    ret->direct = sfs_trial_mount(SFS_TRIAL_FUSE, false);
    ret->space = sfs_trial_mount(SFS_TRIAL_TMPFS, true);
    ret->space_fuse = sfs_trial_mount(SFS_TRIAL_FUSE, true);
    ret->bind = sfs_trial_mount(SFS_TRIAL_BIND, !ret->can_mount);
    sfs_doctor_try_helper(ret->can_mount, &ret->helper);
}
