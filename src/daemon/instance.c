/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/instance.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/strbuf.h"
#include "daemon/handover.h"
#include "daemon/privileges.h"
#include "os/cred.h"
#include "os/fd.h"
#include "os/holders.h"
#include "os/mounts.h"
#include "os/umount.h"
#include "view/map.h"

/* A shell that just looks is no reason to call a mount busy. */
#define BUSY_TRIES 5
#define BUSY_PAUSE_NS (40 * 1000000L)
#define HOLDERS_NAMED 10

int sfs_instance_init(struct sfs_instance *instance, struct sfs_view *view, struct sfs_unmounter *unmounter,
                      struct sfs_error **err)
{
    *instance = (struct sfs_instance){
        .conf = sfs_view_conf(view),
        .view = view,
        .made = SFS_MADE_DIRS_INIT,
        .unmounter = unmounter,
        .event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
    };
    size_t count = sfs_view_map_count(view);
    instance->served = calloc(count > 0 ? count : 1, sizeof *instance->served);
    if (instance->event_fd < 0 || instance->served == NULL)
        return sfs_error_set(err, SFS_STATUS_FAILED, "cannot start: %m (end some programs)");
    instance->count = count;
    for (size_t i = 0; i < count; i++) {
        instance->served[i].instance = instance;
        instance->served[i].conf = sfs_map_conf(sfs_view_map(view, i));
    }
    return 0;
}

void sfs_instance_release(struct sfs_instance *instance)
{
    sfs_made_dirs_remove(&instance->made);
    sfs_made_dirs_release(&instance->made);
    free(instance->served);
    sfs_close(instance->event_fd);
    instance->served = NULL;
    instance->count = 0;
    instance->event_fd = -1;
}

/* On a thread of the session. */
static void session_ended(void *arg)
{
    struct sfs_served *served = arg;
    int event_fd = served->instance->event_fd;
    atomic_store_explicit(&served->ended, true, memory_order_release);
    uint64_t one = 1;
    /* a full counter is readable as well */
    ssize_t written = write(event_fd, &one, sizeof one);
    (void)written;
}

/* Where the mount of a map is now. */
enum place { PLACE_TOP, PLACE_COVERED, PLACE_NOWHERE, PLACE_UNKNOWN };

static enum place find_mount(const struct sfs_served *served)
{
    SFS_CLEANUP_MOUNTS struct sfs_mounts mounts = SFS_MOUNTS_INIT;
    if (sfs_mounts_read(&mounts) < 0)
        return PLACE_UNKNOWN;
    const struct sfs_mount *top = sfs_mounts_at(&mounts, served->conf->path);
    if (top != NULL && top->device == served->device)
        return PLACE_TOP;
    for (size_t i = 0; i < mounts.count; i++) {
        if (mounts.items[i].device == served->device && strcmp(mounts.items[i].point, served->conf->path) == 0)
            return PLACE_COVERED;
    }
    return PLACE_NOWHERE;
}

/*
 * It is no longer at its path.  The directories that were made stay until the session has ended: it may still be
 * mounted on them in another mount namespace, which removing them would take it away from.
 */
static void set_unmounted(struct sfs_served *served)
{
    served->mounted = false;
}

/* 0: it is not at its path (any more); -EBUSY; -EXDEV: something else is mounted over it; or another -errno. */
static sfs_err take_away(struct sfs_served *served, bool lazy, struct sfs_strbuf *said)
{
    switch (find_mount(served)) {
    case PLACE_NOWHERE:
        set_unmounted(served);
        return 0;
    case PLACE_COVERED:
        return -EXDEV;
    case PLACE_TOP:
    case PLACE_UNKNOWN:
        break;
    }
    struct sfs_unmounter *unmounter = served->instance->unmounter;
    sfs_err r = unmounter != NULL ? sfs_unmounter_umount(unmounter, served->conf->path, lazy, said)
                                  : sfs_umount_direct(served->conf->path, lazy);
    /* somebody else may have been quicker */
    if (r < 0 && r != -EBUSY && find_mount(served) == PLACE_NOWHERE)
        r = 0;
    if (r == 0)
        set_unmounted(served);
    return r;
}

/* --- mounting ----------------------------------------------------------------------------------------------------- */

static int check_answer(const struct sfs_served *served, struct sfs_error **err)
{
    const char *path = served->conf->path;
    dev_t device;
    sfs_err r = sfs_mount_probe(path, &device);
    if (r < 0)
        return sfs_error_set(err, sfs_status_of_errno(-r), "%s: mounted, but does not answer: %s (report this)", path,
                             strerrordesc_np(-r));
    if (device != served->device)
        return sfs_error_set(err, SFS_STATUS_FAILED,
                             "%s: something else was mounted over it at the same time (unmount it, and try again)",
                             path);
    return 0;
}

static int mount_one(struct sfs_instance *instance, size_t index, struct sfs_error **err)
{
    struct sfs_served *served = &instance->served[index];
    const char *path = served->conf->path;
    struct sfs_map *map = sfs_view_map(instance->view, index);
    if (sfs_cred_alone())
        sfs_map_set_alone(map);
    bool nested = sfs_conf_enclosing(sfs_view_conf(instance->view), path) != NULL;
    if (sfs_mountpoint_prepare(path, nested, &instance->made, err) < 0 ||
        sfs_session_new(map, &served->session, err) < 0)
        return -1;
    int r = sfs_session_mount(served->session, err);
    served->device = sfs_session_device(served->session);
    if (r < 0)
        return -1;
    served->mounted = true;
    if (sfs_session_start(served->session, session_ended, served, err) < 0)
        return -1;
    served->serving = true;
    served->state = SFS_SERVED_LIVE;
    if (check_answer(served, err) < 0 || sfs_session_check_ring(served->session, err) < 0)
        return -1;
    sfs_log_debug("%s: serving %s", path, served->conf->source);
    return 0;
}

static int adopt_one(struct sfs_served *served, const struct sfs_handover *message, int fd, struct sfs_error **err)
{
    struct sfs_map *map = sfs_view_map(served->instance->view, (size_t)(served - served->instance->served));
    if (message->alone)
        sfs_map_set_alone(map);
    if (sfs_session_new(map, &served->session, err) < 0) {
        sfs_close(fd);
        return -1;
    }
    if (sfs_session_attach(served->session, fd, message->device, err) < 0)
        return -1;
    served->device = message->device;
    if (sfs_session_start(served->session, session_ended, served, err) < 0)
        return -1;
    served->serving = true;
    served->state = SFS_SERVED_LIVE;
    return 0;
}

static int adopt(struct sfs_instance *instance, const struct sfs_handover *message, int fd, struct sfs_error **err)
{
    for (size_t i = 0; i < instance->count; i++) {
        struct sfs_served *served = &instance->served[i];
        if (served->conf == &instance->conf->maps[message->map] && served->session == NULL && fd >= 0)
            return adopt_one(served, message, fd, err);
    }
    sfs_close(fd);
    return sfs_error_set(err, SFS_STATUS_FAILED, "a mount came that nobody asked for (report this)");
}

/* Undo a map in whatever state it is. */
static void cut_off(struct sfs_served *served)
{
    if (served->session == NULL)
        return;
    /* a mount that failed in the middle may be there although we were told it is not */
    if (served->device != 0 && (served->mounted || find_mount(served) == PLACE_TOP)) {
        SFS_CLEANUP_STRBUF struct sfs_strbuf said = SFS_STRBUF_INIT;
        served->mounted = true;
        sfs_session_abort(served->session);
        sfs_err r = take_away(served, true, &said);
        if (r < 0)
            sfs_log_error("%s: cannot unmount: %s%s%s (umount -l %s)", served->conf->path, strerrordesc_np(-r),
                          said.length > 0 ? ": " : "", said.data, served->conf->path);
    } else if (served->serving) {
        sfs_session_abort(served->session);
    }
    /* also when the start failed half-way; without threads there is nothing to wait for */
    sfs_session_join(served->session);
    served->serving = false;
    sfs_session_free(served->session);
    served->session = NULL;
    served->state = SFS_SERVED_GONE;
}

/* Everything has been mounted, and has answered. */
static int check_rings(const struct sfs_instance *instance, struct sfs_error **err)
{
    for (size_t i = 0; i < instance->count; i++) {
        if (instance->served[i].session != NULL && sfs_session_check_ring(instance->served[i].session, err) < 0)
            return -1;
    }
    return 0;
}

static int adopt_all(struct sfs_instance *instance, int channel, struct sfs_error **err)
{
    sfs_err r = sfs_handover_answer(channel, NULL);
    while (r == 0) {
        struct sfs_handover message;
        int fd = -1;
        r = sfs_handover_receive(channel, &message, &fd);
        if (r < 0)
            break;
        if (message.kind == SFS_HANDOVER_DONE) {
            sfs_close(fd);
            return check_rings(instance, err);
        }
        if (adopt(instance, &message, fd, err) < 0)
            return -1;
        r = sfs_handover_answer(channel, NULL);
    }
    return sfs_error_set(err, SFS_STATUS_FAILED, "the process that mounts has ended: %s (try again)",
                         strerrordesc_np(-r));
}

int sfs_instance_adopt(struct sfs_instance *instance, int channel, struct sfs_error **err)
{
    instance->elsewhere = true;
    if (adopt_all(instance, channel, err) == 0)
        return 0;
    /* first of all: the other process then ends, and its mounts with it, without which nothing here could be joined */
    (void)sfs_handover_answer(channel, *err);
    for (size_t i = instance->count; i-- > 0;)
        cut_off(&instance->served[i]);
    return -1;
}

int sfs_instance_mount(struct sfs_instance *instance, struct sfs_error **err)
{
    for (size_t i = 0; i < instance->count; i++) {
        if (mount_one(instance, i, err) == 0)
            continue;
        for (size_t undo = i + 1; undo-- > 0;)
            cut_off(&instance->served[undo]);
        sfs_made_dirs_remove(&instance->made);
        return -1;
    }
    return 0;
}

/* --- the end ------------------------------------------------------------------------------------------------------ */

/*
 * The connection has ended: by an unmount, or because it was aborted (/sys/fs/fuse/connections), which leaves a dead
 * mount that is of no use to anybody.  Only that one fails with ENOTCONN: what has been mounted there since may well
 * have got the device number that was ours.
 */
static bool has_died(const struct sfs_served *served)
{
    dev_t device;
    sfs_err r = sfs_mount_probe(served->conf->path, &device);
    return r == -ENOTCONN || r == -ECONNABORTED;
}

static void reap_one(struct sfs_served *served)
{
    sfs_session_join(served->session);
    served->serving = false;
    SFS_CLEANUP_STRBUF struct sfs_strbuf said = SFS_STRBUF_INIT;
    sfs_err r = 0;
    if (served->mounted && has_died(served))
        r = take_away(served, true, &said);
    else
        set_unmounted(served);
    if (r < 0)
        sfs_log_warn("%s: the connection has ended, but the dead mount cannot be detached: %s (umount -l %s)",
                     served->conf->path, strerrordesc_np(-r), served->conf->path);
    sfs_session_free(served->session);
    served->session = NULL;
    served->state = SFS_SERVED_GONE;
    sfs_made_dirs_remove(&served->instance->made);
    sfs_log_debug("%s: unmounted", served->conf->path);
}

void sfs_instance_reap(struct sfs_instance *instance)
{
    uint64_t ended;
    ssize_t got = read(instance->event_fd, &ended, sizeof ended);
    (void)got;
    for (size_t i = instance->count; i-- > 0;) {
        struct sfs_served *served = &instance->served[i];
        if (served->serving && atomic_load_explicit(&served->ended, memory_order_acquire))
            reap_one(served);
    }
}

void sfs_instance_look(struct sfs_instance *instance)
{
    if (instance->elsewhere)
        return;
    for (size_t i = instance->count; i-- > 0;) {
        struct sfs_served *served = &instance->served[i];
        if (served->state != SFS_SERVED_LIVE || find_mount(served) != PLACE_NOWHERE)
            continue;
        set_unmounted(served);
        served->state = SFS_SERVED_DETACHED;
        if (!atomic_load_explicit(&served->ended, memory_order_acquire))
            sfs_log_debug("%s: detached; served until the last file of it is closed", served->conf->path);
    }
}

bool sfs_instance_done(const struct sfs_instance *instance)
{
    for (size_t i = 0; i < instance->count; i++) {
        if (instance->served[i].session != NULL)
            return false;
    }
    return true;
}

/* what: "busy: held by", then: what happens now. */
static void log_holders(const struct sfs_served *served, const char *what, const char *then)
{
    SFS_CLEANUP_HOLDERS struct sfs_holders holders = SFS_HOLDERS_INIT;
    SFS_CLEANUP_STRBUF struct sfs_strbuf text = SFS_STRBUF_INIT;
    sfs_privileges_see_processes(true);
    sfs_err r = sfs_holders_find(served->device, HOLDERS_NAMED, &holders);
    sfs_privileges_see_processes(false);
    if (r == 0)
        r = sfs_holders_print(&holders, &text);
    if (r < 0 || text.length == 0)
        (void)sfs_strbuf_add_string(&text, "a process that cannot be seen from here, a mount below it, or another "
                                           "mount namespace");
    sfs_log_warn("%s: %s %s (%s)", served->conf->path, what, text.data, then);
}

static void unmount_one(struct sfs_served *served)
{
    SFS_CLEANUP_STRBUF struct sfs_strbuf said = SFS_STRBUF_INIT;
    sfs_err r = take_away(served, false, &said);
    for (int tries = 1; r == -EBUSY && tries < BUSY_TRIES; tries++) {
        struct timespec pause = {.tv_nsec = BUSY_PAUSE_NS};
        (void)nanosleep(&pause, NULL);
        sfs_strbuf_truncate(&said, 0);
        r = take_away(served, false, &said);
    }
    if (r == -EBUSY) {
        log_holders(served, "busy: held by", "detached; served until they let go, a second signal ends it at once");
        served->told = true;
        sfs_strbuf_truncate(&said, 0);
        r = take_away(served, true, &said);
    }
    if (r == 0) {
        served->state = SFS_SERVED_DETACHED;
        return;
    }
    if (r == -EXDEV)
        sfs_log_error("%s: cannot unmount: something else is mounted over it (unmount that, then stablefs umount %s)",
                      served->conf->path, served->conf->path);
    else
        sfs_log_error("%s: cannot unmount: %s%s%s (umount -l %s)", served->conf->path, strerrordesc_np(-r),
                      said.length > 0 ? ": " : "", said.data, served->conf->path);
}

void sfs_instance_unmount(struct sfs_instance *instance)
{
    instance->ending = true;
    for (size_t i = instance->count; i-- > 0;) {
        if (instance->served[i].state == SFS_SERVED_LIVE && instance->elsewhere)
            sfs_session_abort(instance->served[i].session);
        else if (instance->served[i].state == SFS_SERVED_LIVE)
            unmount_one(&instance->served[i]);
    }
}

void sfs_instance_tell_held(struct sfs_instance *instance)
{
    for (size_t i = 0; i < instance->count; i++) {
        struct sfs_served *served = &instance->served[i];
        if (served->session == NULL || served->told || served->state != SFS_SERVED_DETACHED)
            continue;
        log_holders(served, "unmounted, but still held by", "served until they let go");
        served->told = true;
    }
}

void sfs_instance_abort(struct sfs_instance *instance)
{
    instance->ending = true;
    for (size_t i = instance->count; i-- > 0;)
        cut_off(&instance->served[i]);
    sfs_made_dirs_remove(&instance->made);
}

bool sfs_instance_by_ring(const struct sfs_instance *instance)
{
    for (size_t i = 0; i < instance->count; i++) {
        if (instance->served[i].session != NULL && sfs_session_by_ring(instance->served[i].session))
            return true;
    }
    return false;
}

uint64_t sfs_instance_nodes(const struct sfs_instance *instance, uint64_t *ret_peak)
{
    uint64_t nodes = 0;
    *ret_peak = 0;
    for (size_t i = 0; i < instance->count; i++) {
        uint64_t peak;
        if (instance->served[i].session == NULL)
            continue;
        nodes += sfs_session_nodes(instance->served[i].session, &peak);
        *ret_peak += peak;
    }
    return nodes;
}

const char *sfs_served_state_word(enum sfs_served_state state)
{
    static const char *const words[] = {"new", "live", "detached", "gone"};
    return words[state];
}
