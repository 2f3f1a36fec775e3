/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/loop.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/notify.h"

/* How often housekeeping looks around. */
#define TICK_MS 5000
/* Memory is given back when half of the files were forgotten, and it was worth the work. */
#define TRIM_NODES_LEAST 1000

sfs_err sfs_loop_signals(bool hangup)
{
    sigset_t handled;
    (void)sigemptyset(&handled);
    (void)sigaddset(&handled, SIGTERM);
    (void)sigaddset(&handled, SIGINT);
    /* nohup(1) has set it to be ignored, and that is to stay */
    struct sigaction before;
    if (hangup && sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        (void)sigaddset(&handled, SIGHUP);
    else
        (void)signal(SIGHUP, SIG_IGN);
    /* these would end the daemon and leave dead mounts behind */
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGUSR1, SIG_IGN);
    (void)signal(SIGUSR2, SIG_IGN);
    if (sigprocmask(SIG_BLOCK, &handled, NULL) < 0)
        return -errno;
    int fd = signalfd(-1, &handled, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

/* Returns false when everything is to end at once. */
static bool handle_signals(struct sfs_instance *instance, int signal_fd, bool owned)
{
    struct signalfd_siginfo info;
    while (read(signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
        if (owned) /* sent to a whole cgroup, say: the command needs its files to end in good order */
            continue;
        if (instance->ending) {
            sfs_log_warn("a second signal: what is still open is cut off");
            return false;
        }
        sfs_log_debug("signal %u from process %u: unmounting", info.ssi_signo, info.ssi_pid);
        sfs_notify("STOPPING=1\nSTATUS=unmounting");
        sfs_instance_unmount(instance);
    }
    return true;
}

/* Give the memory of forgotten files back to the system; malloc keeps it otherwise. */
static void trim(const struct sfs_instance *instance)
{
    uint64_t peak;
    uint64_t nodes = sfs_instance_nodes(instance, &peak);
    if (peak >= TRIM_NODES_LEAST && nodes < peak / 2)
        (void)malloc_trim(0);
}

bool sfs_loop_run(struct sfs_instance *instance, struct sfs_control *control, int signal_fd, int owner)
{
    bool owned = owner >= 0 || instance->elsewhere;
    while (!sfs_instance_done(instance)) {
        struct pollfd fds[3 + SFS_CONTROL_POLL_MOST] = {
            {.fd = signal_fd, .events = POLLIN},
            {.fd = instance->event_fd, .events = POLLIN},
            {.fd = owner, .events = POLLIN},
        };
        size_t controls = control != NULL ? sfs_control_poll(control, fds + 3) : 0;
        int timeout = control != NULL ? sfs_control_timeout(control) : -1;
        if (timeout < 0 || timeout > TICK_MS)
            timeout = TICK_MS;
        int ready = poll(fds, 3 + controls, timeout);
        if (ready < 0) {
            if (errno != EINTR && errno != ENOMEM)
                sfs_log_warn("poll: %m");
            continue;
        }
        if (ready == 0) {
            sfs_instance_tell_held(instance);
            sfs_instance_look(instance);
            trim(instance);
        }
        if (fds[1].revents != 0)
            sfs_instance_reap(instance);
        if (fds[0].revents != 0 && !handle_signals(instance, signal_fd, owned))
            return false;
        if (fds[2].revents != 0) {
            sfs_log_debug("the process that started this has ended: unmounting");
            owner = -1;
            sfs_instance_unmount(instance);
        }
        if (control != NULL)
            sfs_control_serve(control, fds + 3, controls);
    }
    return true;
}
