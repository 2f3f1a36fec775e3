/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "fuse/lock-owners.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "os/fd.h"
#include "os/file.h"

static off_t last_byte(const struct flock *lock)
{
    return lock->l_len == 0 ? INT64_MAX : lock->l_start + lock->l_len - 1;
}

static struct flock flock_of(const struct lock_range *range, short type)
{
    off_t length = range->end == INT64_MAX ? 0 : range->end - range->start + 1;
    return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = range->start, .l_len = length};
}

static void close_fd(struct sfs_session *session, int fd)
{
    if (fd < 0)
        return;
    sfs_close(fd);
    sfs_fdcache_unclaim(session->map->cache);
}

static sfs_err open_fd(struct sfs_session *session, const struct sfs_handle_ref *handle)
{
    if (sfs_fdcache_claim(session->map->cache) < 0)
        return -ENOLCK;
    sfs_err fd = sfs_node_ops(handle->file->node)->lock_fd(handle->file);
    if (fd < 0)
        sfs_fdcache_unclaim(session->map->cache);
    return fd == -EMFILE || fd == -ENFILE ? -ENOLCK : fd;
}

static struct lock_owner *find_locked(const struct sfs_handle_ref *handle, uint64_t id)
{
    struct lock_owner *owner;
    TAILQ_FOREACH (owner, &handle->state->owners, links)
        if (owner->id == id)
            break;
    if (owner != NULL) {
        owner->users++;
        if (owner->handle != handle)
            owner->handle = NULL;
    }
    return owner;
}

static bool suffices_locked(const struct lock_owner *owner, bool writes)
{
    return owner->both.fd >= 0 || (!writes && owner->reading.fd >= 0);
}

struct lock_owner *lock_owner_find(struct sfs_session *session, const struct sfs_handle_ref *handle, uint64_t id)
{
    (void)pthread_mutex_lock(&session->lock);
    struct lock_owner *owner = find_locked(handle, id);
    (void)pthread_mutex_unlock(&session->lock);
    return owner;
}

void lock_owner_free(struct sfs_session *session, struct lock_owner *owner)
{
    close_fd(session, owner->reading.fd);
    close_fd(session, owner->both.fd);
    lock_ranges_release(&owner->reading.ranges);
    lock_ranges_release(&owner->both.ranges);
    free(owner);
}

void lock_owner_put(struct sfs_session *session, struct lock_owner *owner)
{
    (void)pthread_mutex_lock(&session->lock);
    bool last = --owner->users == 0;
    (void)pthread_mutex_unlock(&session->lock);
    if (last)
        lock_owner_free(session, owner);
}

static struct lock_owner *owner_new(const struct sfs_handle_ref *handle, uint64_t id)
{
    struct lock_owner *owner = calloc(1, sizeof *owner);
    if (owner == NULL)
        return NULL;
    owner->id = id;
    owner->handle = handle;
    owner->users = 2;
    owner->reading.fd = owner->both.fd = -1;
    return owner;
}

/* Give the owner a description; the first of several threads wins. made: to be used if there is no such owner yet. */
static struct lock_owner *equip(struct sfs_session *session, struct sfs_handle_ref *handle, int fd,
                                struct lock_owner *made)
{
    (void)pthread_mutex_lock(&session->lock);
    struct lock_owner *owner = find_locked(handle, made->id);
    if (owner == NULL) {
        owner = made;
        TAILQ_INSERT_TAIL(&handle->state->owners, owner, links);
    }
    int *place = handle->writes ? &owner->both.fd : &owner->reading.fd;
    bool taken = *place < 0;
    if (taken)
        *place = fd;
    (void)pthread_mutex_unlock(&session->lock);
    if (!taken)
        close_fd(session, fd);
    if (owner != made)
        lock_owner_free(session, made);
    return owner;
}

sfs_err lock_owner_get(struct sfs_session *session, struct sfs_handle_ref *handle, uint64_t id, bool writes,
                       struct lock_owner **ret)
{
    (void)pthread_mutex_lock(&session->lock);
    struct lock_owner *owner = find_locked(handle, id);
    bool suffices = owner != NULL && suffices_locked(owner, writes);
    (void)pthread_mutex_unlock(&session->lock);
    if (!suffices) {
        struct lock_owner *made = owner_new(handle, id);
        sfs_err fd = made != NULL ? open_fd(session, handle) : -ENOMEM;
        if (owner != NULL)
            lock_owner_put(session, owner);
        if (fd < 0) {
            free(made);
            return fd;
        }
        owner = equip(session, handle, fd, made);
    }
    *ret = owner;
    return 0;
}

/* Note what a part holds now. Without memory a later F_GETLK may name no process: the lock itself holds. */
static void note(struct sfs_session *session, struct lock_part *part, off_t start, off_t end, short type)
{
    (void)pthread_mutex_lock(&session->lock);
    (void)lock_ranges_set(&part->ranges, start, end, type);
    (void)pthread_mutex_unlock(&session->lock);
}

/* Read locks do not exclude each other, so the one part can take it before the other gives it back. */
static sfs_err move(struct sfs_session *session, struct lock_owner *owner, const struct lock_range *range)
{
    struct flock lock = flock_of(range, F_RDLCK);
    if (sfs_lock_set(owner->both.fd, &lock, false) < 0) {
        note(session, &owner->reading, range->start, range->end, F_RDLCK);
        return -ENOLCK;
    }
    note(session, &owner->both, range->start, range->end, F_RDLCK);
    lock = flock_of(range, F_UNLCK);
    (void)sfs_lock_set(owner->reading.fd, &lock, false);
    return 0;
}

sfs_err lock_owner_part(struct sfs_session *session, struct lock_owner *owner, struct lock_part **ret)
{
    struct lock_ranges moving = {NULL, 0};
    (void)pthread_mutex_lock(&session->lock);
    struct lock_part *part = owner->both.fd >= 0 ? &owner->both : &owner->reading;
    if (part == &owner->both) {
        /* taken out, so that no other thread moves them too: it might make a read lock of a write lock again */
        moving = owner->reading.ranges;
        owner->reading.ranges = (struct lock_ranges){NULL, 0};
    }
    (void)pthread_mutex_unlock(&session->lock);
    sfs_err r = 0;
    for (size_t i = 0; i < moving.count; i++)
        if (move(session, owner, &moving.items[i]) < 0)
            r = -ENOLCK;
    lock_ranges_release(&moving);
    *ret = part;
    return r;
}

void lock_owner_unlock(struct sfs_session *session, struct lock_owner *owner)
{
    (void)pthread_mutex_lock(&session->lock);
    int fds[] = {owner->reading.fd, owner->both.fd};
    lock_ranges_release(&owner->reading.ranges);
    lock_ranges_release(&owner->both.ranges);
    (void)pthread_mutex_unlock(&session->lock);
    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++) {
        struct flock all = {.l_type = F_UNLCK, .l_whence = SEEK_SET};
        if (fds[i] >= 0)
            (void)sfs_lock_set(fds[i], &all, false);
    }
}

void lock_owner_record(struct sfs_session *session, struct lock_owner *owner, struct lock_part *part,
                       const struct flock *lock, pid_t pid)
{
    (void)pthread_mutex_lock(&session->lock);
    if (lock->l_type != F_UNLCK)
        owner->pid = pid;
    (void)lock_ranges_set(&part->ranges, lock->l_start, last_byte(lock), lock->l_type);
    (void)pthread_mutex_unlock(&session->lock);
}

pid_t lock_owner_conflict(struct sfs_session *session, const struct open_state *state, const struct lock_owner *asker,
                          const struct flock *lock)
{
    pid_t pid = 0;
    const struct lock_owner *other;
    (void)pthread_mutex_lock(&session->lock);
    TAILQ_FOREACH (other, &state->owners, links)
        if (other != asker && (lock_ranges_overlap(&other->both.ranges, lock->l_start, last_byte(lock)) ||
                               lock_ranges_overlap(&other->reading.ranges, lock->l_start, last_byte(lock))))
            pid = other->pid;
    (void)pthread_mutex_unlock(&session->lock);
    return pid;
}
