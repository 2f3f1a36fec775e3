/* SPDX-License-Identifier: MIT */
/*
 * Unmounting is done here, not by the daemon: it works for dead daemons, in the caller's mount namespace and with the
 * caller's rights.  The daemon learns of it from the kernel; it is asked over its socket only to know when it is done.
 */
#include "config.h"

#include "cli/commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/path.h"
#include "cli/cli.h"
#include "cli/client.h"
#include "cli/into.h"
#include "conf/conf.h"
#include "daemon/json.h"
#include "os/cred.h"
#include "os/holders.h"
#include "os/mounts.h"
#include "os/process.h"
#include "os/umount.h"

#define HOLDERS_NAMED 10
/* A shell that just looks is no reason to call a mount busy. */
#define BUSY_TRIES 5
#define PAUSE_MS 40
/* How long to wait for the daemon to tidy up: a process that ends, and a map that may live on in a container. */
#define DAEMON_MS 10000
#define MAP_MS    2000
/* After detaching what is in use there is nothing to wait for, but most often it is not in use. */
#define LAZY_MS 300

static const char help[] = "usage: stablefs umount [--lazy] PATH… | -c FILE | --all\n"
                           "       stablefs umount [--lazy] --into PID PATH…\n"
                           "\n"
                           "Unmount stable paths, and return when their daemons have tidied up. What is in use stays\n"
                           "mounted, and the processes that hold it are named.\n"
                           "\n"
                           "  -c, --config FILE  all maps of this config file\n"
                           "  --all              all maps of the caller; for root, of everybody\n"
                           "  --lazy             detach what is in use: served until the last file is closed\n"
                           "  --into PID         undo stablefs mount --into PID PATH…\n"
                           "  -v, -q             say more, say less\n"
                           "\n"
                           "Exit status: 0 unmounted, 1 failed, 3 not mounted, 4 busy, 5 not permitted.\n"
                           "\n"
                           "Example: stablefs umount /depot-stable\n";

static const struct option longs[] = {
    {"config", required_argument, NULL, 'c'},
    {"all", no_argument, NULL, SFS_CLI_ALL},
    {"lazy", no_argument, NULL, SFS_CLI_LAZY},
    {"into", required_argument, NULL, SFS_CLI_INTO},
    SFS_CLI_LONG,
};

/* One mount to take away. */
struct target {
    char *path;
    dev_t device;
    const struct sfs_peer *peer; /* who serves it, NULL when not known */
    bool done;
};

struct job {
    struct sfs_mounts mounts; /* as it was at the beginning */
    struct sfs_peers peers;
    struct target *targets;
    size_t count;
    bool lazy;
    int status; /* the first failure */
};

static void release_job(struct job *job)
{
    for (size_t i = 0; i < job->count; i++)
        free(job->targets[i].path);
    free(job->targets);
    sfs_peers_release(&job->peers);
    sfs_mounts_release(&job->mounts);
}

static void failed(struct job *job, int status)
{
    if (job->status == SFS_STATUS_OK)
        job->status = status;
}

static void out_of_memory(struct job *job)
{
    sfs_log_error("umount: out of memory (free some and try again)");
    failed(job, SFS_STATUS_FAILED);
}

static void pause_ms(long milliseconds)
{
    struct timespec pause = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000};
    (void)nanosleep(&pause, NULL);
}

/* --- what to unmount ---------------------------------------------------------------------------------------------- */

static bool map_has_device(const json_t *map, dev_t device)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%u:%u", major(device), minor(device));
    return strcmp(sfs_json_member(map, "device"), text) == 0;
}

static const struct sfs_peer *find_peer(const struct job *job, dev_t device)
{
    for (size_t i = 0; i < job->peers.count; i++) {
        size_t j;
        json_t *map;
        json_array_foreach(sfs_peer_maps(&job->peers.items[i]), j, map) {
            if (map_has_device(map, device))
                return &job->peers.items[i];
        }
    }
    return NULL;
}

static void add_target(struct job *job, const struct sfs_mount *mount)
{
    for (size_t i = 0; i < job->count; i++) {
        if (job->targets[i].device == mount->device && strcmp(job->targets[i].path, mount->point) == 0)
            return;
    }
    struct target *targets = reallocarray(job->targets, job->count + 1, sizeof *targets);
    if (targets != NULL)
        job->targets = targets;
    char *path = strdup(mount->point);
    if (targets == NULL || path == NULL) {
        free(path);
        out_of_memory(job);
        return;
    }
    targets[job->count++] = (struct target){path, mount->device, find_peer(job, mount->device), false};
}

/* The maps of the same instance below a map: they are mounted on it, so they go first. */
static void add_nested(struct job *job, const struct sfs_mount *outer)
{
    const struct sfs_peer *peer = find_peer(job, outer->device);
    for (size_t i = 0; peer != NULL && i < job->mounts.count; i++) {
        const struct sfs_mount *mount = &job->mounts.items[i];
        if (mount != outer && sfs_mount_is_ours(mount) && sfs_path_below(mount->point, outer->point) != NULL &&
            find_peer(job, mount->device) == peer && sfs_mounts_at(&job->mounts, mount->point) == mount)
            add_target(job, mount);
    }
}

static void add_path(struct job *job, const char *path)
{
    SFS_CLEANUP_FREE char *written = sfs_cli_absolute(path);
    if (written == NULL) {
        failed(job, SFS_STATUS_FAILED);
        return;
    }
    const struct sfs_mount *mount = sfs_mounts_at(&job->mounts, written);
    SFS_CLEANUP_FREE char *resolved = mount == NULL ? sfs_cli_resolved(written) : NULL;
    if (resolved != NULL)
        mount = sfs_mounts_at(&job->mounts, resolved);
    if (mount == NULL) {
        sfs_log_error("%s: not mounted (stablefs status shows what is)", path);
        failed(job, SFS_STATUS_NOT_FOUND);
    } else if (!sfs_mount_is_ours(mount)) {
        sfs_log_error("%s: not a mount of stablefs, but of type %s (use umount)", path, mount->type);
        failed(job, SFS_STATUS_NOT_FOUND);
    } else {
        add_nested(job, mount);
        add_target(job, mount);
    }
}

static void add_all(struct job *job)
{
    /* root of a user namespace is not everybody's */
    bool everybody = geteuid() == 0 && sfs_cred_in_initial_namespace();
    for (size_t i = 0; i < job->mounts.count; i++) {
        const struct sfs_mount *mount = &job->mounts.items[i];
        long uid = sfs_mount_option_number(mount, "user_id=");
        if (sfs_mount_is_ours(mount) && (everybody || (uid >= 0 && (uid_t)uid == geteuid())))
            add_target(job, mount);
    }
}

static bool same_file(const char *one, const char *other)
{
    SFS_CLEANUP_FREE char *one_real = realpath(one, NULL);
    SFS_CLEANUP_FREE char *other_real = realpath(other, NULL);
    return strcmp(one, other) == 0 ||
           (one_real != NULL && other_real != NULL && strcmp(one_real, other_real) == 0);
}

/* The mounts of the running instances of a config file; the file itself need not be good any more. */
static void add_instances_of(struct job *job, const char *file)
{
    for (size_t i = 0; i < job->peers.count; i++) {
        const struct sfs_peer *peer = &job->peers.items[i];
        SFS_CLEANUP_FREE char *config = sfs_json_get_path(peer->status, "config");
        if (config == NULL || !same_file(config, file))
            continue;
        for (size_t j = 0; j < job->mounts.count; j++) {
            const struct sfs_mount *mount = &job->mounts.items[j];
            if (sfs_mount_is_ours(mount) && find_peer(job, mount->device) == peer)
                add_target(job, mount);
        }
    }
}

/* Without an instance there may be dead mounts at the paths that the file says. */
static void add_paths_of(struct job *job, const char *file)
{
    SFS_CLEANUP_PROBLEMS struct sfs_problems problems = SFS_PROBLEMS_INIT;
    SFS_CLEANUP_CONF struct sfs_conf *conf = NULL;
    if (sfs_conf_load(file, &conf, &problems) < 0) {
        sfs_cli_print_problems(&problems);
        failed(job, SFS_STATUS_USAGE);
        return;
    }
    for (size_t i = 0; i < conf->map_count; i++) {
        const struct sfs_mount *mount = sfs_mounts_at(&job->mounts, conf->maps[i].path);
        if (mount != NULL && sfs_mount_is_ours(mount))
            add_target(job, mount);
    }
    if (job->count == 0 && job->status == SFS_STATUS_OK) {
        sfs_log_error("%s: none of its maps is mounted (stablefs status shows what is)", file);
        failed(job, SFS_STATUS_NOT_FOUND);
    }
}

static void add_config(struct job *job, const char *file)
{
    SFS_CLEANUP_FREE char *absolute = sfs_cli_absolute(file);
    if (absolute == NULL) {
        failed(job, SFS_STATUS_FAILED);
        return;
    }
    add_instances_of(job, absolute);
    if (job->count == 0)
        add_paths_of(job, absolute);
}

/* Inner before outer: a mount on another one keeps it busy. */
static int compare_targets(const void *one, const void *other)
{
    size_t a = strlen(((const struct target *)one)->path), b = strlen(((const struct target *)other)->path);
    return (a < b) - (a > b);
}

/* --- unmounting --------------------------------------------------------------------------------------------------- */

/* What else is mounted on a mount, if anything. */
static char *find_mount_on(const struct target *target)
{
    SFS_CLEANUP_MOUNTS struct sfs_mounts mounts = SFS_MOUNTS_INIT;
    if (sfs_mounts_read(&mounts) < 0)
        return NULL;
    const struct sfs_mount *own = sfs_mounts_at(&mounts, target->path);
    for (size_t i = 0; own != NULL && i < mounts.count; i++) {
        if (mounts.items[i].parent == own->id)
            return strdup(mounts.items[i].point);
    }
    return NULL;
}

static void report_busy(struct job *job, const struct target *target, const struct sfs_holders *holders)
{
    SFS_CLEANUP_STRBUF struct sfs_strbuf text = SFS_STRBUF_INIT;
    (void)sfs_holders_print(holders, &text);
    SFS_CLEANUP_FREE char *on_it = holders->count == 0 ? find_mount_on(target) : NULL;
    if (text.length > 0)
        sfs_log_error("%s: busy: held by %s (stop them, or use --lazy)", target->path, text.data);
    else if (on_it != NULL)
        sfs_log_error("%s: busy: something is mounted at %s (unmount that first, or use --lazy)", target->path, on_it);
    else
        sfs_log_error("%s: busy: held by %s (use --lazy)", target->path,
                      holders->hidden ? "a process that only root can see" : "a process that cannot be seen from here");
    failed(job, SFS_STATUS_BUSY);
}

/* True when a process holds it; that is reported. */
static bool is_held(struct job *job, const struct target *target)
{
    SFS_CLEANUP_HOLDERS struct sfs_holders holders = SFS_HOLDERS_INIT;
    if (sfs_holders_find(target->device, HOLDERS_NAMED, &holders) < 0 || holders.count == 0)
        return false;
    report_busy(job, target, &holders);
    return true;
}

static void report_failure(struct job *job, const struct target *target, sfs_err r, const char *said)
{
    switch (-r) {
    case EINVAL:
    case ENOENT:
        sfs_log_error("%s: not mounted any more (somebody else has unmounted it)", target->path);
        failed(job, SFS_STATUS_NOT_FOUND);
        break;
    case EPERM:
    case EACCES:
        sfs_log_error("%s: not permitted%s%s (only the user who mounted it, and root)", target->path,
                      said[0] != '\0' ? ": " : "", said);
        failed(job, SFS_STATUS_REFUSED);
        break;
    default:
        sfs_log_error("%s: %s%s%s (try umount -l as root)", target->path, strerrordesc_np(-r),
                      said[0] != '\0' ? ": " : "", said);
        failed(job, SFS_STATUS_FAILED);
        break;
    }
}

static bool is_there(const struct target *target)
{
    SFS_CLEANUP_MOUNTS struct sfs_mounts mounts = SFS_MOUNTS_INIT;
    if (sfs_mounts_read(&mounts) < 0)
        return false;
    const struct sfs_mount *mount = sfs_mounts_at(&mounts, target->path);
    return mount != NULL && mount->device == target->device;
}

static void unmount(struct job *job, struct target *target)
{
    SFS_CLEANUP_STRBUF struct sfs_strbuf said = SFS_STRBUF_INIT;
    sfs_err r = sfs_umount(target->path, job->lazy, &said);
    for (int tries = 1; r == -EBUSY && tries < BUSY_TRIES; tries++) {
        pause_ms(PAUSE_MS);
        sfs_strbuf_truncate(&said, 0);
        r = sfs_umount(target->path, job->lazy, &said);
    }
    /* fusermount3 says of a mount of another user that there is none */
    if (r == -EINVAL && is_there(target))
        r = -EPERM;
    if (r == -EBUSY) {
        SFS_CLEANUP_HOLDERS struct sfs_holders holders = SFS_HOLDERS_INIT;
        (void)sfs_holders_find(target->device, HOLDERS_NAMED, &holders);
        report_busy(job, target, &holders);
    } else if (r < 0) {
        report_failure(job, target, r, said.data);
    } else {
        target->done = true;
        sfs_log_debug("%s: unmounted", target->path);
    }
}

/* --- waiting for the daemons -------------------------------------------------------------------------------------- */

/* Whether the answer to "look" still names one of the peer's maps that were unmounted now. */
static bool still_served(const struct job *job, const struct sfs_peer *peer, const json_t *answer)
{
    size_t i;
    json_t *map;
    json_array_foreach(json_object_get(answer, "maps"), i, map) {
        SFS_CLEANUP_FREE char *path = sfs_json_get_path(map, "path");
        for (size_t j = 0; path != NULL && j < job->count; j++) {
            if (job->targets[j].peer == peer && job->targets[j].done && strcmp(job->targets[j].path, path) == 0)
                return true;
        }
    }
    return false;
}

static bool waits_for(const struct job *job, const struct sfs_peer *peer)
{
    for (size_t i = 0; i < job->count; i++) {
        if (job->targets[i].peer == peer && job->targets[i].done)
            return true;
    }
    return false;
}

static void wait_for_peer(const struct job *job, const struct sfs_peer *peer)
{
    json_t *request = json_pack("{s:s}", "command", "look");
    long most = job->lazy ? LAZY_MS : MAP_MS;
    bool gone = request == NULL;
    for (long waited = 0, pause = 1; !gone; waited += pause, pause = pause < PAUSE_MS / 4 ? pause * 2 : pause) {
        json_t *answer = NULL;
        sfs_err r = sfs_peer_ask(peer, request, &answer);
        bool all_gone = r == 0 && json_array_size(json_object_get(answer, "maps")) == 0;
        bool served = r == 0 && still_served(job, peer, answer);
        json_decref(answer);
        if (r < 0) {
            /* its socket has gone, or went while it was asked: the process ends now */
            gone = r != -ETIMEDOUT;
            break;
        }
        if (!served && !all_gone)
            break;
        if (waited >= most) {
            sfs_log_info("%s: still open somewhere; it is served until the last file is closed",
                         sfs_json_member(peer->status, "name"));
            break;
        }
        pause_ms(pause);
    }
    json_decref(request);
    if (gone && peer->pid > 0)
        (void)sfs_process_wait_gone(peer->pid, DAEMON_MS);
}

static int run(struct job *job)
{
    if (job->count == 0)
        return job->status;
    qsort(job->targets, job->count, sizeof *job->targets, compare_targets);
    /* with several, better none than some: look first */
    bool held = false;
    for (size_t i = 0; i < job->count && job->count > 1 && !job->lazy; i++)
        held = is_held(job, &job->targets[i]) || held;
    if (held)
        return job->status;
    for (size_t i = 0; i < job->count; i++)
        unmount(job, &job->targets[i]);
    for (size_t i = 0; i < job->peers.count; i++) {
        if (waits_for(job, &job->peers.items[i]))
            wait_for_peer(job, &job->peers.items[i]);
    }
    return job->status;
}

int sfs_cmd_umount(int argc, char *argv[])
{
    struct sfs_cli cli = {"umount", help, ":c:" SFS_CLI_SHORT, longs, 0};
    SFS_CLEANUP(release_job) struct job job = {.mounts = SFS_MOUNTS_INIT, .peers = SFS_PEERS_INIT};
    const char *file = NULL;
    struct sfs_cli_into into = {.pid = NULL};
    bool all = false;
    int status = 0, option;
    while ((option = sfs_cli_next(&cli, argc, argv, &status)) != SFS_CLI_END) {
        if (option == SFS_CLI_STOP)
            return status;
        if (option == 'c')
            file = optarg;
        else if (option == SFS_CLI_ALL)
            all = true;
        else if (option == SFS_CLI_LAZY)
            job.lazy = true;
        else if (option == SFS_CLI_INTO)
            into.pid = optarg;
    }
    if (into.pid != NULL && (file != NULL || all || optind == argc))
        return sfs_cli_usage(&cli, "--into %s: PATH… is wanted, and nothing else", into.pid);
    if ((file != NULL) + all + (optind < argc) != 1)
        return sfs_cli_usage(&cli, "one of PATH…, -c FILE and --all is wanted");
    sfs_cli_set_level(&cli, NULL);
    if (into.pid != NULL) {
        into.paths = argv + optind;
        into.count = argc - optind;
        into.lazy = job.lazy;
        return sfs_cli_into(&cli, &into);
    }

    sfs_err r = sfs_mounts_read(&job.mounts);
    if (r == 0)
        r = sfs_peers_find(&job.peers);
    if (r < 0) {
        sfs_log_error("umount: %s (is /proc mounted?)", strerrordesc_np(-r));
        return SFS_STATUS_FAILED;
    }
    if (file != NULL)
        add_config(&job, file);
    if (all)
        add_all(&job);
    for (int i = optind; i < argc; i++)
        add_path(&job, argv[i]);
    return run(&job);
}
