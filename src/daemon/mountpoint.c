/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/mountpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "daemon/privileges.h"
#include "os/fd.h"
#include "os/mounts.h"
#include "os/umount.h"

/* Dead mounts can lie on each other; more than this is not believed. */
#define STACKED_MOST 64
/* A daemon that does not answer by then is not dead, but stopped. */
#define PROBE_MS 5000
/* Another instance may remove the directories that were just found. */
#define WALKS_MOST 100

/* prefix, a part of path, is a symbolic link: say what to write instead. Always -1. */
static int refuse_link(const char *path, const char *prefix, const char *target, struct sfs_error **err)
{
    SFS_CLEANUP_FREE char *real = realpath(prefix, NULL);
    SFS_CLEANUP_FREE char *instead = real != NULL ? sfs_path_join(real, path + strlen(prefix)) : NULL;
    if (instead == NULL)
        return sfs_error_set(err, SFS_STATUS_FAILED,
                             "%s: cannot be a stable path: %s is a symbolic link to %s, which leads nowhere "
                             "(remove the link, or choose another path)",
                             path, prefix, target);
    return sfs_error_set(err, SFS_STATUS_FAILED,
                         "%s: cannot be a stable path: %s is a symbolic link to %s (write %s instead)", path, prefix,
                         target, instead);
}

static int refuse_component(const char *path, const char *prefix, int parent, const char *name, int errnum,
                            struct sfs_error **err)
{
    if (errnum == ENOTDIR || errnum == ELOOP) {
        char target[PATH_MAX];
        ssize_t length = readlinkat(parent, name, target, sizeof target - 1);
        if (length >= 0) {
            target[length] = '\0';
            return refuse_link(path, prefix, target, err);
        }
        return sfs_error_set(
            err, SFS_STATUS_FAILED,
            "%s: cannot be a stable path: %s is not a directory (move it away, or choose another path)", path, prefix);
    }
    if (errnum == ENOTCONN)
        return sfs_error_set(err, SFS_STATUS_FAILED,
                             "%s: %s lies below a mount whose daemon has died (unmount that first: umount -l)", path,
                             prefix);
    return sfs_error_set(err, sfs_status_of_errno(errnum), "%s: cannot enter %s: %s (choose another path)", path,
                         prefix, strerrordesc_np(errnum));
}

static bool is_refusal(int errnum)
{
    return errnum == EACCES || errnum == EPERM || errnum == EROFS;
}

/* 0; -ESTALE: its parent was removed meanwhile; -EACCES with *err: not permitted; or -1 with *err. */
static int make_component(const char *path, const char *prefix, int parent, const char *name,
                          struct sfs_made_dirs *made, int *ret_dfd, struct sfs_error **err)
{
    bool ours = mkdirat(parent, name, 0755) == 0;
    if (!ours && errno == ENOENT)
        return -ESTALE;
    if (!ours && errno != EEXIST) {
        int errnum = errno;
        (void)sfs_error_set(err, sfs_status_of_errno(errnum),
                            "%s: cannot make the directory %s: %m (make it by hand, or choose a path below a "
                            "directory that you may write)",
                            path, prefix);
        return is_refusal(errnum) ? -EACCES : -1;
    }
    int dfd = openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (dfd < 0) {
        int errnum = errno;
        if (errnum == ENOENT)
            return -ESTALE;
        if (ours)
            (void)unlinkat(parent, name, AT_REMOVEDIR);
        return refuse_component(path, prefix, parent, name, errnum, err);
    }
    sfs_err r = ours ? sfs_made_dirs_note(made, prefix, dfd) : 0;
    if (r < 0) {
        sfs_close(dfd);
        (void)unlinkat(parent, name, AT_REMOVEDIR);
        return sfs_error_set(err, SFS_STATUS_FAILED, "%s: cannot make the directory %s: %s (try again)", path, prefix,
                             strerrordesc_np(-r));
    }
    *ret_dfd = dfd;
    return 0;
}

static sfs_err note_if_marked(struct sfs_made_dirs *made, const char *path, int dfd)
{
    return sfs_made_dirs_marked(dfd) ? sfs_made_dirs_note(made, path, dfd) : 0;
}

/*
 * Walk to path without following links, making what is missing.  Opening with O_PATH and O_DIRECTORY does not ask a
 * dead FUSE daemon at the end of the path, while any stat would.  0; -ESTALE: again; -EACCES with *err: something may
 * not be made or looked up; or -1 with *err.
 */
static int walk(const char *path, struct sfs_made_dirs *made, struct sfs_error **err)
{
    SFS_CLEANUP_FREE char *prefix = strdup(path);
    SFS_CLEANUP_FD int dfd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (prefix == NULL || dfd < 0)
        return sfs_error_set(err, SFS_STATUS_FAILED, "%s: %m (try again)", path);
    for (char *name = prefix + 1; *name != '\0';) {
        char *end = strchrnul(name, '/');
        char border = *end;
        *end = '\0';
        int next = openat(dfd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (next < 0 && errno == ENOENT) {
            int r = make_component(path, prefix, dfd, name, made, &next, err);
            if (r < 0)
                return r;
        } else if (next < 0) {
            int errnum = errno;
            (void)refuse_component(path, prefix, dfd, name, errnum, err);
            return errnum == EACCES ? -EACCES : -1;
        }
        sfs_close(dfd);
        dfd = next;
        /* the last one may be a dead map that is in the way: asked when that has been detached */
        if (border != '\0' && note_if_marked(made, prefix, dfd) < 0)
            return sfs_error_set(err, SFS_STATUS_FAILED, "%s: out of memory (free some and try again)", path);
        *end = border;
        name = border == '\0' ? end : end + 1;
    }
    return 0;
}

sfs_err sfs_mountpoint_detach_dead(const char *path)
{
    for (sfs_err detached = 0; detached < STACKED_MOST; detached++) {
        SFS_CLEANUP_MOUNTS struct sfs_mounts mounts = SFS_MOUNTS_INIT;
        sfs_err r = sfs_mounts_read(&mounts);
        if (r < 0)
            return r;
        const struct sfs_mount *mount = sfs_mounts_at(&mounts, path);
        if (mount == NULL || !sfs_mount_is_ours(mount))
            return detached;
        if (sfs_mount_probe_patiently(path, PROBE_MS) != -ENOTCONN)
            return -EEXIST; /* also when we may not look (another user's): its daemon lives */
        SFS_CLEANUP_STRBUF struct sfs_strbuf said = SFS_STRBUF_INIT;
        r = sfs_umount(path, true, &said);
        if (r < 0)
            return r;
        sfs_log_info("%s: a mount whose daemon had died was here; it is replaced", path);
    }
    return -ELOOP;
}

/* A descriptor of a directory in a map of another instance would keep that one busy. */
static bool lies_in_a_map(const char *path)
{
    SFS_CLEANUP_MOUNTS struct sfs_mounts mounts = SFS_MOUNTS_INIT;
    const struct sfs_mount *mount = sfs_mounts_read(&mounts) == 0 ? sfs_mounts_holding(&mounts, path) : NULL;
    return mount != NULL && sfs_mount_is_ours(mount);
}

/* What walk() has found or made is not to be removed by others from now on. -ESTALE: somebody has just done that. */
static sfs_err claim(const char *path, struct sfs_made_dirs *made)
{
    SFS_CLEANUP_FD int dfd = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (dfd < 0)
        return errno == ENOENT ? -ESTALE : -errno;
    if (lies_in_a_map(path) || !sfs_made_dirs_may_be(dfd))
        return 0;
    sfs_err r = sfs_made_dirs_hold(made, path, dfd);
    return r < 0 ? r : note_if_marked(made, path, dfd);
}

int sfs_mountpoint_prepare(const char *path, bool nested, struct sfs_made_dirs *made, struct sfs_error **err)
{
    if (nested) {
        SFS_CLEANUP_FD int dfd = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (dfd < 0)
            return sfs_error_set(err, SFS_STATUS_FAILED, "%s: the map around it does not show it: %m (report this)",
                                 path);
        return 0;
    }
    if (strcmp(path, "/") == 0)
        return sfs_error_set(err, SFS_STATUS_USAGE, "/: cannot be a stable path (choose a directory below it)");
    sfs_err r = -ESTALE;
    for (int tries = 0; r == -ESTALE && tries < WALKS_MOST; tries++) {
        r = walk(path, made, err);
        if (r == -1 || r == -EACCES)
            return -1;
        if (r == 0)
            r = sfs_mountpoint_detach_dead(path);
        if (r >= 0)
            r = claim(path, made);
    }
    /* fusermount3 asks for the same */
    if (r >= 0 && !sfs_privileges_can_mount() && access(path, W_OK) < 0)
        return sfs_error_set(
            err, SFS_STATUS_REFUSED,
            "%s: not permitted to mount here: the directory is not yours to write (choose another one, "
            "or ask root)",
            path);
    if (r == -EEXIST)
        return sfs_error_set(err, SFS_STATUS_FAILED, "%s: already mounted (stablefs umount %s)", path, path);
    if (r < 0)
        return sfs_error_set(err, sfs_status_of_errno(-r),
                             "%s: cannot be made ready: %s (if a dead mount is there, as root: umount -l %s)", path,
                             strerrordesc_np(-r), path);
    return 0;
}

int sfs_mountpoint_prepare_private(const char *path, struct sfs_made_dirs *made, bool *ret_rebuild,
                                   struct sfs_error **err)
{
    if (strcmp(path, "/") == 0)
        return sfs_error_set(err, SFS_STATUS_USAGE, "/: cannot be a stable path (choose a directory below it)");
    sfs_err r = -ESTALE;
    for (int tries = 0; r == -ESTALE && tries < WALKS_MOST; tries++) {
        SFS_CLEANUP_ERROR struct sfs_error *refused = NULL;
        r = walk(path, made, &refused);
        if (r == -1)
            return sfs_error_set(err, sfs_error_status(refused), "%s", sfs_error_text(refused));
        *ret_rebuild = r == -EACCES;
        if (r == 0)
            r = claim(path, made);
    }
    if (r == 0 || *ret_rebuild)
        return 0;
    return sfs_error_set(err, sfs_status_of_errno(-r), "%s: cannot be made ready: %s (try again)", path,
                         strerrordesc_np(-r));
}

void sfs_mountpoint_note_made(const char *path, struct sfs_made_dirs *made)
{
    SFS_CLEANUP_FREE char *prefix = strdup(path);
    for (char *end = prefix; end != NULL && *end != '\0';) {
        end = strchrnul(end + 1, '/');
        char border = *end;
        *end = '\0';
        SFS_CLEANUP_FD int dfd = open(prefix, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (dfd < 0 || note_if_marked(made, prefix, dfd) < 0)
            return;
        *end = border;
    }
}

void sfs_mountpoint_uncover_sources(void)
{
    SFS_CLEANUP_MOUNTS struct sfs_mounts mounts = SFS_MOUNTS_INIT;
    if (sfs_mounts_read(&mounts) < 0)
        return;
    for (size_t i = 0; i < mounts.count; i++) {
        const struct sfs_mount *mount = &mounts.items[i];
        if (sfs_mount_is_ours(mount) && sfs_path_is_absolute(mount->source) &&
            sfs_path_below(mount->source, mount->point) != NULL)
            (void)sfs_mountpoint_detach_dead(mount->point);
    }
}
