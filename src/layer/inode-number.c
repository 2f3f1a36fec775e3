/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "layer/inode-number.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

/* the key's padding would be hashed and compared: there is none */
struct odd_key {
    uint64_t ino;
    uint64_t device;
};

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "base/hash.h"

enum { PREFIX_SHIFT = 48, PREFIXES = 1 << 16, DEVICES_MOST = 32000, ODD_MOST = 1 << 18 };

/* numbers from the table; never given to a filesystem */
static const uint64_t TABLE_PREFIX = 0xffff;
/* numbers made from a digest, when the table is full; the same */
static const uint64_t DIGEST_PREFIX = 0xfffe;

struct odd_number {
    struct odd_key key;
    uint64_t shown;
    UT_hash_handle hh;
};

struct device {
    dev_t dev;
    uint16_t prefix; /* 0: of the first, or none was left */
};

struct sfs_inode_numbers {
    pthread_mutex_t lock; /* of everything here; a leaf */
    struct device *devices;
    size_t device_count;
    struct odd_number *odd;
    uint64_t odd_count;
    uint16_t prefix_last;
    unsigned char seen[PREFIXES / 8];  /* prefixes in numbers of the first filesystem that were shown as they are */
    unsigned char given[PREFIXES / 8]; /* prefixes of further filesystems */
};

/*
 * A number under a prefix, changed in its lower half too: Julia before 1.6 keeps only 32 bits of st_ino (base/stat.jl)
 * and would take files of equal numbers on two filesystems for one.  For one prefix it stays one to one.
 */
static uint64_t under_prefix(uint64_t prefix, uint64_t ino)
{
    return prefix << PREFIX_SHIFT | (ino ^ (uint32_t)(prefix * UINT64_C(0x9e3779b1)));
}

static bool bit(const unsigned char *bits, uint64_t index)
{
    return (bits[index / 8] >> (index % 8)) & 1;
}

static void bit_set(unsigned char *bits, uint64_t index)
{
    bits[index / 8] |= (unsigned char)(1u << (index % 8));
}

sfs_err sfs_inode_numbers_new(struct sfs_inode_numbers **ret)
{
    struct sfs_inode_numbers *numbers = calloc(1, sizeof *numbers);
    if (numbers == NULL)
        return -ENOMEM;
    (void)pthread_mutex_init(&numbers->lock, NULL);
    bit_set(numbers->given, TABLE_PREFIX);
    bit_set(numbers->given, DIGEST_PREFIX);
    *ret = numbers;
    return 0;
}

void sfs_inode_numbers_free(struct sfs_inode_numbers *numbers)
{
    if (numbers == NULL)
        return;
    struct odd_number *odd, *next;
    HASH_ITER (hh, numbers->odd, odd, next) {
        HASH_DEL(numbers->odd, odd);
        free(odd);
    }
    (void)pthread_mutex_destroy(&numbers->lock);
    free(numbers->devices);
    free(numbers);
}

/* 0 when the first filesystem's numbers use them all, as those of filesystems do that hash names into 64 bits. */
static uint16_t free_prefix_locked(const struct sfs_inode_numbers *numbers)
{
    uint16_t prefix = numbers->prefix_last;
    for (size_t i = 0; i < PREFIXES; i++) {
        prefix++;
        if (prefix != 0 && !bit(numbers->seen, prefix) && !bit(numbers->given, prefix))
            return prefix;
    }
    return 0;
}

static sfs_err device_add_locked(struct sfs_inode_numbers *numbers, dev_t dev)
{
    if (numbers->device_count >= DEVICES_MOST)
        return -ENFILE;
    uint16_t prefix = numbers->device_count > 0 ? free_prefix_locked(numbers) : 0;
    struct device *devices = realloc(numbers->devices, (numbers->device_count + 1) * sizeof *devices);
    if (devices == NULL)
        return -ENOMEM;
    numbers->devices = devices;
    devices[numbers->device_count] = (struct device){dev, prefix};
    if (prefix != 0) {
        bit_set(numbers->given, prefix);
        numbers->prefix_last = prefix;
    }
    return (sfs_err)numbers->device_count++;
}

sfs_err sfs_inode_numbers_device(struct sfs_inode_numbers *numbers, dev_t dev)
{
    (void)pthread_mutex_lock(&numbers->lock);
    sfs_err index = -1;
    for (size_t i = 0; i < numbers->device_count && index < 0; i++)
        if (numbers->devices[i].dev == dev)
            index = (sfs_err)i;
    if (index < 0)
        index = device_add_locked(numbers, dev);
    (void)pthread_mutex_unlock(&numbers->lock);
    return index;
}

static uint64_t digest(const struct odd_key *key)
{
    uint64_t hash = sfs_hash_pair(key->ino, key->device, UINT64_C(0x5fe1a11d));
    return DIGEST_PREFIX << PREFIX_SHIFT | hash >> (64 - PREFIX_SHIFT);
}

static sfs_err odd_number_locked(struct sfs_inode_numbers *numbers, unsigned device, uint64_t ino, ino_t *ret)
{
    struct odd_key key = {ino, device};
    struct odd_number *odd;
    HASH_FIND(hh, numbers->odd, &key, sizeof key, odd);
    if (odd == NULL && numbers->odd_count >= ODD_MOST) {
        *ret = digest(&key);
        return 0;
    }
    if (odd == NULL) {
        odd = calloc(1, sizeof *odd);
        if (odd == NULL)
            return -ENOMEM;
        odd->key = key;
        odd->shown = under_prefix(TABLE_PREFIX, numbers->odd_count + 1);
        HASH_ADD(hh, numbers->odd, key, sizeof key, odd);
        if (odd->hh.tbl == NULL) { /* out of memory, see HASH_NONFATAL_OOM */
            free(odd);
            return -ENOMEM;
        }
        numbers->odd_count++;
    }
    *ret = odd->shown;
    return 0;
}

sfs_err sfs_inode_number(struct sfs_inode_numbers *numbers, unsigned device, uint64_t ino, ino_t *ret)
{
    uint64_t prefix = ino >> PREFIX_SHIFT;
    if (device == 0 && prefix == 0) {
        *ret = ino;
        return 0;
    }
    sfs_err r = 0;
    (void)pthread_mutex_lock(&numbers->lock);
    if (device != 0 && prefix == 0 && numbers->devices[device].prefix != 0) {
        *ret = under_prefix(numbers->devices[device].prefix, ino);
    } else if (device == 0 && !bit(numbers->given, prefix)) {
        bit_set(numbers->seen, prefix);
        *ret = ino;
    } else {
        r = odd_number_locked(numbers, device, ino, ret);
    }
    (void)pthread_mutex_unlock(&numbers->lock);
    return r;
}
