/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/made-dirs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "os/fd.h"
#include "os/file.h"
#include "os/mounts.h"

#define MARK "user.stablefs.made"
/* An exclusive lock is held for the time of one rmdir(2). */
#define SHARED_TRIES    100
#define EXCLUSIVE_TRIES 5
#define LOCK_PAUSE_MS   10

sfs_err sfs_made_dirs_note(struct sfs_made_dirs *made, const char *path, int dfd)
{
    struct stat stat;
    if (fstat(dfd, &stat) < 0)
        return -errno;
    for (size_t i = 0; i < made->count; i++) {
        if (made->items[i].device == stat.st_dev && made->items[i].inode == stat.st_ino)
            return 0;
    }
    struct sfs_made_dir *items = reallocarray(made->items, made->count + 1, sizeof *items);
    if (items == NULL)
        return -ENOMEM;
    made->items = items;
    char *copy = strdup(path);
    if (copy == NULL)
        return -ENOMEM;
    items[made->count++] = (struct sfs_made_dir){.path = copy, .device = stat.st_dev, .inode = stat.st_ino};
    sfs_err r = sfs_xattr_set(dfd, MARK, "1", 1, 0);
    if (r < 0)
        sfs_log_debug("%s: not marked as made: %s", path, strerrordesc_np(-r));
    return 0;
}

bool sfs_made_dirs_marked(int dfd)
{
    return sfs_xattr_get(dfd, MARK, NULL, 0) >= 0;
}

bool sfs_made_dirs_may_be(int dfd)
{
    return sfs_xattr_get(dfd, MARK, NULL, 0) != -ENODATA;
}

static bool lock_shared(int fd)
{
    for (int tries = 0; tries < SHARED_TRIES; tries++) {
        if (flock(fd, LOCK_SH | LOCK_NB) == 0)
            return true;
        if (errno != EWOULDBLOCK && errno != EINTR)
            return false;
        (void)poll(NULL, 0, LOCK_PAUSE_MS);
    }
    return false;
}

sfs_err sfs_made_dirs_hold(struct sfs_made_dirs *made, const char *path, int dfd)
{
    for (size_t i = 0; i < made->held_count; i++) {
        if (strcmp(made->held[i].path, path) == 0)
            return 0;
    }
    struct sfs_held_dir *held = reallocarray(made->held, made->held_count + 1, sizeof *held);
    if (held == NULL)
        return -ENOMEM;
    made->held = held;
    /* by its name in itself: that works without /proc */
    SFS_CLEANUP_FD int fd = openat(dfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || !lock_shared(fd)) {
        sfs_log_debug("%s: not locked: %m", path);
        return 0;
    }
    struct stat stat;
    if (fstat(fd, &stat) < 0)
        return -errno;
    if (stat.st_nlink == 0)
        return -ESTALE;
    char *copy = strdup(path);
    if (copy == NULL)
        return -ENOMEM;
    held[made->held_count++] = (struct sfs_held_dir){.path = copy, .fd = SFS_TAKE_FD(fd)};
    return 0;
}

static void let_go(struct sfs_made_dirs *made, const char *path)
{
    for (size_t i = 0; i < made->held_count; i++) {
        if (strcmp(made->held[i].path, path) != 0)
            continue;
        sfs_close(made->held[i].fd);
        free(made->held[i].path);
        made->held[i] = made->held[--made->held_count];
        return;
    }
}

/* Others lock it shared as long as they are mounted on it, and exclusively as long as a rmdir(2) takes. */
static bool lock_exclusive(int fd)
{
    for (int tries = 0; tries < EXCLUSIVE_TRIES; tries++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0 || (errno != EWOULDBLOCK && errno != EINTR))
            return true; /* where locks do not work there is nobody to respect */
        (void)poll(NULL, 0, LOCK_PAUSE_MS);
    }
    return false;
}

/* Removed, by us or by another; false when it is still needed here or elsewhere. */
static bool remove_unused(struct sfs_made_dirs *made, const char *path)
{
    /* first give up the own lock: of two that end together, the later one then finds it free */
    let_go(made, path);
    SFS_CLEANUP_FD int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0 && !lock_exclusive(fd))
        return false;
    struct stat locked;
    /* removed while we waited: by now the name may be that of a new one, on which somebody is mounted */
    if (fd >= 0 && (fstat(fd, &locked) < 0 || locked.st_nlink == 0))
        return true;
    return rmdir(path) == 0 || errno == ENOENT;
}

/* True when nothing of it is left, so that it can be forgotten. */
static bool remove_made(struct sfs_made_dirs *made, const struct sfs_made_dir *dir)
{
    dev_t device;
    sfs_err r = sfs_device_of(AT_FDCWD, dir->path, false, &device);
    if (r == -ENOENT)
        return true;
    struct stat stat;
    /* something is still mounted there: not to be asked, its daemon may be dead */
    if (r < 0 || device != dir->device)
        return false;
    if (lstat(dir->path, &stat) < 0 || stat.st_ino != dir->inode)
        return false;
    return remove_unused(made, dir->path);
}

void sfs_made_dirs_remove(struct sfs_made_dirs *made)
{
    for (size_t i = made->count; i-- > 0;) {
        if (!remove_made(made, &made->items[i]))
            continue;
        free(made->items[i].path);
        memmove(made->items + i, made->items + i + 1, (made->count - i - 1) * sizeof *made->items);
        made->count--;
    }
}

void sfs_made_dirs_release(struct sfs_made_dirs *made)
{
    for (size_t i = 0; i < made->count; i++)
        free(made->items[i].path);
    free(made->items);
    for (size_t i = 0; i < made->held_count; i++) {
        sfs_close(made->held[i].fd);
        free(made->held[i].path);
    }
    free(made->held);
    *made = (struct sfs_made_dirs)SFS_MADE_DIRS_INIT;
}
