/* SPDX-License-Identifier: MIT */
/*
 *   this process (supervisor)   waits, forwards signals; stays in the namespaces it was started in
 *     +- keeper                 makes the directories of the stable paths and removes them (daemon/keeper.h)
 *     +- daemon                 opens the sources and serves; stays outside, too, in a session of its own
 *     +- inside, the command    enters the namespaces, mounts, and executes the command
 *
 * Nobody but the command and what it starts is in the namespace: the mounts go when the last of these goes, the daemon
 * with them, and the directories.
 */
#include "config.h"

#include "daemon/run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/control.h"
#include "daemon/daemon.h"
#include "daemon/handover.h"
#include "daemon/inside.h"
#include "daemon/keeper.h"
#include "daemon/mountpoint.h"
#include "daemon/privileges.h"
#include "daemon/supervisor.h"
#include "os/fd.h"
#include "os/namespace.h"
#include "os/process.h"

/* How long the helpers may take to end when nothing is left to do; those that go on are not waited for. */
#define HELPERS_MS 300
/* As process 1 everything ends with us: then they have to be done. */
#define HELPERS_LAST_MS 5000

struct job {
    const struct sfs_run *run;
    struct sfs_inside inside;
    struct sfs_keeper keeper;
    bool shared;                /* no namespace: mounted for everybody by fusermount3 */
    int channel[2];             /* inside, daemon */
    int owner[2];               /* shared: read by the daemon, whose work ends with us */
    struct sfs_signals signals; /* as they were */
    pid_t daemon, command;
    pid_t daemon_was; /* the daemon, also when it has ended */
    bool killed;      /* the daemon was killed */
    bool served;      /* in the daemon: it had something to serve */
};

/* How the namespace is to be had. */
static int choose_namespace(struct job *job, struct sfs_error **err)
{
    job->inside.user = !sfs_privileges_can_mount();
    sfs_err r = job->inside.user ? sfs_namespace_try_user() : 0;
    if (r == 0)
        return 0;
    if (geteuid() == 0)
        return sfs_error_set(
            err, SFS_STATUS_REFUSED,
            "cannot make a mount namespace: CAP_SYS_ADMIN is missing, and a user namespace is refused: %s "
            "(for a container: --cap-add SYS_ADMIN --device /dev/fuse; stablefs doctor says more)",
            strerrordesc_np(-r));
    sfs_log_warn("user namespaces are refused here: %s; mounted by fusermount3, for other processes of yours too",
                 strerrordesc_np(-r));
    job->shared = job->inside.shared = true;
    return 0;
}

/* --- the daemon ------------------------------------------------------------------------------------------------------
 */

/* It must not end with the terminal, nor keep open what others wait for the end of. */
static void become_daemon(struct job *job)
{
    (void)setsid();
    SFS_CLEANUP_FD int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null >= 0) {
        (void)dup2(null, STDIN_FILENO);
        (void)dup2(null, STDOUT_FILENO);
    }
    int keep[] = {job->channel[1], job->owner[0], job->keeper.inside};
    sfs_process_close_all_but(keep, sizeof keep / sizeof keep[0]);
}

static void __attribute__((noreturn)) daemon_main(struct job *job)
{
    become_daemon(job);
    sfs_supervisor_restore(&job->signals);
    struct sfs_daemon_options options = {
        .foreground = true,
        .for_run = true,
        .elsewhere = !job->shared,
        .channel = job->channel[1],
        .owner = job->owner[0],
    };
    SFS_CLEANUP_ERROR struct sfs_error *err = NULL;
    options.served = &job->served;
    int status = (int)sfs_daemon_run(job->run->conf, &options, &err);
    if (status == SFS_STATUS_OK && job->served)
        sfs_keeper_tell_end(job->keeper.inside);
    _exit(status);
}

/* --- starting --------------------------------------------------------------------------------------------------------
 */

static int start_daemon(struct job *job, struct sfs_error **err)
{
    job->daemon = job->daemon_was = fork();
    if (job->daemon == 0)
        daemon_main(job);
    if (job->daemon < 0)
        return sfs_error_set(err, SFS_STATUS_FAILED, "cannot start the daemon: %m (end some programs)");
    sfs_keeper_watch(&job->keeper, job->daemon);
    sfs_close(SFS_TAKE_FD(job->channel[1]));
    sfs_close(SFS_TAKE_FD(job->owner[0]));
    return 0;
}

static int start_command(struct job *job, struct sfs_error **err)
{
    job->inside.channel = job->channel[0];
    job->inside.keeper = job->shared ? NULL : &job->keeper;
    job->inside.supervisor = getpid();
    job->command = fork();
    if (job->command == 0) {
        sfs_close(job->owner[1]);
        sfs_close(job->keeper.owner);
        sfs_supervisor_restore(&job->signals);
        sfs_inside_main(&job->inside);
    }
    if (job->command < 0)
        return sfs_error_set(err, SFS_STATUS_FAILED, "cannot start the command: %m (end some programs)");
    sfs_close(SFS_TAKE_FD(job->channel[0]));
    sfs_close(SFS_TAKE_FD(job->keeper.inside));
    return 0;
}

static int start(struct job *job, struct sfs_error **err)
{
    if (choose_namespace(job, err) < 0)
        return -1;
    if (!job->shared && sfs_keeper_start(job->run->conf, job->inside.rebuild, &job->keeper, err) < 0)
        return -1;
    sfs_err r = sfs_handover_channel(job->channel);
    if (r == 0 && job->shared && pipe2(job->owner, O_CLOEXEC) < 0)
        r = -errno;
    if (r < 0)
        return sfs_error_set(err, SFS_STATUS_FAILED, "cannot start: %s (end some programs)", strerrordesc_np(-r));
    if (start_daemon(job, err) < 0)
        return -1;
    return start_command(job, err);
}

/* --- ending ----------------------------------------------------------------------------------------------------------
 */

/* What a daemon that mounted for everybody would have done at its end. */
static void tidy_shared(const struct job *job)
{
    struct sfs_made_dirs made = SFS_MADE_DIRS_INIT;
    for (size_t i = job->run->conf->map_count; i-- > 0;) {
        const char *path = job->run->conf->maps[i].path;
        (void)sfs_mountpoint_detach_dead(path);
        sfs_mountpoint_note_made(path, &made);
    }
    sfs_made_dirs_remove(&made);
    sfs_made_dirs_release(&made);
}

/* True when there is none (any more). */
static bool wait_for_helper(pid_t pid, int timeout, int *ret_status)
{
    for (int waited = 0; pid > 0 && waitpid(pid, ret_status, WNOHANG) == 0; waited++) {
        if (waited >= timeout)
            return false;
        (void)poll(NULL, 0, 1);
    }
    return true;
}

/* The command has ended, or could not be started. */
static void finish(struct job *job)
{
    bool last = getpid() == 1;
    int timeout = last ? HELPERS_LAST_MS : HELPERS_MS, status = 0;
    sfs_keeper_dismiss(&job->keeper, last || job->command <= 0);
    sfs_close(SFS_TAKE_FD(job->owner[1]));
    sfs_close(SFS_TAKE_FD(job->channel[0]));
    /* the keeper goes when the namespace is empty, and the daemon right after that */
    if (!wait_for_helper(job->keeper.pid, timeout, NULL) || !wait_for_helper(job->daemon, timeout, &status))
        return;
    if (job->shared && (job->killed || WIFSIGNALED(status))) {
        sfs_control_remove(job->run->conf->name, (long)job->daemon_was);
        tidy_shared(job);
    }
}

static void release(struct job *job)
{
    free(job->inside.rebuild);
    for (int i = 0; i < 2; i++) {
        sfs_close(job->channel[i]);
        sfs_close(job->owner[i]);
    }
}

/* None of our descriptors may become a standard one that the caller has closed. The command finds them closed again. */
static void reserve_standard(void)
{
    for (;;) {
        int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (fd > STDERR_FILENO)
            sfs_close(fd);
        if (fd < 0 || fd > STDERR_FILENO)
            return;
    }
}

int sfs_run_command(const struct sfs_run *run, int *ret_status, struct sfs_error **err)
{
    struct job job = {
        .run = run,
        .inside = {.run = run, .rebuild = calloc(run->conf->map_count, sizeof *job.inside.rebuild)},
        .keeper = {-1, -1, -1},
        .channel = {-1, -1},
        .owner = {-1, -1},
    };
    sfs_supervisor_signals(&job.signals);
    reserve_standard();
    int r = job.inside.rebuild != NULL
                ? start(&job, err)
                : sfs_error_set(err, SFS_STATUS_FAILED, "out of memory (free some and try again)");
    if (r == 0)
        *ret_status = sfs_supervisor_wait(job.command, &job.daemon, &job.killed);
    finish(&job);
    release(&job);
    return r;
}
