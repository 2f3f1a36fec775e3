/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "layer/fdcache.h"

#include <bsd/sys/queue.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "os/fd.h"

/* all members under the cache's lock */
struct slot {
    TAILQ_ENTRY(slot) links; /* in unused (free places) or idle (nobody has it on loan, least recent first) */
    struct sfs_node *node;   /* NULL: free */
    int fd;
    unsigned loans;
};
TAILQ_HEAD(slot_list, slot);

struct sfs_fdcache {
    pthread_mutex_t lock;
    struct slot *slots;
    size_t size; /* never changes: read without the lock */
    size_t count;
    size_t claimed; /* by clients: open files, removed ones in use, owners of locks */
    size_t most;    /* never changes: descriptors for the cache and open files together */
    struct slot_list unused;
    struct slot_list idle;
};

/* What is kept free for the work of a request, of threads and of the daemon itself. */
static size_t reserve_of(size_t limit)
{
    return limit / 8 + 16;
}

sfs_err sfs_fdcache_new(size_t size, size_t limit, struct sfs_fdcache **ret)
{
    struct sfs_fdcache *cache = calloc(1, sizeof *cache);
    if (cache == NULL)
        return -ENOMEM;
    cache->size = size > 0 ? size : 1;
    cache->most = limit > reserve_of(limit) ? limit - reserve_of(limit) : 1;
    cache->slots = calloc(cache->size, sizeof(struct slot));
    if (cache->slots == NULL) {
        free(cache);
        return -ENOMEM;
    }
    (void)pthread_mutex_init(&cache->lock, NULL);
    TAILQ_INIT(&cache->unused);
    TAILQ_INIT(&cache->idle);
    for (size_t i = 0; i < cache->size; i++)
        TAILQ_INSERT_TAIL(&cache->unused, &cache->slots[i], links);
    *ret = cache;
    return 0;
}

void sfs_fdcache_free(struct sfs_fdcache *cache)
{
    if (cache == NULL)
        return;
    for (size_t i = 0; i < cache->size; i++)
        if (cache->slots[i].node != NULL)
            sfs_close(cache->slots[i].fd);
    (void)pthread_mutex_destroy(&cache->lock);
    free(cache->slots);
    free(cache);
}

bool sfs_fdcache_get(struct sfs_fdcache *cache, struct sfs_node *node, struct sfs_fdref *ret)
{
    (void)pthread_mutex_lock(&cache->lock);
    int index = node->slot;
    if (index >= 0) {
        struct slot *slot = &cache->slots[index];
        if (slot->loans++ == 0)
            TAILQ_REMOVE(&cache->idle, slot, links);
        *ret = (struct sfs_fdref){slot->fd, index};
    }
    (void)pthread_mutex_unlock(&cache->lock);
    return index >= 0;
}

/* Empty an idle slot; its descriptor is the caller's to close, without the lock. */
static int evict_locked(struct sfs_fdcache *cache, struct slot *slot)
{
    TAILQ_REMOVE(&cache->idle, slot, links);
    slot->node->slot = -1;
    slot->node = NULL;
    cache->count--;
    return slot->fd;
}

void sfs_fdcache_put(struct sfs_fdcache *cache, struct sfs_node *node, struct sfs_fdref *ref)
{
    int evicted = -1;
    (void)pthread_mutex_lock(&cache->lock);
    struct slot *slot = NULL;
    bool room = cache->claimed + cache->count < cache->most;
    if (node->slot < 0 && room && (slot = TAILQ_FIRST(&cache->unused)) != NULL) {
        TAILQ_REMOVE(&cache->unused, slot, links);
    } else if (node->slot < 0 && (slot = TAILQ_FIRST(&cache->idle)) != NULL) {
        evicted = evict_locked(cache, slot);
    }
    if (slot != NULL) {
        *slot = (struct slot){.node = node, .fd = ref->fd, .loans = 1};
        cache->count++;
        node->slot = ref->slot = (int)(slot - cache->slots);
    }
    (void)pthread_mutex_unlock(&cache->lock);
    sfs_close(evicted);
}

void sfs_fdcache_exchange(struct sfs_fdcache *cache, struct sfs_node *node, struct sfs_fdref *ref)
{
    int old = -1;
    (void)pthread_mutex_lock(&cache->lock);
    struct slot *slot = node->slot >= 0 ? &cache->slots[node->slot] : NULL;
    bool exchanged = slot != NULL && slot->loans == 0;
    if (exchanged) {
        TAILQ_REMOVE(&cache->idle, slot, links);
        old = slot->fd;
        slot->fd = ref->fd;
        slot->loans = 1;
        ref->slot = node->slot;
    }
    (void)pthread_mutex_unlock(&cache->lock);
    sfs_close(old);
    if (slot == NULL)
        sfs_fdcache_put(cache, node, ref);
}

void sfs_fdcache_release(struct sfs_fdcache *cache, struct sfs_fdref *ref)
{
    if (ref->slot == SFS_FDREF_OWNED)
        sfs_close(ref->fd);
    if (ref->slot >= 0) {
        (void)pthread_mutex_lock(&cache->lock);
        struct slot *slot = &cache->slots[ref->slot];
        if (--slot->loans == 0)
            TAILQ_INSERT_TAIL(&cache->idle, slot, links);
        (void)pthread_mutex_unlock(&cache->lock);
    }
    *ref = (struct sfs_fdref){-1, SFS_FDREF_BORROWED};
}

void sfs_fdcache_drop(struct sfs_fdcache *cache, struct sfs_node *node)
{
    int fd = -1;
    (void)pthread_mutex_lock(&cache->lock);
    if (node->slot >= 0) {
        struct slot *slot = &cache->slots[node->slot];
        fd = evict_locked(cache, slot);
        TAILQ_INSERT_HEAD(&cache->unused, slot, links);
    }
    (void)pthread_mutex_unlock(&cache->lock);
    sfs_close(fd);
}

size_t sfs_fdcache_shrink(struct sfs_fdcache *cache)
{
    size_t closed = 0;
    for (;; closed++) {
        int fd = -1;
        (void)pthread_mutex_lock(&cache->lock);
        struct slot *slot = TAILQ_FIRST(&cache->idle);
        if (slot != NULL) {
            fd = evict_locked(cache, slot);
            TAILQ_INSERT_HEAD(&cache->unused, slot, links);
        }
        (void)pthread_mutex_unlock(&cache->lock);
        if (slot == NULL)
            return closed;
        sfs_close(fd);
    }
}

sfs_err sfs_fdcache_claim(struct sfs_fdcache *cache)
{
    for (;;) {
        (void)pthread_mutex_lock(&cache->lock);
        bool room = cache->claimed + cache->count < cache->most;
        if (room)
            cache->claimed++;
        (void)pthread_mutex_unlock(&cache->lock);
        if (room)
            return 0;
        if (sfs_fdcache_shrink(cache) == 0)
            return -ENFILE;
    }
}

void sfs_fdcache_unclaim(struct sfs_fdcache *cache)
{
    (void)pthread_mutex_lock(&cache->lock);
    cache->claimed--;
    (void)pthread_mutex_unlock(&cache->lock);
}

size_t sfs_fdcache_size(const struct sfs_fdcache *cache)
{
    return cache->size;
}

size_t sfs_fdcache_count(struct sfs_fdcache *cache)
{
    (void)pthread_mutex_lock(&cache->lock);
    size_t count = cache->count;
    (void)pthread_mutex_unlock(&cache->lock);
    return count;
}
