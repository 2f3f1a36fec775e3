/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "layer/own-devices.h"

#include <stdatomic.h>
#include <sys/sysmacros.h>

/*
 * FUSE mounts without a block device have major number 0 and a minor number below 2^20 (get_anon_bdev() in fs/super.c)
 */
enum { MINORS = 1 << 20 };

static atomic_uchar own[MINORS / 8];

static bool is_anonymous(dev_t device)
{
    return major(device) == 0 && minor(device) < MINORS;
}

static unsigned char bit_of(dev_t device)
{
    return (unsigned char)(1u << (minor(device) % 8));
}

void sfs_own_device_add(dev_t device)
{
    if (is_anonymous(device))
        atomic_fetch_or(&own[minor(device) / 8], bit_of(device));
}

void sfs_own_device_remove(dev_t device)
{
    if (is_anonymous(device))
        atomic_fetch_and(&own[minor(device) / 8], (unsigned char)~bit_of(device));
}

bool sfs_own_device(dev_t device)
{
    return is_anonymous(device) && (atomic_load(&own[minor(device) / 8]) & bit_of(device)) != 0;
}
