/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "fuse/session.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/strbuf.h"
#include "fuse/locks.h"
#include "fuse/open-state.h"
#include "fuse/relist.h"
#include "fuse/session-internal.h"
#include "layer/own-devices.h"
#include "os/cred.h"
#include "os/fd.h"
#include "os/file.h"
#include "os/mounts.h"
#include "os/umount.h"

/* How many threads serve one map at the most, and how long the kernel may take for its first word. */
enum { THREADS_MOST = 10, HANDSHAKE_SECONDS = 8 };

/* --- options ------------------------------------------------------------------------------------------------------ */

static sfs_err add_switch(struct sfs_strbuf *options, enum sfs_switch value, const char *on, const char *off)
{
    if (value == SFS_UNSET)
        return 0;
    return sfs_strbuf_addf(options, ",%s", value == SFS_ON ? on : off);
}

/* A value inside an option list: commas and backslashes would end it (fuse_opt_parse(), fusermount3(1)). */
static sfs_err add_escaped(struct sfs_strbuf *options, const char *value)
{
    sfs_err r = 0;
    for (; *value != '\0' && r >= 0; value++) {
        if (*value == ',' || *value == '\\')
            r = sfs_strbuf_add_char(options, '\\');
        if (r >= 0)
            r = sfs_strbuf_add_char(options, *value);
    }
    return r;
}

static sfs_err mount_options(const struct sfs_map *map, struct sfs_strbuf *options)
{
    const struct sfs_mount_flags *flags = &map->conf->flags;
    bool all = flags->allow_other == SFS_ON || (flags->allow_other == SFS_UNSET && geteuid() == 0);
    sfs_err r = sfs_strbuf_add_string(options, "subtype=stablefs,default_permissions,fsname=");
    if (r >= 0)
        r = add_escaped(options, map->source);
    if (r >= 0)
        r = sfs_strbuf_addf(options, "%s%s", map->policy.read_only ? ",ro" : "", all ? ",allow_other" : "");
    if (r >= 0)
        r = add_switch(options, flags->suid, "suid", "nosuid");
    if (r >= 0)
        r = add_switch(options, flags->dev, "dev", "nodev");
    if (r >= 0)
        r = add_switch(options, flags->exec, "exec", "noexec");
    /* FUSE itself never sets access times, and not every libfuse knows "atime" */
    if (r >= 0 && flags->atime == SFS_OFF)
        r = sfs_strbuf_add_string(options, ",noatime");
    if (r >= 0)
        r = add_switch(options, flags->sync, "sync", "async");
    if (r >= 0 && flags->dirsync == SFS_ON)
        r = sfs_strbuf_add_string(options, ",dirsync");
#ifdef HAVE_FUSE_IO_URING
    if (r >= 0 && map->policy.wants_ring)
        r = sfs_strbuf_add_string(options, ",io_uring");
#endif
    return r;
}

/* --- what libfuse says -------------------------------------------------------------------------------------------- */

/* Its last error while mounting: becomes the reason in ours. Mounting is for one thread, the owner. */
static char said[256];
static atomic_bool listening;

/* Why a ring cannot be set up: that is for whoever asked for one (sfs_session_check_ring()), and else no matter. */
static bool is_of_a_ring(const char *line)
{
    return strstr(line, "qid") != NULL || strstr(line, "io_uring") != NULL || strstr(line, "io-uring") != NULL;
}

static void __attribute__((format(printf, 2, 0)))
on_fuse_log(enum fuse_log_level level, const char *format, va_list args)
{
    char line[256];
    int length = vsnprintf(line, sizeof line, format, args);
    if (length <= 0)
        return;
    line[strcspn(line, "\n")] = '\0';
    if (atomic_load_explicit(&listening, memory_order_relaxed))
        memcpy(said, line, sizeof said);
    else if (level <= FUSE_LOG_WARNING && !is_of_a_ring(line))
        sfs_log_warn("libfuse: %s", line);
    else
        sfs_log_debug("libfuse: %s", line);
}

static int mount_listening(struct sfs_session *session, const char *path)
{
    said[0] = '\0';
    atomic_store_explicit(&listening, true, memory_order_relaxed);
    int r = fuse_session_mount(session->se, path);
    atomic_store_explicit(&listening, false, memory_order_relaxed);
    return r;
}

/* --- life --------------------------------------------------------------------------------------------------------- */

/* Whether the source stands on another filesystem: passthrough has to be told (fuse_common.h). */
static bool source_is_stacked(const struct sfs_map *map)
{
    struct statfs at;
    if (statfs(map->source, &at) < 0)
        return false;
    return at.f_type == OVERLAYFS_SUPER_MAGIC || at.f_type == FUSE_SUPER_MAGIC || at.f_type == ECRYPTFS_SUPER_MAGIC;
}

static int session_failed(const struct sfs_map *map, const char *what, struct sfs_error **err)
{
    return sfs_error_set(err, SFS_STATUS_FAILED, "%s: %s (free memory and try again)", map->conf->path, what);
}

static int make_fuse_session(struct sfs_session *session, struct sfs_error **err)
{
    SFS_CLEANUP_STRBUF struct sfs_strbuf options = SFS_STRBUF_INIT;
    if (mount_options(session->map, &options) < 0)
        return session_failed(session->map, "out of memory", err);
    char *argv[] = {(char *)"stablefs", (char *)"-o", options.data, NULL};
    struct fuse_args args = FUSE_ARGS_INIT(3, argv);
    struct fuse_lowlevel_ops ops = sfs_ops_for(session->map);
    session->se = fuse_session_new(&args, &ops, sizeof ops, session);
    fuse_opt_free_args(&args);
    if (session->se == NULL)
        return session_failed(session->map, "libfuse refused to make a session", err);
    return 0;
}

static void init_process(void)
{
    sfs_locks_init();
    fuse_set_log_func(on_fuse_log);
}

int sfs_session_new(struct sfs_map *map, struct sfs_session **ret, struct sfs_error **err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, init_process);
    struct sfs_session *session = calloc(1, sizeof *session);
    if (session == NULL)
        return session_failed(map, "out of memory", err);
    session->map = map;
    session->io = SFS_IO_CACHED;
    session->io_why = "not connected yet";
    session->may_pass = sfs_cred_may_pass();
    session->stacked = source_is_stacked(map);
    LIST_INIT(&session->handles);
    LIST_INIT(&session->waiters);
    (void)pthread_mutex_init(&session->lock, NULL);
    (void)pthread_cond_init(&session->changed, NULL);
    if (make_fuse_session(session, err) < 0) {
        sfs_session_free(session);
        return -1;
    }
    *ret = session;
    return 0;
}

int sfs_session_mount(struct sfs_session *session, struct sfs_error **err)
{
    const char *path = session->map->conf->path;
    if (mount_listening(session, path) != 0)
        return sfs_error_set(err, SFS_STATUS_REFUSED,
                             "%s: cannot mount: %s (see mount.stablefs(8) and stablefs doctor for what it needs)", path,
                             said[0] != '\0' ? said : "fusermount3 refused, as it says above");
    session->mounted = true;
    SFS_CLEANUP_MOUNTS struct sfs_mounts mounts = SFS_MOUNTS_INIT;
    sfs_err r = sfs_mounts_read(&mounts);
    const struct sfs_mount *mount = r >= 0 ? sfs_mounts_at(&mounts, path) : NULL;
    if (mount == NULL || !sfs_mount_is_ours(mount)) {
        /* without its device nobody else could tell this mount from others later */
        fuse_session_unmount(session->se);
        session->mounted = false;
        return r < 0 ? sfs_error_set(err, SFS_STATUS_FAILED, "%s: cannot read the mount table: %s (is /proc mounted?)",
                                     path, strerrordesc_np(-r))
                     : sfs_error_set(err, SFS_STATUS_FAILED,
                                     "%s: mounted, but not in the mount table (is /proc mounted?)", path);
    }
    session->device = mount->device;
    sfs_own_device_add(session->device);
    return 0;
}

int sfs_session_attach(struct sfs_session *session, int fd, dev_t device, struct sfs_error **err)
{
    char path[32];
    (void)snprintf(path, sizeof path, "/dev/fd/%d", fd); /* as fuse_session_mount() documents it */
    if (mount_listening(session, path) != 0) {
        sfs_close(fd);
        return sfs_error_set(err, SFS_STATUS_FAILED, "%s: cannot use its connection: %s (report this)",
                             session->map->conf->path, said);
    }
    session->mounted = true;
    session->device = device;
    return 0;
}

/*
 * Nobody reads requests any more.  If the kernel does not know yet (a worker gave up for want of memory), whoever asks
 * would wait for ever, and this very process first of all, when it looks at its own mount.  Closing the device ends the
 * connection; the descriptor itself stays taken until the session is freed.
 */
static void hang_up(struct sfs_session *session)
{
    struct pollfd device = {.fd = fuse_session_fd(session->se)};
    if (poll(&device, 1, 0) == 1 && (device.revents & POLLERR) != 0)
        return;
    SFS_CLEANUP_FD int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0 || dup3(null, device.fd, O_CLOEXEC) < 0)
        sfs_log_error("%s: serves no more, and the kernel cannot be told: %m (umount -l %s)", session->map->conf->path,
                      session->map->conf->path);
}

static void *session_main(void *data)
{
    struct sfs_session *session = data;
    struct fuse_loop_config *config = fuse_loop_cfg_create();
    int r = sfs_relist_start(session);
    if (config != NULL && r >= 0) {
        fuse_loop_cfg_set_max_threads(config, THREADS_MOST);
        fuse_loop_cfg_set_idle_threads(config, THREADS_MOST);
        fuse_loop_cfg_set_clone_fd(config, 0);
        r = fuse_session_loop_mt(session->se, config);
        fuse_loop_cfg_destroy(config);
    }
    sfs_log_debug("%s: the connection has ended (%d)", session->map->conf->path, r);
    (void)pthread_mutex_lock(&session->lock);
    session->stopped = true;
    (void)pthread_cond_broadcast(&session->changed);
    (void)pthread_mutex_unlock(&session->lock);
    sfs_relist_stop(session);
    sfs_locks_end(session);
    hang_up(session);
    session->ended(session->ended_arg);
    return NULL;
}

/* All signals are the main thread's: block them while threads are made, which inherit the mask. */
static int start_thread(struct sfs_session *session)
{
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int errnum = pthread_create(&session->thread, NULL, session_main, session);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return errnum;
}

/* The kernel's first request; false when it does not come. */
static bool wait_for_handshake(struct sfs_session *session)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += HANDSHAKE_SECONDS;
    int r = 0;
    (void)pthread_mutex_lock(&session->lock);
    while (!session->initialized && !session->stopped && r == 0)
        r = pthread_cond_timedwait(&session->changed, &session->lock, &until);
    bool initialized = session->initialized;
    (void)pthread_mutex_unlock(&session->lock);
    return initialized;
}

int sfs_session_start(struct sfs_session *session, sfs_session_ended *ended, void *arg, struct sfs_error **err)
{
    const char *path = session->map->conf->path;
    session->ended = ended;
    session->ended_arg = arg;
    int errnum = start_thread(session);
    if (errnum != 0)
        return sfs_error_set(err, SFS_STATUS_FAILED, "%s: cannot make a thread: %s (raise the limit, see ulimit -u)",
                             path, strerror(errnum));
    session->started = true;
    if (!wait_for_handshake(session))
        return sfs_error_set(err, SFS_STATUS_REFUSED, "%s: the kernel did not speak to us (see dmesg for fuse)", path);
    if (session->refused.what != NULL)
        return sfs_error_set(err, SFS_STATUS_REFUSED, "%s: %s: %s (use %s)", path, session->refused.what,
                             session->refused.why, session->refused.instead);
    return 0;
}

/* The same by the mount, if what is at the path is this one: that much umount -f does before it finds it busy. */
static void abort_by_mount(const struct sfs_session *session)
{
    SFS_CLEANUP_MOUNTS struct sfs_mounts mounts = SFS_MOUNTS_INIT;
    const char *path = session->map->conf->path;
    const struct sfs_mount *mount = sfs_mounts_read(&mounts) >= 0 ? sfs_mounts_at(&mounts, path) : NULL;
    if (mount != NULL && mount->device == session->device)
        (void)sfs_umount_force(path);
}

void sfs_session_abort(struct sfs_session *session)
{
    /*
     * closing the kernel's end makes every worker's read fail with ENODEV (fuse.rst, "Aborting a filesystem
     * connection")
     */
    if (session->mounted && sfs_fuse_abort(session->device) < 0)
        abort_by_mount(session); /* fusectl is not mounted everywhere */
    fuse_session_exit(session->se);
}

void sfs_session_join(struct sfs_session *session)
{
    if (!session->started)
        return;
    (void)pthread_join(session->thread, NULL);
    session->started = false;
}

/*
 * libfuse frees what it keeps of the mount only in fuse_session_unmount(), which also unmounts whatever is at the path
 * by then, unless the connection is dead: only then it is called.
 */
static void forget_mount(struct sfs_session *session)
{
    struct pollfd device = {.fd = fuse_session_fd(session->se)};
    if (session->mounted && poll(&device, 1, 0) == 1 && (device.revents & POLLERR) != 0)
        fuse_session_unmount(session->se);
}

void sfs_session_free(struct sfs_session *session)
{
    if (session == NULL)
        return;
    sfs_handle_close_all(session);
    if (session->se != NULL) {
        forget_mount(session);
        fuse_session_destroy(session->se);
    }
    sfs_own_device_remove(session->device);
    (void)pthread_cond_destroy(&session->changed);
    (void)pthread_mutex_destroy(&session->lock);
    free(session);
}

/* --- questions ---------------------------------------------------------------------------------------------------- */

int sfs_session_check_ring(const struct sfs_session *session, struct sfs_error **err)
{
    if (session->map->conf->io_uring != SFS_ON || sfs_session_by_ring(session))
        return 0;
    return sfs_error_set(err, SFS_STATUS_REFUSED,
                         "%s: io_uring = on: the rings could not be set up: sysctl kernel.io_uring_disabled or a "
                         "system call filter forbids it (use io_uring = auto)",
                         session->map->conf->path);
}

bool sfs_session_by_ring(const struct sfs_session *session)
{
    return atomic_load_explicit(&session->by_ring, memory_order_relaxed);
}

dev_t sfs_session_device(const struct sfs_session *session)
{
    return session->device;
}

void sfs_session_status(struct sfs_session *session, struct sfs_session_status *ret)
{
    const struct sfs_map *map = session->map;
    bool no_backing = atomic_load_explicit(&session->no_backing, memory_order_relaxed);
    *ret = (struct sfs_session_status){
        .io = sfs_io_word(no_backing ? SFS_IO_CACHED : session->io),
        .io_why = no_backing ? "the kernel refused the source's files as backing files" : session->io_why,
        .cache = sfs_cache_word(map->policy.cache),
        .ttl = map->policy.ttl,
        .cache_why = map->policy.cache_why,
        .requests_by = sfs_session_by_ring(session) ? "io_uring" : "device",
        .opens = map->policy.kernel_opens ? "kernel" : "daemon",
        .reopen = map->layer->reopen_word(map->layer),
        .requests = sfs_counters_total(&session->counters),
        .errors = atomic_load_explicit(&session->counters.errors, memory_order_relaxed),
        .nodes = map->layer->node_count(map->layer),
        .descriptors = sfs_fdcache_count(map->cache),
        .looked_ahead = map->layer->looked_ahead(map->layer),
    };
    (void)pthread_mutex_lock(&session->lock);
    ret->handles = session->handle_count;
    ret->waiting_locks = session->waiting;
    (void)pthread_mutex_unlock(&session->lock);
}

uint64_t sfs_session_nodes(struct sfs_session *session, uint64_t *ret_peak)
{
    struct sfs_layer *layer = session->map->layer;
    *ret_peak = layer->node_peak(layer);
    return layer->node_count(layer);
}

bool sfs_session_counter(struct sfs_session *session, size_t index, const char **ret_name, uint64_t *ret_count)
{
    if (index >= SFS_OP_COUNT)
        return false;
    *ret_name = sfs_op_name((enum sfs_op)index);
    *ret_count = atomic_load_explicit(&session->counters.requests[index], memory_order_relaxed);
    return true;
}
