/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/supervisor.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"

void sfs_supervisor_signals(struct sfs_signals *ret_before)
{
    sigset_t all;
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, &ret_before->mask);
    /* ignored, the kernel would throw the exit status away (wait(2), NOTES) */
    ret_before->no_children = signal(SIGCHLD, SIG_DFL) == SIG_IGN;
}

void sfs_supervisor_restore(const struct sfs_signals *before)
{
    if (before->no_children)
        (void)signal(SIGCHLD, SIG_IGN);
    (void)sigprocmask(SIG_SETMASK, &before->mask, NULL);
}

/* The terminal stops a whole process group: then our parent is to see that we have stopped. */
static void stop_like(pid_t command, int signal)
{
    if (signal != SIGTSTP && signal != SIGTTIN && signal != SIGTTOU)
        return;
    /* sent to ourselves it has its effect when unblocked, and none in a group that nobody could continue */
    sigset_t one;
    (void)sigemptyset(&one);
    (void)sigaddset(&one, signal);
    (void)raise(signal);
    (void)sigprocmask(SIG_UNBLOCK, &one, NULL);
    (void)sigprocmask(SIG_BLOCK, &one, NULL);
    (void)kill(command, SIGCONT);
}

/* Take notice of all children that have changed. True when the command has ended; *ret_status is its status then. */
static bool reap(pid_t command, pid_t *daemon, bool *ret_killed, int *ret_status)
{
    bool ended = false;
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
        if (pid == command && WIFSTOPPED(status)) {
            stop_like(command, WSTOPSIG(status));
        } else if (pid == command) {
            *ret_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
            ended = true;
        } else if (pid == *daemon && !WIFSTOPPED(status)) {
            *daemon = 0;
            *ret_killed = WIFSIGNALED(status);
            /* when it ends by itself its start has failed, which is said elsewhere, or its mounts have ended */
            if (*ret_killed)
                sfs_log_error("the daemon was killed by signal %d: files of the stable paths fail from now on (run it "
                              "again)",
                              WTERMSIG(status));
        }
    }
    return ended;
}

/* What the kernel sends to the terminal's process group has reached the command, too. */
static bool is_of_terminal(const siginfo_t *info)
{
    switch (info->si_signo) {
    case SIGINT:
    case SIGQUIT:
    case SIGTSTP:
    case SIGTTIN:
    case SIGTTOU:
    case SIGWINCH:
        return true;
    case SIGHUP: /* of a hang-up only the leader of the session hears */
        return getsid(0) != getpid();
    default:
        return false;
    }
}

static void forward(pid_t command, const siginfo_t *info)
{
    /* SI_USER, SI_QUEUE and SI_TKILL are not above 0: sent by a process (sigaction(2)) */
    bool by_process = info->si_code <= 0;
    if (by_process ? info->si_pid != getpid() : !is_of_terminal(info))
        (void)kill(command, info->si_signo);
}

int sfs_supervisor_wait(pid_t command, pid_t *daemon, bool *ret_killed)
{
    sigset_t all;
    (void)sigfillset(&all);
    int status = 0;
    *ret_killed = false;
    /* it may have ended already */
    while (!reap(command, daemon, ret_killed, &status)) {
        siginfo_t info;
        if (sigwaitinfo(&all, &info) < 0)
            continue;
        if (info.si_signo != SIGCHLD)
            forward(command, &info);
    }
    return status;
}
