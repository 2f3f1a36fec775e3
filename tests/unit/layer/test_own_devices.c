/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "layer/own-devices.h"

#include <criterion/criterion.h>
#include <sys/sysmacros.h>

Test(own_devices, come_and_go)
{
    cr_assert_not(sfs_own_device(makedev(0, 41)));
    sfs_own_device_add(makedev(0, 41));
    sfs_own_device_add(makedev(0, 42));
    sfs_own_device_add(makedev(0, (1 << 20) - 1));
    cr_assert(sfs_own_device(makedev(0, 41)));
    cr_assert(sfs_own_device(makedev(0, 42)));
    cr_assert(sfs_own_device(makedev(0, (1 << 20) - 1)));
    cr_assert_not(sfs_own_device(makedev(0, 40)));
    cr_assert_not(sfs_own_device(makedev(0, 43)));
    sfs_own_device_remove(makedev(0, 41));
    cr_assert_not(sfs_own_device(makedev(0, 41)));
    cr_assert(sfs_own_device(makedev(0, 42)));
}

/* Disks are nobody's mounts of FUSE, and 0 is what a session has that was never mounted. */
Test(own_devices, no_others)
{
    sfs_own_device_add(makedev(8, 1));
    cr_assert_not(sfs_own_device(makedev(8, 1)));
    cr_assert_not(sfs_own_device(makedev(0, 1)));
    sfs_own_device_remove(0);
    cr_assert_not(sfs_own_device(0));
}
