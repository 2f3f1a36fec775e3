/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/rebuild.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/path.h"
#include "os/fd.h"
#include "os/tree.h"

/* Each entry is a mount of its own: more would take seconds, and the kernel allows 100 000 (fs.mount-max). */
#define ENTRIES_MOST 10000

static sfs_err copy_link(int from, int to, const char *name)
{
    char target[PATH_MAX];
    ssize_t length = readlinkat(from, name, target, sizeof target - 1);
    if (length < 0)
        return -errno;
    target[length] = '\0';
    return symlinkat(target, to, name) < 0 ? -errno : 0;
}

/* A directory or a file for the entry to be mounted on. */
static sfs_err make_place(int to, const char *name, bool directory)
{
    if (directory)
        return mkdirat(to, name, 0555) < 0 ? -errno : 0;
    SFS_CLEANUP_FD int fd = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
    return fd < 0 ? -errno : 0;
}

static sfs_err copy_entry(int from, int to, const char *name)
{
    struct stat stat;
    if (fstatat(from, name, &stat, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0)
        return -errno;
    if (S_ISLNK(stat.st_mode))
        return copy_link(from, to, name);
    sfs_err r = make_place(to, name, S_ISDIR(stat.st_mode));
    return r < 0 ? r : sfs_tree_bind(from, to, name);
}

/*
 * Everything of from also in to.  What cannot be looked at (a dead mount, another user's) is left out: an entry that is
 * missing is an error like the one before.  -EFBIG: too many entries.
 */
static sfs_err copy_entries(int from, int to)
{
    int fd = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) /* a directory that may not be listed, and in which nothing could be reached either */
        return errno == EACCES ? 0 : -errno;
    SFS_CLEANUP_DIR DIR *dir = fdopendir(fd);
    if (dir == NULL) {
        sfs_close(fd);
        return -ENOMEM;
    }
    size_t count = 0;
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        const char *name = entry->d_name;
        if (sfs_path_is_dot(name))
            continue;
        if (++count > ENTRIES_MOST)
            return -EFBIG;
        sfs_err r = copy_entry(from, to, name);
        if (r == -ENOMEM || r == -ENOSPC || r == -EMFILE || r == -ENFILE)
            return r;
        if (r < 0)
            sfs_log_debug("%s: left out of the rebuilt directory: %s", name, strerrordesc_np(-r));
    }
    return 0;
}

static sfs_err keep(struct sfs_rebuilt *rebuilt, int fd)
{
    int *fds = reallocarray(rebuilt->fds, rebuilt->count + 1, sizeof *fds);
    if (fds == NULL)
        return -ENOMEM;
    rebuilt->fds = fds;
    fds[rebuilt->count++] = fd;
    return 0;
}

/* Cover the directory behind dfd by a copy; *ret: its root, which rebuilt owns. is_root: it is "/". */
static sfs_err cover(int dfd, bool is_root, struct sfs_rebuilt *rebuilt, int *ret)
{
    int copy = sfs_tree_cover(dfd);
    if (copy < 0)
        return copy;
    sfs_err r = keep(rebuilt, copy);
    if (r < 0) {
        sfs_close(copy);
        return r;
    }
    r = copy_entries(dfd, copy);
    if (r == 0 && is_root)
        r = sfs_tree_pivot(dfd, copy);
    *ret = copy;
    return r;
}

static int failed(const char *path, const char *directory, sfs_err r, struct sfs_error **err)
{
    return sfs_error_set(err, sfs_status_of_errno(-r),
                         "%s: cannot have a directory there: %s: %s (choose a path below a "
                         "directory that you may write)",
                         path, directory, strerrordesc_np(-r));
}

/* Whether the directory lies in a copy: what is made there is nobody else's. */
static bool is_in_copy(const struct sfs_rebuilt *rebuilt, int dfd)
{
    struct stat its, copy;
    for (size_t i = 0; i < rebuilt->count; i++) {
        if (fstat(dfd, &its) == 0 && fstat(rebuilt->fds[i], &copy) == 0 && its.st_dev == copy.st_dev)
            return true;
    }
    return false;
}

/* Open name below dfd, made if it is missing, by a copy of dfd if need be. A descriptor or -errno. */
static sfs_err enter(int dfd, const char *name, bool is_root, struct sfs_rebuilt *rebuilt)
{
    const int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int next = openat(dfd, name, flags);
    if (next >= 0 || (errno != ENOENT && errno != EACCES))
        return next >= 0 ? next : -errno;
    int copy = dfd;
    if (!is_in_copy(rebuilt, dfd)) {
        sfs_err r = cover(dfd, is_root, rebuilt, &copy);
        if (r < 0)
            return r;
    }
    if (mkdirat(copy, name, 0755) < 0)
        return -errno;
    next = openat(copy, name, flags);
    return next >= 0 ? next : -errno;
}

int sfs_rebuild(const char *path, struct sfs_rebuilt *rebuilt, struct sfs_error **err)
{
    SFS_CLEANUP_FREE char *text = strdup(path);
    SFS_CLEANUP_FD int dfd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (text == NULL || dfd < 0)
        return sfs_error_set(err, SFS_STATUS_FAILED, "%s: %m (try again)", path);
    char *rest = text;
    const char *before = "/";
    for (char *name = strsep(&rest, "/"); name != NULL; name = strsep(&rest, "/")) {
        if (name[0] == '\0')
            continue;
        int next = enter(dfd, name, strcmp(before, "/") == 0, rebuilt);
        if (next < 0)
            return failed(path, before, next, err);
        sfs_close(dfd);
        dfd = next;
        before = name;
    }
    return 0;
}

void sfs_rebuilt_finish(struct sfs_rebuilt *rebuilt)
{
    for (size_t i = 0; i < rebuilt->count; i++) {
        sfs_err r = sfs_tree_freeze(rebuilt->fds[i]);
        if (r < 0)
            sfs_log_debug("a rebuilt directory stays writable: %s", strerrordesc_np(-r));
        sfs_close(rebuilt->fds[i]);
    }
    free(rebuilt->fds);
    *rebuilt = (struct sfs_rebuilt)SFS_REBUILT_INIT;
}
