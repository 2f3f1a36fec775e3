/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/doctor-advice.h"
#include "daemon/handover.h"
#include "daemon/rebuild.h"
#include "os/cred.h"
#include "os/fd.h"
#include "os/mounts.h"
#include "os/namespace.h"
#include "os/tree.h"

static int enter_namespace(const struct sfs_inside *inside, struct sfs_error **err)
{
    sfs_err r = sfs_namespace_enter(inside->user);
    if (r == -EINVAL)
        return sfs_error_set(err, SFS_STATUS_REFUSED,
                             "cannot make a mount namespace: the root directory is no mount point "
                             "(this is a chroot: bind it to itself before entering it, mount --bind DIR DIR)");
    if (r < 0)
        return sfs_error_set(err, sfs_status_of_errno(-r),
                             "cannot make a mount namespace: %s (for a container: --cap-add "
                             "SYS_ADMIN)",
                             strerrordesc_np(-r));
    struct sfs_rebuilt rebuilt = SFS_REBUILT_INIT;
    int failed = 0;
    for (size_t i = 0; failed == 0 && i < inside->run->conf->map_count; i++) {
        if (inside->rebuild[i])
            failed = sfs_rebuild(inside->run->conf->maps[i].path, &rebuilt, err);
    }
    sfs_rebuilt_finish(&rebuilt);
    return failed;
}

/* bind: what --fallback would do is done already. */
static int refused(const struct sfs_conf_map *map, bool device, sfs_err r, bool bind, struct sfs_error **err)
{
    const char *instead = bind ? "" : "; or use --fallback bind";
    /* mount(2) says EINVAL when what was opened is not the device */
    if (device || r == -EINVAL)
        return sfs_error_set(err, SFS_STATUS_REFUSED, "/dev/fuse: %s (%s%s; stablefs doctor says more)",
                             strerrordesc_np(-r), sfs_doctor_advice_here(sfs_doctor_need_of_device(r)), instead);
    return sfs_error_set(err, sfs_status_of_errno(-r),
                         "%s: cannot mount: %s (for a container: --cap-add SYS_ADMIN, and --security-opt "
                         "apparmor=unconfined where AppArmor forbids it%s; stablefs doctor says more)",
                         map->path, strerrordesc_np(-r), instead);
}

static bool is_on(enum sfs_switch value, bool otherwise)
{
    return value == SFS_UNSET ? otherwise : value == SFS_ON;
}

static struct sfs_tree_mount describe(const struct sfs_conf_map *map)
{
    const struct sfs_mount_flags *flags = &map->flags;
    return (struct sfs_tree_mount){
        .source = map->source,
        .point = map->path,
        .read_only = map->mode == SFS_MODE_RO,
        .nosuid = !is_on(flags->suid, false),
        .nodev = !is_on(flags->dev, false),
        .noexec = !is_on(flags->exec, true),
        .noatime = !is_on(flags->atime, true),
        .sync = is_on(flags->sync, false),
        .dirsync = is_on(flags->dirsync, false),
        .allow_other = is_on(flags->allow_other, geteuid() == 0),
    };
}

/* The source itself at the stable path, by the kernel alone. */
static int bind(const struct sfs_conf_map *map, const struct sfs_error *why, struct sfs_error **err)
{
    struct sfs_tree_mount mount = describe(map);
    sfs_err r = sfs_tree_show(&mount);
    if (r < 0)
        return sfs_error_set(err, sfs_status_of_errno(-r), "%s: cannot be bound to %s either: %s (%s)", map->path,
                             map->source, strerrordesc_np(-r), sfs_error_text(why));
    sfs_log_warn("%s: a bind mount of %s, not stablefs: %s", map->path, map->source, sfs_error_text(why));
    return 0;
}

static int mount_fuse(const struct sfs_conf_map *map, bool bind, int *ret_fd, struct sfs_error **err)
{
    struct sfs_tree_mount mount = describe(map);
    bool device = false;
    sfs_err r = sfs_tree_fuse(&mount, ret_fd, &device);
    return r < 0 ? refused(map, device, r, bind, err) : 0;
}

static int mount_map(const struct sfs_inside *inside, size_t index, struct sfs_error **err)
{
    const struct sfs_conf_map *map = &inside->run->conf->maps[index];
    SFS_CLEANUP_ERROR struct sfs_error *why = NULL;
    SFS_CLEANUP_FD int fd = -1;
    if (mount_fuse(map, inside->run->bind, &fd, &why) < 0)
        return inside->run->bind ? bind(map, why, err)
                                 : sfs_error_set(err, sfs_error_status(why), "%s", sfs_error_text(why));
    struct sfs_handover message = {.kind = SFS_HANDOVER_MOUNTED, .map = index, .alone = sfs_cred_alone()};
    sfs_err r = sfs_device_of(AT_FDCWD, map->path, false, &message.device);
    if (r == 0)
        r = sfs_handover_send(inside->channel, &message, fd);
    if (r < 0)
        return sfs_error_set(err, SFS_STATUS_FAILED, "%s: cannot be served: %s (try again)", map->path,
                             strerrordesc_np(-r));
    sfs_close(SFS_TAKE_FD(fd)); /* the daemon's now: a copy here would keep a dead connection alive */
    if (sfs_handover_wait(inside->channel, err) < 0)
        return -1;
    dev_t device;
    r = sfs_mount_probe(map->path, &device);
    if (r < 0)
        return sfs_error_set(err, sfs_status_of_errno(-r), "%s: mounted, but does not answer: %s (report this)",
                             map->path, strerrordesc_np(-r));
    return 0;
}

/* Outer maps first: inner ones are mounted on what those show. An outer path is shorter. */
static int mount_all(const struct sfs_inside *inside, struct sfs_error **err)
{
    const struct sfs_conf *conf = inside->run->conf;
    SFS_CLEANUP_FREE bool *done = calloc(conf->map_count, sizeof *done);
    if (done == NULL)
        return sfs_error_set(err, SFS_STATUS_FAILED, "out of memory (free some and try again)");
    for (size_t mounted = 0; mounted < conf->map_count; mounted++) {
        size_t next = conf->map_count;
        for (size_t i = 0; i < conf->map_count; i++) {
            if (!done[i] && (next == conf->map_count || strlen(conf->maps[i].path) < strlen(conf->maps[next].path)))
                next = i;
        }
        if (mount_map(inside, next, err) < 0)
            return -1;
        done[next] = true;
    }
    return 0;
}

static int tell_keeper(const struct sfs_inside *inside, struct sfs_error **err)
{
    struct sfs_namespace space;
    sfs_err r = sfs_namespace_own(&space);
    if (r == 0)
        r = sfs_keeper_tell(inside->keeper, &space);
    return r < 0 ? sfs_error_set(err, SFS_STATUS_FAILED, "cannot go on: %s (is /proc mounted?)", strerrordesc_np(-r))
                 : 0;
}

static int prepare(const struct sfs_inside *inside, struct sfs_error **err)
{
    /* the daemon has opened the sources, or, when nothing is private, mounted everything */
    if (sfs_handover_wait(inside->channel, err) < 0)
        return -1;
    if (inside->shared)
        return 0;
    if (enter_namespace(inside, err) < 0 || tell_keeper(inside, err) < 0 || mount_all(inside, err) < 0)
        return -1;
    struct sfs_handover message = {.kind = SFS_HANDOVER_DONE};
    sfs_err r = sfs_handover_send(inside->channel, &message, -1);
    if (r < 0)
        return sfs_error_set(err, SFS_STATUS_FAILED, "cannot go on: %s (try again)", strerrordesc_np(-r));
    return sfs_handover_wait(inside->channel, err);
}

static int execute(char *const *argv)
{
    (void)execvp(argv[0], argv);
    int errnum = errno;
    if (errnum == ENOENT) {
        sfs_log_error("%s: not found (correct the name, or see PATH)", argv[0]);
        return SFS_RUN_NOT_FOUND;
    }
    sfs_log_error("%s: cannot be executed: %s (see its permissions and its first line)", argv[0],
                  strerrordesc_np(errnum));
    return SFS_RUN_NOT_EXECUTABLE;
}

void sfs_inside_main(const struct sfs_inside *inside)
{
    /* the command must not outlive whoever forwards its signals */
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != inside->supervisor)
        _exit(SFS_RUN_FAILED); /* it has died already */
    SFS_CLEANUP_ERROR struct sfs_error *err = NULL;
    if (prepare(inside, &err) < 0) {
        sfs_log_error("%s", sfs_error_text(err));
        _exit(SFS_RUN_FAILED);
    }
    if (chdir(inside->run->cwd) < 0) {
        sfs_log_error("%s: cannot be the working directory: %m (choose one with --cwd)", inside->run->cwd);
        _exit(SFS_RUN_FAILED);
    }
    _exit(execute(inside->run->argv));
}
