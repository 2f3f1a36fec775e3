/* SPDX-License-Identifier: MIT */
/* Random locks, against a model that knows the lock of every single byte. */
#include "config.h"

#include "fuse/lock-ranges.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/hash.h"

enum { BYTES = 64 }; /* and one more, which stands for all behind */

static void sorted_and_apart(const struct lock_ranges *ranges)
{
    for (size_t i = 0; i < ranges->count; i++) {
        cr_assert_leq(ranges->items[i].start, ranges->items[i].end);
        cr_assert(ranges->items[i].type == F_RDLCK || ranges->items[i].type == F_WRLCK);
        if (i > 0)
            cr_assert_lt(ranges->items[i - 1].end, ranges->items[i].start);
    }
}

static short type_at(const struct lock_ranges *ranges, off_t byte)
{
    for (size_t i = 0; i < ranges->count; i++)
        if (ranges->items[i].start <= byte && byte <= ranges->items[i].end)
            return ranges->items[i].type;
    return F_UNLCK;
}

static int model_overlap(const short *model, off_t start, off_t end)
{
    for (off_t i = start; i <= end && i <= BYTES; i++)
        if (model[i] != F_UNLCK)
            return 1;
    return 0;
}

static uint64_t random_below(uint64_t *random, uint64_t limit)
{
    *random += UINT64_C(0x9e3779b97f4a7c15);
    return sfs_hash_mix(*random) % limit;
}

Test(lock_ranges, against_a_model)
{
    static const short types[] = {F_RDLCK, F_WRLCK, F_UNLCK};
    uint64_t random = 1;
    for (unsigned round = 0; round < 300; round++) {
        struct lock_ranges ranges = {NULL, 0};
        short model[BYTES + 1];
        for (off_t i = 0; i <= BYTES; i++)
            model[i] = F_UNLCK;
        for (unsigned step = 0; step < 100; step++) {
            off_t start = (off_t)random_below(&random, BYTES);
            bool to_end = random_below(&random, 8) == 0;
            off_t end = to_end ? INT64_MAX : start + (off_t)random_below(&random, (uint64_t)(BYTES - start));
            short type = types[random_below(&random, 3)];
            cr_assert_eq(lock_ranges_overlap(&ranges, start, end), model_overlap(model, start, end));
            cr_assert_eq(lock_ranges_set(&ranges, start, end, type), 0);
            for (off_t i = start; i <= end && i <= BYTES; i++)
                model[i] = type;
            sorted_and_apart(&ranges);
            for (off_t i = 0; i <= BYTES; i++)
                cr_assert_eq(type_at(&ranges, i), model[i], "byte %jd in step %u of round %u", (intmax_t)i, step, round);
        }
        lock_ranges_release(&ranges);
        cr_assert_eq(ranges.count, 0u);
    }
}

Test(lock_ranges, to_the_end_of_all_files)
{
    struct lock_ranges ranges = {NULL, 0};
    cr_assert_eq(lock_ranges_set(&ranges, 0, INT64_MAX, F_WRLCK), 0);
    cr_assert_eq(lock_ranges_set(&ranges, INT64_MAX, INT64_MAX, F_RDLCK), 0);
    cr_assert_eq(ranges.count, 2u);
    cr_assert_eq(ranges.items[0].end, INT64_MAX - 1);
    cr_assert_eq(lock_ranges_set(&ranges, 0, INT64_MAX, F_UNLCK), 0);
    cr_assert_eq(ranges.count, 0u);
    lock_ranges_release(&ranges);
}
