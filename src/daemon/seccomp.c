/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/seccomp.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif

#if defined(HAVE_SECCOMP) && !defined(SANITIZED)

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "base/error.h"
#include "base/log.h"

/*
 * umount2 stays (the end of a map), unshare too (each worker has its own umask), and file handles are how files are
 * reopened.
 */
static const char *const forbidden[] = {
    "acct",
    "add_key",
    "adjtimex",
    "bpf",
    "chroot",
    "clock_adjtime",
    "clock_settime",
    "delete_module",
    "execve",
    "execveat",
    "finit_module",
    "fork",
    "fsconfig",
    "fsmount",
    "fsopen",
    "fspick",
    "init_module",
    "io_uring_register",
    "io_uring_setup",
    "ioperm",
    "iopl",
    "kcmp",
    "kexec_file_load",
    "kexec_load",
    "keyctl",
    "mount",
    "mount_setattr",
    "move_mount",
    "nfsservctl",
    "open_tree",
    "perf_event_open",
    "personality",
    "pivot_root",
    "process_madvise",
    "process_vm_readv",
    "process_vm_writev",
    "ptrace",
    "quotactl",
    "quotactl_fd",
    "reboot",
    "request_key",
    "setdomainname",
    "sethostname",
    "setns",
    "settimeofday",
    "stime",
    "swapoff",
    "swapon",
    "syslog",
    "userfaultfd",
    "vfork",
    "vhangup",
};

/* Older headers lack the newest two. */
static const unsigned namespace_flags[] = {
    CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET,
};

static int forbid(scmp_filter_ctx filter, const char *name)
{
    int number = seccomp_syscall_resolve_name(name);
    /* negative numbers stand for calls that this architecture does not have */
    return number < 0 ? 0 : seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), number, 0);
}

static int forbid_by_name(scmp_filter_ctx filter)
{
    for (size_t i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++) {
        int r = forbid(filter, forbidden[i]);
        if (r < 0)
            return r;
    }
    return 0;
}

static int forbid_by_argument(scmp_filter_ctx filter)
{
    int r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 1,
                             SCMP_A0(SCMP_CMP_NE, AF_UNIX, 0));
    for (size_t i = 0; i < sizeof namespace_flags / sizeof namespace_flags[0] && r == 0; i++) {
        unsigned flag = namespace_flags[i];
        r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(unshare), 1,
                             SCMP_A0(SCMP_CMP_MASKED_EQ, flag, flag));
    }
#ifndef __s390x__ /* the flags are its second argument there */
    /* threads yes, processes no */
    if (r == 0)
        r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                             SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
#endif
    /* its flags are in memory, out of reach of a filter: libc then takes clone */
    int clone3 = seccomp_syscall_resolve_name("clone3");
    if (r == 0 && clone3 >= 0)
        r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), clone3, 0);
    return r;
}

void sfs_seccomp_confine(bool rings)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    int r = filter == NULL ? -ENOMEM : seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    if (r == 0)
        r = forbid_by_name(filter);
    if (r == 0 && !rings)
        r = forbid(filter, "io_uring_enter");
    if (r == 0)
        r = forbid_by_argument(filter);
    if (r == 0)
        r = seccomp_load(filter);
    if (filter != NULL)
        seccomp_release(filter);
    if (r < 0)
        sfs_log_warn("cannot confine the daemon: %s (serving without a system call filter)", strerrordesc_np(-r));
}

#else

#include "base/log.h"

void sfs_seccomp_confine(bool rings)
{
    (void)rings;
    sfs_log_debug("built without a system call filter");
}

#endif
