/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "fuse/relist-queue.h"

#include <criterion/criterion.h>
#include <errno.h>

static void first_is(struct relist_queue *queue, uint64_t want_ino, int64_t want_due)
{
    uint64_t ino = 0;
    int64_t due = 0;
    cr_assert_eq(relist_queue_first(queue, &ino, &due), 1);
    cr_assert_eq(ino, want_ino);
    cr_assert_eq(due, want_due);
}

Test(relist_queue, in_order)
{
    struct relist_queue *queue;
    uint64_t ino;
    int64_t due;
    cr_assert_eq(relist_queue_new(1000, &queue), 0);
    cr_assert_eq(relist_queue_first(queue, &ino, &due), 0);
    for (uint64_t i = 1; i <= 500; i++)
        cr_assert_eq(relist_queue_add(queue, i * 4096, (int64_t)i), 0);
    for (uint64_t i = 1; i <= 500; i++) {
        first_is(queue, i * 4096, (int64_t)i);
        relist_queue_take(queue);
    }
    cr_assert_eq(relist_queue_first(queue, &ino, &due), 0);
    relist_queue_take(queue);
    relist_queue_free(queue);
    relist_queue_free(NULL);
}

/* One directory takes one place, however often it is listed and whoever else is in the queue. */
Test(relist_queue, the_same_again)
{
    struct relist_queue *queue;
    cr_assert_eq(relist_queue_new(100, &queue), 0);
    cr_assert_eq(relist_queue_add(queue, 1, 0), 0);
    for (int64_t i = 1; i < 3000000; i++)
        cr_assert_eq(relist_queue_add(queue, 2 + (uint64_t)(i % 2), i), 0);
    cr_assert_eq(relist_queue_count(queue), 3);
    first_is(queue, 1, 0);
    relist_queue_take(queue);
    first_is(queue, 2, 2999998);
    relist_queue_free(queue);
}

/* The queue goes on and never runs empty: places come back. */
Test(relist_queue, without_a_pause)
{
    struct relist_queue *queue;
    cr_assert_eq(relist_queue_new(128, &queue), 0);
    for (int64_t i = 0; i < 3000000; i++) {
        cr_assert_eq(relist_queue_add(queue, (uint64_t)i, i), 0);
        if (i >= 100)
            relist_queue_take(queue);
    }
    cr_assert_eq(relist_queue_count(queue), 100);
    relist_queue_free(queue);
}

Test(relist_queue, full)
{
    struct relist_queue *queue;
    cr_assert_eq(relist_queue_new(200, &queue), 0);
    for (int round = 0; round < 3; round++) {
        for (uint64_t i = 0; i < 200; i++)
            cr_assert_eq(relist_queue_add(queue, i, 0), 0);
        cr_assert_eq(relist_queue_add(queue, 200, 0), -ENOSPC);
        cr_assert_eq(relist_queue_add(queue, 7, 0), 0);
        relist_queue_take(queue);
        cr_assert_eq(relist_queue_add(queue, 200, 0), 0);
        for (int i = 0; i < 200; i++)
            relist_queue_take(queue);
        cr_assert_eq(relist_queue_count(queue), 0);
    }
    relist_queue_free(queue);
}
