/* SPDX-License-Identifier: MIT */
/*
 * The directories whose listing is to be dropped, in the order of their time (see relist.h).  Each is in it once, and
 * memory is taken for as many as there were at the same time, up to a limit.  No locks: the caller's.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct relist_queue;

/* With room for a few from the beginning, so that it never has none. most: the limit. 0 or -ENOMEM. */
sfs_err relist_queue_new(size_t most, struct relist_queue **ret);
/* NULL is fine. */
void relist_queue_free(struct relist_queue *queue);

/*
 * The directory is due at that time, which is not before any that was given so far; whatever time it had is forgotten.
 * 0; -ENOSPC when there is no room for one more, for lack of memory or at the limit.
 */
sfs_err relist_queue_add(struct relist_queue *queue, uint64_t ino, int64_t due);

/* The next one that is due: 1, or 0 when there is none. */
int relist_queue_first(const struct relist_queue *queue, uint64_t *ret_ino, int64_t *ret_due);
/* Take that one out. */
void relist_queue_take(struct relist_queue *queue);

/* How many are in it. */
size_t relist_queue_count(const struct relist_queue *queue);
