/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "fuse/lock-ranges.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

sfs_err lock_ranges_set(struct lock_ranges *ranges, off_t start, off_t end, short type)
{
    /* a range cut in the middle becomes two, and the new one comes in */
    struct lock_range *items = calloc(ranges->count + 2, sizeof *items);
    if (items == NULL)
        return -ENOMEM;
    size_t count = 0;
    for (size_t i = 0; i < ranges->count; i++) {
        const struct lock_range *old = &ranges->items[i];
        if (old->start < start)
            items[count++] = (struct lock_range){old->start, old->end < start ? old->end : start - 1, old->type};
    }
    if (type != F_UNLCK)
        items[count++] = (struct lock_range){start, end, type};
    for (size_t i = 0; i < ranges->count; i++) {
        const struct lock_range *old = &ranges->items[i];
        if (old->end > end)
            items[count++] = (struct lock_range){old->start > end ? old->start : end + 1, old->end, old->type};
    }
    free(ranges->items);
    ranges->items = items;
    ranges->count = count;
    return 0;
}

int lock_ranges_overlap(const struct lock_ranges *ranges, off_t start, off_t end)
{
    for (size_t i = 0; i < ranges->count; i++) {
        const struct lock_range *held = &ranges->items[i];
        if (held->start <= end && held->end >= start)
            return 1;
    }
    return 0;
}

void lock_ranges_release(struct lock_ranges *ranges)
{
    free(ranges->items);
    *ranges = (struct lock_ranges){NULL, 0};
}
