/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "layer/inode-number.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

static struct sfs_inode_numbers *numbers;

static void make(void)
{
    cr_assert_eq(sfs_inode_numbers_new(&numbers), 0);
}

static void unmake(void)
{
    sfs_inode_numbers_free(numbers);
    sfs_inode_numbers_free(NULL);
}

TestSuite(inode_number, .init = make, .fini = unmake);

static uint64_t shown(unsigned device, uint64_t ino)
{
    ino_t ret = 0;
    cr_assert_eq(sfs_inode_number(numbers, device, ino, &ret), 0);
    return ret;
}

Test(inode_number, devices_are_counted)
{
    cr_assert_eq(sfs_inode_numbers_device(numbers, 100), 0);
    cr_assert_eq(sfs_inode_numbers_device(numbers, 7), 1);
    cr_assert_eq(sfs_inode_numbers_device(numbers, 100), 0);
    cr_assert_eq(sfs_inode_numbers_device(numbers, 7), 1);
    cr_assert_eq(sfs_inode_numbers_device(numbers, 8), 2);
}

Test(inode_number, the_first_filesystem_keeps_its_numbers)
{
    cr_assert_eq(sfs_inode_numbers_device(numbers, 1), 0);
    static const uint64_t inos[] = {1, 2, 4711, UINT64_C(0xffffffff), UINT64_C(0xffffffffffff)};
    for (size_t i = 0; i < sizeof inos / sizeof inos[0]; i++)
        cr_assert_eq(shown(0, inos[i]), inos[i]);
    cr_assert_eq(shown(0, UINT64_C(0x1234000000000001)), UINT64_C(0x1234000000000001));
}

Test(inode_number, a_prefix_given_away_is_not_shown_for_the_first)
{
    cr_assert_eq(sfs_inode_numbers_device(numbers, 1), 0);
    cr_assert_eq(sfs_inode_numbers_device(numbers, 2), 1);
    uint64_t second = shown(1, 42);
    cr_assert_neq(second, 42u);
    /* the first filesystem has a file of just that number */
    cr_assert_neq(shown(0, second), second);
    cr_assert_eq(shown(0, second), shown(0, second));
}

Test(inode_number, a_prefix_seen_is_not_given_away)
{
    cr_assert_eq(sfs_inode_numbers_device(numbers, 1), 0);
    for (uint64_t prefix = 1; prefix < 2000; prefix++)
        (void)shown(0, prefix << 48 | 5);
    cr_assert_eq(sfs_inode_numbers_device(numbers, 2), 1);
    uint64_t second = shown(1, 5);
    cr_assert(second >> 48 >= 2000, "%" PRIx64, second);
}

/* Filesystems that hash names to 64 bits use every prefix: then there is none for a second one, and it works all the same. */
Test(inode_number, no_prefix_left, .timeout = 10)
{
    cr_assert_eq(sfs_inode_numbers_device(numbers, 1), 0);
    for (uint64_t prefix = 0; prefix < 65536; prefix++)
        (void)shown(0, prefix << 48 | 5);
    cr_assert_eq(sfs_inode_numbers_device(numbers, 2), 1);
    cr_assert_eq(sfs_inode_numbers_device(numbers, 3), 2);
    uint64_t a = shown(1, 5), b = shown(2, 5);
    cr_assert(a != b && a != 5 && b != 5);
    for (uint64_t prefix = 0; prefix < 65536; prefix++)
        cr_assert(shown(0, prefix << 48 | 5) != a && shown(0, prefix << 48 | 5) != b);
    cr_assert_eq(shown(1, 5), a);
}

Test(inode_number, too_many_filesystems)
{
    sfs_err r = 0;
    for (dev_t dev = 0; dev < 40000 && r >= 0; dev++) {
        r = sfs_inode_numbers_device(numbers, dev);
        cr_assert(r < 0 || r == (sfs_err)dev);
    }
    cr_assert_eq(r, -ENFILE);
    cr_assert_eq(sfs_inode_numbers_device(numbers, 5), 5);
}

struct sample {
    unsigned device;
    uint64_t ino, shown;
};

static int by_shown(const void *a, const void *b)
{
    const struct sample *x = a, *y = b;
    return x->shown < y->shown ? -1 : x->shown > y->shown;
}

static int by_number(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

/* A number of any size, with those near the borders more often than chance has it. */
static uint64_t random_ino(uint64_t *random)
{
    static const uint64_t high[] = {0, 0, 0, 1, 2, 3, 0x7fff, 0x8000, 0xfffe, 0xffff};
    uint64_t r = sfs_hash_mix(*random += UINT64_C(0x9e3779b97f4a7c15));
    uint64_t low = r >> 60 < 8 ? (r & 0xffff) : (r & UINT64_C(0xffffffffffff));
    return (r >> 50 & 1) ? r : high[r >> 20 & 0xff ? (r >> 20 & 0xff) % 10 : 0] << 48 | low;
}

Test(inode_number, never_the_same_for_two_files)
{
    enum { SAMPLES = 300000, DEVICES = 40 };
    struct sample *samples = calloc(SAMPLES, sizeof *samples);
    uint64_t random = 20240607;
    for (size_t i = 0; i < SAMPLES; i++) {
        uint64_t dev = sfs_hash_mix(random ^ i) % (1 + i * DEVICES / SAMPLES); /* they turn up one after the other */
        sfs_err device = sfs_inode_numbers_device(numbers, dev);
        cr_assert_geq(device, 0);
        samples[i] = (struct sample){.device = (unsigned)device, .ino = random_ino(&random)};
        samples[i].shown = shown(samples[i].device, samples[i].ino);
        cr_assert_lt(samples[i].shown, SFS_INODE_NUMBER_SYNTHETIC);
    }
    for (size_t i = 0; i < SAMPLES; i++)
        cr_assert_eq(shown(samples[i].device, samples[i].ino), samples[i].shown, "a number has changed");
    qsort(samples, SAMPLES, sizeof *samples, by_shown);
    for (size_t i = 1; i < SAMPLES; i++)
        if (samples[i].shown == samples[i - 1].shown)
            cr_assert(samples[i].device == samples[i - 1].device && samples[i].ino == samples[i - 1].ino,
                      "%u:%" PRIx64 " and %u:%" PRIx64 " are both shown as %" PRIx64, samples[i].device,
                      samples[i].ino, samples[i - 1].device, samples[i - 1].ino, samples[i].shown);
    free(samples);
}

/* Numbers for which the table is too small come without memory, are the same again, and differ from all others. */
Test(inode_number, more_than_the_table_has)
{
    enum { MANY = 600000 };
    cr_assert_eq(sfs_inode_numbers_device(numbers, 1), 0);
    cr_assert_eq(sfs_inode_numbers_device(numbers, 2), 1);
    uint64_t *all = calloc(MANY, sizeof *all);
    for (uint64_t i = 0; i < MANY; i++)
        all[i] = shown(1, sfs_hash_mix(i) | UINT64_C(1) << 63);
    size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    for (uint64_t i = 0; i < MANY; i++)
        cr_assert_eq(shown(1, sfs_hash_mix(i) | UINT64_C(1) << 63), all[i], "a number has changed");
    for (uint64_t i = MANY; i < 2 * MANY; i++)
        cr_assert_lt(shown(1, sfs_hash_mix(i) | UINT64_C(1) << 63), SFS_INODE_NUMBER_SYNTHETIC);
    cr_assert_eq(mallinfo2().uordblks + mallinfo2().hblkhd, before, "it grows without end");
    qsort(all, MANY, sizeof *all, by_number);
    for (size_t i = 1; i < MANY; i++)
        cr_assert_neq(all[i], all[i - 1], "%" PRIx64 " twice", all[i]);
    free(all);
}
