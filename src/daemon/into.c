/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/into.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "daemon/made-dirs.h"
#include "os/cred.h"
#include "os/fd.h"
#include "os/mounts.h"
#include "os/namespace.h"
#include "os/tree.h"
#include "os/umount.h"

/* Dead mounts can lie on each other; more than this is not believed. */
#define STACKED_MOST 64
/* A daemon that does not answer by then is not dead, but stopped. */
#define PROBE_MS 5000

struct job {
    pid_t pid;
    struct sfs_namespace_process process;
    struct sfs_mounts mounts; /* of the process, before anything was changed */
    char *const *paths;
    size_t count;
    int *trees; /* copies of the mounts here, one for each path */
};

static void release_job(struct job *job)
{
    for (size_t i = 0; job->trees != NULL && i < job->count; i++)
        sfs_close(job->trees[i]);
    free(job->trees);
    sfs_mounts_release(&job->mounts);
    sfs_namespace_release(&job->process);
}

static int open_process(struct job *job, struct sfs_error **err)
{
    sfs_err r = sfs_namespace_open(job->pid, &job->process);
    if (r == 0)
        r = sfs_mounts_read_of(job->process.proc, &job->mounts);
    switch (-r) {
    case 0:
        return 0;
    case ENOENT:
    case ESRCH:
        return sfs_error_set(err, SFS_STATUS_NOT_FOUND,
                             "--into %ld: there is no such process (see ps, or "
                             "docker inspect -f '{{.State.Pid}}' NAME)",
                             (long)job->pid);
    case EEXIST:
        return sfs_error_set(err, SFS_STATUS_FAILED,
                             "--into %ld: the process is in this mount namespace, and has "
                             "what is mounted here (leave --into out)",
                             (long)job->pid);
    default:
        return sfs_error_set(err, sfs_status_of_errno(-r),
                             "--into %ld: cannot enter its mount namespace: %s "
                             "(be root outside of the container)",
                             (long)job->pid, strerrordesc_np(-r));
    }
}

/* The map of stablefs at the path there, or NULL. */
static const struct sfs_mount *map_there(const struct job *job, const char *path)
{
    const struct sfs_mount *mount = sfs_mounts_at(&job->mounts, path);
    return mount != NULL && sfs_mount_is_ours(mount) ? mount : NULL;
}

static int join(const struct job *job, struct sfs_error **err)
{
    sfs_err r = sfs_namespace_join(&job->process);
    return r == 0 ? 0
                  : sfs_error_set(err, sfs_status_of_errno(-r),
                                  "--into %ld: cannot enter its mount namespace: %s "
                                  "(be root outside of the container)",
                                  (long)job->pid, strerrordesc_np(-r));
}

/* --- walking there ------------------------------------------------------------------------------------------------ */

/*
 * Make a directory as the owner of the one around it, so that a container without root can remove it again.  As him
 * from the start: to give it away afterwards could give away another one, which he has put in its place.
 */
static sfs_err make_directory(int dfd, const char *name)
{
    struct stat around;
    if (fstat(dfd, &around) < 0)
        return -errno;
    sfs_err r = sfs_cred_mkdir(dfd, name, 0755, around.st_uid, around.st_gid);
    if (r < 0)
        return r == -EEXIST ? 0 : r;
    SFS_CLEANUP_FD int fd = openat(dfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    struct sfs_made_dirs mark = SFS_MADE_DIRS_INIT;
    r = sfs_made_dirs_note(&mark, name, fd);
    sfs_made_dirs_release(&mark);
    return r;
}

/*
 * The directory around the end of a path there, and the name of the end in *ret_name.  make: what is missing is made,
 * the end too.  A descriptor or -errno (-ENOTDIR: something on the way is no directory, or a symbolic link).
 */
static sfs_err walk(const struct job *job, const char *path, bool make, const char **ret_name)
{
    SFS_CLEANUP_FD int dfd = fcntl(job->process.root, F_DUPFD_CLOEXEC, 0);
    SFS_CLEANUP_FREE char *text = strdup(path + 1);
    if (dfd < 0 || text == NULL)
        return dfd < 0 ? -errno : -ENOMEM;
    char *rest = text;
    for (const char *name = strsep(&rest, "/");; name = strsep(&rest, "/")) {
        sfs_err r = 0;
        int next = openat(dfd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (next < 0 && errno == ENOENT && make) {
            r = make_directory(dfd, name);
            next = r < 0 ? -1 : openat(dfd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        }
        if (next < 0)
            return r < 0 ? r : -errno;
        if (rest == NULL) {
            sfs_close(next);
            *ret_name = sfs_path_base(path);
            return SFS_TAKE_FD(dfd);
        }
        sfs_close(dfd);
        dfd = next;
    }
}

/* Remove name in dfd if it is an empty directory that was made for a stable path and that nobody else has in use. */
static bool remove_made(int dfd, const char *name)
{
    SFS_CLEANUP_FD int fd = openat(dfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return fd >= 0 && sfs_made_dirs_marked(fd) && flock(fd, LOCK_EX | LOCK_NB) == 0 &&
           unlinkat(dfd, name, AT_REMOVEDIR) == 0;
}

/* The same for the whole path, its end first. */
static void remove_all_made(const struct job *job, const char *path)
{
    for (SFS_CLEANUP_FREE char *at = strdup(path); at != NULL;) {
        const char *name;
        SFS_CLEANUP_FD int dfd = walk(job, at, false, &name);
        if (dfd >= 0 ? !remove_made(dfd, name) : dfd != -ENOENT)
            return;
        char *slash = strrchr(at, '/');
        if (slash == at)
            return;
        *slash = '\0';
    }
}

/* --- mounting ----------------------------------------------------------------------------------------------------- */

static int clone_map(struct job *job, size_t index, struct sfs_error **err)
{
    const char *path = job->paths[index];
    SFS_CLEANUP_MOUNTS struct sfs_mounts here = SFS_MOUNTS_INIT;
    sfs_err r = sfs_mounts_read(&here);
    if (r < 0)
        return sfs_error_set(err, SFS_STATUS_FAILED, "%s: %s (is /proc mounted?)", path, strerrordesc_np(-r));
    const struct sfs_mount *mount = sfs_mounts_at(&here, path);
    if (mount == NULL || !sfs_mount_is_ours(mount))
        return sfs_error_set(err, SFS_STATUS_NOT_FOUND,
                             "%s: no map is mounted here that could be shown to process %ld "
                             "(first: stablefs mount SOURCE %s)",
                             path, (long)job->pid, path);
    if (sfs_mount_probe_patiently(path, PROBE_MS) == -ENOTCONN)
        return sfs_error_set(err, SFS_STATUS_FAILED, "%s: its daemon has died (mount it again first)", path);
    const struct sfs_mount *there = map_there(job, path);
    if (there != NULL && there->device == mount->device)
        return sfs_error_set(err, SFS_STATUS_FAILED, "%s: process %ld has it already", path, (long)job->pid);
    job->trees[index] = sfs_tree_clone(path);
    if (job->trees[index] < 0)
        return sfs_error_set(err, sfs_status_of_errno(-job->trees[index]),
                             "%s: cannot be shown elsewhere: %s (be root)", path, strerrordesc_np(-job->trees[index]));
    return 0;
}

/* Whether a map of stablefs with this device number is mounted at the path there, on top or not. */
static bool is_map_there(const struct job *job, const char *path, dev_t device)
{
    for (size_t i = 0; i < job->mounts.count; i++) {
        const struct sfs_mount *mount = &job->mounts.items[i];
        if (mount->device == device && sfs_mount_is_ours(mount) && strcmp(mount->point, path) == 0)
            return true;
    }
    return false;
}

/* 0, also when no mount of stablefs is there; -EEXIST: one that lives. */
static sfs_err detach_dead(const struct job *job, const char *path, int dfd, const char *name)
{
    if (map_there(job, path) == NULL)
        return 0;
    for (int i = 0; i < STACKED_MOST; i++) {
        if (fchdir(dfd) < 0)
            return -errno;
        /* whatever is below the dead ones answers */
        if (sfs_mount_probe_patiently(name, PROBE_MS) != -ENOTCONN)
            return i > 0 ? 0 : -EEXIST;
        dev_t device;
        sfs_err r = sfs_device_of(dfd, name, false, &device);
        if (r == 0)
            r = is_map_there(job, path, device) ? sfs_umount_at(dfd, name, true) : -EEXIST;
        if (r < 0)
            return r;
    }
    return -ELOOP;
}

static sfs_err attach(const struct job *job, size_t index)
{
    const char *path = job->paths[index], *name;
    SFS_CLEANUP_FD int around = walk(job, path, true, &name);
    if (around < 0)
        return around;
    sfs_err r = detach_dead(job, path, around, name);
    if (r < 0)
        return r;
    SFS_CLEANUP_FD int dfd = openat(around, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return dfd < 0 ? -errno : sfs_tree_attach(job->trees[index], dfd);
}

/*
 * Take the mount with this device number away.  The container may lead the path elsewhere, but it cannot exchange what
 * is mounted in the directory that the walk has ended in: what is not the one is left alone.
 */
static sfs_err detach_one(const struct job *job, const char *path, dev_t device, bool lazy)
{
    const char *name;
    SFS_CLEANUP_FD int around = walk(job, path, false, &name);
    if (around < 0)
        return around;
    dev_t found;
    sfs_err r = sfs_device_of(around, name, false, &found);
    if (r == 0 && found != device)
        r = -EINVAL;
    return r < 0 ? r : sfs_umount_at(around, name, lazy);
}

/* With the maps that are mounted below it; later lines of the table are deeper. */
static sfs_err detach(const struct job *job, const char *path, dev_t device, bool lazy)
{
    sfs_err r = 0;
    for (size_t i = job->mounts.count; r == 0 && !lazy && i-- > 0;) {
        const struct sfs_mount *mount = &job->mounts.items[i];
        const char *below = sfs_path_below(mount->point, path);
        if (below != NULL && below[0] != '\0' && sfs_mount_is_ours(mount))
            r = detach_one(job, mount->point, mount->device, false);
    }
    if (r == 0)
        r = detach_one(job, path, device, lazy);
    if (r == 0)
        remove_all_made(job, path);
    return r;
}

/* The same for what was put there a moment ago. */
static void undo(const struct job *job, size_t index)
{
    dev_t device;
    if (sfs_device_of(job->trees[index], "", false, &device) == 0)
        (void)detach(job, job->paths[index], device, true);
}

/* A path below another one comes and goes with that. */
static bool comes_along(const struct job *job, size_t index)
{
    for (size_t i = 0; i < job->count; i++) {
        const char *below = sfs_path_below(job->paths[index], job->paths[i]);
        if (i != index && below != NULL && (below[0] != '\0' || i < index))
            return true;
    }
    return false;
}

static int refused(const struct job *job, const char *path, sfs_err r, struct sfs_error **err)
{
    const char *mend = r == -EROFS     ? "make the directory in the image, or give the container a tmpfs there"
                       : r == -EEXIST  ? "unmount it first: stablefs umount --into"
                       : r == -ENOTDIR ? "symbolic links are not followed: name the directory that they lead to"
                                       : "make the directory in the container, or choose another path";
    enum sfs_status status = r == -EEXIST || r == -ENOTDIR ? SFS_STATUS_FAILED : sfs_status_of_errno(-r);
    return sfs_error_set(err, status, "%s: cannot be mounted for process %ld: %s (%s)", path, (long)job->pid,
                         r == -EEXIST ? "another map is mounted there" : strerrordesc_np(-r), mend);
}

int sfs_into_mount(pid_t pid, char *const paths[], size_t count, struct sfs_error **err)
{
    SFS_CLEANUP(release_job)
    struct job job = {.pid = pid, .process = SFS_NAMESPACE_PROCESS_INIT, .mounts = SFS_MOUNTS_INIT, .paths = paths};
    if (open_process(&job, err) < 0)
        return -1;
    job.trees = calloc(count, sizeof *job.trees);
    if (job.trees == NULL)
        return sfs_error_set(err, SFS_STATUS_FAILED, "out of memory (free some and try again)");
    for (; job.count < count; job.count++)
        job.trees[job.count] = -1;
    for (size_t i = 0; i < count; i++) {
        if (clone_map(&job, i, err) < 0)
            return -1;
    }
    if (join(&job, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        sfs_err r = comes_along(&job, i) ? 0 : attach(&job, i);
        if (r == 0)
            continue;
        remove_all_made(&job, paths[i]);
        for (size_t done = i; done-- > 0;)
            undo(&job, done);
        return refused(&job, paths[i], r, err);
    }
    return 0;
}

/* --- unmounting --------------------------------------------------------------------------------------------------- */

int sfs_into_umount(pid_t pid, char *const paths[], size_t count, bool lazy, struct sfs_error **err)
{
    SFS_CLEANUP(release_job)
    struct job job = {
        .pid = pid, .process = SFS_NAMESPACE_PROCESS_INIT, .mounts = SFS_MOUNTS_INIT, .paths = paths, .count = count};
    if (open_process(&job, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (map_there(&job, paths[i]) == NULL)
            return sfs_error_set(err, SFS_STATUS_NOT_FOUND, "%s: process %ld has no map there (see /proc/%ld/mounts)",
                                 paths[i], (long)pid, (long)pid);
    }
    if (join(&job, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        sfs_err r = comes_along(&job, i) ? 0 : detach(&job, paths[i], map_there(&job, paths[i])->device, lazy);
        if (r == -EBUSY)
            return sfs_error_set(err, SFS_STATUS_BUSY,
                                 "%s: busy: a process has a file or its working directory there, or something else is "
                                 "mounted below it (end that, or use --lazy)",
                                 paths[i]);
        if (r < 0)
            return sfs_error_set(err, sfs_status_of_errno(-r),
                                 "%s: cannot be unmounted for process %ld: %s "
                                 "(be root outside of the container)",
                                 paths[i], (long)pid, strerrordesc_np(-r));
    }
    return 0;
}
