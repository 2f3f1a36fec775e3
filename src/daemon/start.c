/* SPDX-License-Identifier: MIT */
/*
 * The life of a daemon, in order: into the background - checks - signals - the unmounter - privileges - sources
 * opened - mounting and serving - confinement - ready - the main loop - tidying up.
 */
#include "config.h"

#include "daemon/daemon.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/background.h"
#include "daemon/commands.h"
#include "daemon/control.h"
#include "daemon/handover.h"
#include "daemon/instance.h"
#include "daemon/loop.h"
#include "daemon/notify.h"
#include "daemon/preflight.h"
#include "daemon/privileges.h"
#include "daemon/seccomp.h"
#include "daemon/unmounter.h"
#include "os/cred.h"
#include "os/fd.h"
#include "view/view.h"

/* Share of the descriptor limit that the view may use for its cache, and its bounds. */
#define DESCRIPTOR_SHARE 4
#define DESCRIPTORS_LEAST 16
#define DESCRIPTORS_MOST 4096

/* How long the threads may take to end when everything is cut off, and at the end: a source may hang. */
#define ABORT_SECONDS 3
#define RELEASE_SECONDS 10

struct daemon {
    const struct sfs_conf *conf;
    const struct sfs_daemon_options *options;
    int report; /* to the waiting process; -1 in the foreground */
    int signal_fd;
    struct sfs_unmounter *unmounter;
    struct sfs_view *view;
    struct sfs_instance instance;
    struct sfs_control *control;
    bool cut_off; /* by a second signal */
};

static size_t descriptor_budget(void)
{
    size_t budget = sfs_fd_limit_raise() / DESCRIPTOR_SHARE;
    if (budget < DESCRIPTORS_LEAST)
        return DESCRIPTORS_LEAST;
    return budget < DESCRIPTORS_MOST ? budget : DESCRIPTORS_MOST;
}

static char *answer(void *arg, const char *request, size_t length)
{
    return sfs_commands_answer(arg, request, length);
}

/* Everything before the sources are opened: what this process is. */
static int prepare_process(struct daemon *daemon, struct sfs_error **err)
{
    /* what is created gets exactly the mode that is asked for */
    (void)umask(0);
    if (chdir("/") < 0)
        return sfs_error_set(err, SFS_STATUS_FAILED, "/: %m (make it accessible)");
    bool elsewhere = daemon->options->elsewhere;
    bool can_mount = elsewhere || sfs_privileges_can_mount();
    if (!elsewhere && sfs_preflight(daemon->conf, can_mount, err) < 0)
        return -1;
    daemon->signal_fd = sfs_loop_signals(daemon->report < 0);
    if (daemon->signal_fd < 0)
        return sfs_error_set(err, SFS_STATUS_FAILED, "signals: %s (end some programs)",
                             strerrordesc_np(-daemon->signal_fd));
    if (!can_mount && sfs_unmounter_start(&daemon->unmounter, err) < 0)
        return -1;
    if (sfs_privileges_drop(daemon->conf, err) < 0)
        return -1;
    /* fusermount3 has to gain privileges once more, to mount */
    if (can_mount)
        sfs_privileges_no_new();
    sfs_err r = sfs_cred_init();
    if (r < 0)
        return sfs_error_set(err, sfs_status_of_errno(-r),
                             "unshare(CLONE_FS): %s (a system call filter around this program forbids it)",
                             strerrordesc_np(-r));
    /* a pool of memory per thread would multiply what is wasted */
    (void)mallopt(M_ARENA_MAX, 2);
    return 0;
}

static int mount_all(struct daemon *daemon, struct sfs_error **err)
{
    if (sfs_view_new(daemon->conf, descriptor_budget(), &daemon->view, err) < 0 ||
        sfs_instance_init(&daemon->instance, daemon->view, daemon->unmounter, err) < 0)
        return -1;
    SFS_CLEANUP_ERROR struct sfs_error *control_error = NULL;
    if (sfs_control_open(daemon->conf->name, answer, &daemon->instance, &daemon->control, &control_error) < 0) {
        if (sfs_error_status(control_error) == SFS_STATUS_REFUSED)
            return sfs_error_set(err, SFS_STATUS_REFUSED, "%s", sfs_error_text(control_error));
        sfs_log_warn("%s; stablefs status and resolve will not see this instance", sfs_error_text(control_error));
    }
    if (daemon->options->elsewhere) /* its paths are nobody else's */
        return sfs_instance_adopt(&daemon->instance, daemon->options->channel, err);
    if (daemon->control != NULL)
        sfs_control_lock(daemon->control);
    int r = sfs_instance_mount(&daemon->instance, err);
    if (daemon->control != NULL)
        sfs_control_unlock(daemon->control);
    return r;
}

static void announce(const struct daemon *daemon)
{
    for (size_t i = 0; i < daemon->instance.count; i++) {
        const struct sfs_conf_map *map = daemon->instance.served[i].conf;
        sfs_log_debug("%s: ready, from %s", map->path, map->source);
    }
    if (daemon->control != NULL)
        sfs_log_debug("control socket: %s", sfs_control_path(daemon->control));
    if (daemon->options->for_run) /* a service manager waits for the command, not for us */
        return;
    sfs_notify("READY=1\nMAINPID=%ld\nSTATUS=serving %zu map%s", (long)getpid(), daemon->instance.count,
               daemon->instance.count == 1 ? "" : "s");
}

/* A thread that waits for a source that hangs would keep us for ever: the alarm then ends the process. */
static void end_within(unsigned seconds)
{
    sigset_t alarm_only;
    (void)sigemptyset(&alarm_only);
    (void)sigaddset(&alarm_only, SIGALRM);
    (void)signal(SIGALRM, SIG_DFL);
    (void)sigprocmask(SIG_UNBLOCK, &alarm_only, NULL);
    (void)alarm(seconds);
}

/* Serve until the end. Returns false when it had to be cut off. */
static bool serve(struct daemon *daemon)
{
    int owner = daemon->options->for_run ? daemon->options->owner : -1;
    if (sfs_loop_run(&daemon->instance, daemon->control, daemon->signal_fd, owner))
        return true;
    sfs_control_close(daemon->control);
    daemon->control = NULL;
    daemon->cut_off = true;
    end_within(ABORT_SECONDS);
    sfs_instance_abort(&daemon->instance);
    (void)alarm(0);
    return false;
}

static int run(struct daemon *daemon, struct sfs_error **err)
{
    if (prepare_process(daemon, err) < 0 || mount_all(daemon, err) < 0)
        return -1;
    if (daemon->report >= 0 || daemon->options->for_run)
        sfs_background_leave_stderr();
    else
        sfs_background_tag_journal();
    sfs_privileges_no_new();
    sfs_seccomp_confine(sfs_instance_by_ring(&daemon->instance));
    announce(daemon);
    if (daemon->report >= 0) {
        sfs_err r = sfs_background_report(daemon->report, NULL);
        daemon->report = -1;
        if (r < 0) {
            /* interrupted while waiting: nobody wants these mounts any more */
            sfs_instance_abort(&daemon->instance);
            return sfs_error_set(err, SFS_STATUS_FAILED, "interrupted while starting (start it again)");
        }
    }
    if (daemon->options->served != NULL)
        *daemon->options->served = !sfs_instance_done(&daemon->instance);
    if (daemon->options->for_run)
        (void)sfs_handover_answer(daemon->options->channel, NULL);
    return serve(daemon) ? 0 : sfs_error_set(err, SFS_STATUS_FAILED, "cut off by a signal (wait longer)");
}

static void release(struct daemon *daemon)
{
    sfs_instance_release(&daemon->instance);
    if (daemon->view != NULL) {
        end_within(RELEASE_SECONDS);
        sfs_view_free(daemon->view);
        (void)alarm(0);
    }
    sfs_unmounter_stop(daemon->unmounter);
    /* last: whoever waits for the socket to disappear may rely on everything else being tidy */
    sfs_control_close(daemon->control);
    sfs_close(daemon->signal_fd);
}

enum sfs_status sfs_daemon_run(const struct sfs_conf *conf, const struct sfs_daemon_options *options,
                               struct sfs_error **err)
{
    struct daemon daemon = {
        .conf = conf, .options = options, .report = -1, .signal_fd = -1, .instance = {.event_fd = -1}};
    if (!options->foreground) {
        enum sfs_status status;
        int r = sfs_background_fork(&daemon.report, &status, err);
        if (r != 0)
            return r < 0 ? sfs_error_status(*err) : status;
    }
    SFS_CLEANUP_ERROR struct sfs_error *own = NULL;
    (void)run(&daemon, &own);
    release(&daemon);
    enum sfs_status status = sfs_error_status(own);
    if (daemon.cut_off) {
        /* libfuse cannot be made to forget a connection that is still alive: leave it to the kernel, at once */
        sfs_log_error("%s", sfs_error_text(own));
        _exit((int)status);
    }
    if (options->for_run && own != NULL)
        (void)sfs_handover_answer(options->channel, own);
    if (options->foreground) {
        if (own != NULL)
            (void)sfs_error_set(err, status, "%s", sfs_error_text(own));
        return status;
    }
    if (daemon.report >= 0)
        (void)sfs_background_report(daemon.report, own);
    else if (own != NULL)
        sfs_log_error("%s", sfs_error_text(own));
    sfs_error_free(SFS_TAKE_PTR(own));
    exit((int)status);
}
