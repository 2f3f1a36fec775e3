/* SPDX-License-Identifier: MIT */
/*
 * Which ranges an owner holds.  The kernel keeps the locks themselves; this record only answers "whose is the lock that
 * stands in the way", since the kernel says -1 for an open file description (fcntl(2), F_OFD_GETLK).
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

struct lock_range {
    off_t start, end; /* inclusive */
    short type;       /* F_RDLCK or F_WRLCK */
};

struct lock_ranges {
    struct lock_range *items; /* sorted, not overlapping */
    size_t count;
};

/* Record that start..end has this type now (F_UNLCK: none). 0 or -ENOMEM, which leaves the record as it was. */
sfs_err lock_ranges_set(struct lock_ranges *ranges, off_t start, off_t end, short type);
/* True when some recorded range overlaps, whatever its type. */
int lock_ranges_overlap(const struct lock_ranges *ranges, off_t start, off_t end);
void lock_ranges_release(struct lock_ranges *ranges);
