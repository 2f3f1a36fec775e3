/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "fuse/relist-queue.h"

#include <bsd/sys/queue.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/hash.h"

enum { BUCKETS = 1024, FEW = 64 };

struct place {
    TAILQ_ENTRY(place) order;
    LIST_ENTRY(place) alike; /* in the same bucket; or free */
    uint64_t ino;
    int64_t due;
};

LIST_HEAD(place_list, place);

struct relist_queue {
    TAILQ_HEAD(, place) order;
    struct place_list free;
    struct place_list buckets[BUCKETS];
    size_t count, made, most;
    struct place few[FEW]; /* those that are never freed: the others come and go by malloc() */
};

sfs_err relist_queue_new(size_t most, struct relist_queue **ret)
{
    struct relist_queue *queue = calloc(1, sizeof *queue);
    if (queue == NULL)
        return -ENOMEM;
    TAILQ_INIT(&queue->order);
    for (size_t i = 0; i < FEW; i++)
        LIST_INSERT_HEAD(&queue->free, &queue->few[i], alike);
    queue->made = FEW;
    queue->most = most;
    *ret = queue;
    return 0;
}

static bool is_one_of_few(const struct relist_queue *queue, const struct place *place)
{
    return place >= queue->few && place < queue->few + FEW;
}

void relist_queue_free(struct relist_queue *queue)
{
    if (queue == NULL)
        return;
    while (queue->count > 0)
        relist_queue_take(queue);
    free(queue);
}

static struct place_list *bucket_of(struct relist_queue *queue, uint64_t ino)
{
    return &queue->buckets[sfs_hash_mix(ino) % BUCKETS];
}

static struct place *free_place(struct relist_queue *queue)
{
    struct place *place = LIST_FIRST(&queue->free);
    if (place != NULL) {
        LIST_REMOVE(place, alike);
    } else if (queue->made < queue->most && (place = malloc(sizeof *place)) != NULL) {
        queue->made++;
    }
    return place;
}

sfs_err relist_queue_add(struct relist_queue *queue, uint64_t ino, int64_t due)
{
    struct place_list *bucket = bucket_of(queue, ino);
    struct place *place;
    LIST_FOREACH (place, bucket, alike)
        if (place->ino == ino)
            break;
    if (place != NULL) {
        TAILQ_REMOVE(&queue->order, place, order);
    } else {
        place = free_place(queue);
        if (place == NULL)
            return -ENOSPC;
        place->ino = ino;
        LIST_INSERT_HEAD(bucket, place, alike);
        queue->count++;
    }
    place->due = due;
    TAILQ_INSERT_TAIL(&queue->order, place, order);
    return 0;
}

int relist_queue_first(const struct relist_queue *queue, uint64_t *ret_ino, int64_t *ret_due)
{
    const struct place *place = TAILQ_FIRST(&queue->order);
    if (place == NULL)
        return 0;
    *ret_ino = place->ino;
    *ret_due = place->due;
    return 1;
}

void relist_queue_take(struct relist_queue *queue)
{
    struct place *place = TAILQ_FIRST(&queue->order);
    if (place == NULL)
        return;
    TAILQ_REMOVE(&queue->order, place, order);
    LIST_REMOVE(place, alike);
    queue->count--;
    if (is_one_of_few(queue, place)) {
        LIST_INSERT_HEAD(&queue->free, place, alike);
    } else {
        free(place);
        queue->made--;
    }
}

size_t relist_queue_count(const struct relist_queue *queue)
{
    return queue->count;
}
