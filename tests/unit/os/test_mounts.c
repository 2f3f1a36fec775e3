/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "os/mounts.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static struct sfs_mounts parse(const char *text)
{
    struct sfs_mounts mounts = SFS_MOUNTS_INIT;
    cr_assert_eq(sfs_mounts_parse(text, strlen(text), &mounts), 0);
    return mounts;
}

static sfs_err parse_bad(const char *text, size_t length)
{
    struct sfs_mounts mounts = SFS_MOUNTS_INIT;
    sfs_err r = sfs_mounts_parse(text, length, &mounts);
    cr_assert_null(mounts.items, "a failure leaves the result alone");
    return r;
}

Test(mounts, all_fields)
{
    SFS_CLEANUP_MOUNTS struct sfs_mounts mounts =
        parse("36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:2 - ext3 /dev/root rw,errors=continue\n");
    cr_assert_eq(mounts.count, 1);
    const struct sfs_mount *mount = &mounts.items[0];
    cr_assert_eq(mount->id, 36);
    cr_assert_eq(mount->parent, 35);
    cr_assert_eq(mount->device, makedev(98, 0));
    cr_assert_str_eq(mount->root, "/mnt1");
    cr_assert_str_eq(mount->point, "/mnt2");
    cr_assert_str_eq(mount->options, "rw,noatime");
    cr_assert_str_eq(mount->type, "ext3");
    cr_assert_str_eq(mount->source, "/dev/root");
    cr_assert_str_eq(mount->super_options, "rw,errors=continue");
    cr_assert_not(sfs_mount_is_ours(mount));
}

Test(mounts, escapes_and_empty_source)
{
    SFS_CLEANUP_MOUNTS struct sfs_mounts mounts =
        parse("1 0 0:1 / /a\\040b\\011c\\012d\\134e\\043 rw - fuse.stablefs  rw,user_id=1000,group_id=5\n"
              "2 1 0:2 / /x\\08 rw - tmpfs none rw");
    cr_assert_eq(mounts.count, 2);
    cr_assert_str_eq(mounts.items[0].point, "/a b\tc\nd\\e#");
    cr_assert_str_eq(mounts.items[0].source, "");
    cr_assert(sfs_mount_is_ours(&mounts.items[0]));
    cr_assert_eq(sfs_mount_option_number(&mounts.items[0], "user_id="), 1000);
    cr_assert_eq(sfs_mount_option_number(&mounts.items[0], "id="), -1);
    cr_assert_str_eq(mounts.items[1].point, "/x\\08", "not three octal digits");
}

Test(mounts, refuses_what_is_not_mountinfo)
{
    static const char *const bad[] = {
        "\n",
        "36 35 98:0 /mnt1 /mnt2 rw\n",
        "36 35 98:0 /mnt1 /mnt2 rw master:1\n",
        "36 35 98:0 /mnt1 /mnt2 rw - ext3 /dev/root\n",
        "36 35 98 /mnt1 /mnt2 rw - ext3 /dev/root rw\n",
        "36 35 98:x /mnt1 /mnt2 rw - ext3 /dev/root rw\n",
        "-6 35 98:0 /mnt1 /mnt2 rw - ext3 /dev/root rw\n",
        "99999999999 35 98:0 /mnt1 /mnt2 rw - ext3 /dev/root rw\n",
        "1 0 0:1 / / rw - a b c\nx",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_assert_eq(parse_bad(bad[i], strlen(bad[i])), -EINVAL, "%s", bad[i]);
    cr_assert_eq(parse_bad("1 0 0:1 / / rw - a b c\0d\n", 25), -EINVAL, "a NUL byte");
    SFS_CLEANUP_MOUNTS struct sfs_mounts none = parse("");
    cr_assert_eq(none.count, 0);
}

/* 20 covers /a after 11 was mounted below it; 31 lies on 30; 13 has its own root */
static const char tree[] = "10 1 8:1 / / rw - ext4 /dev/sda rw\n"
                           "11 10 0:11 / /a/b rw - fuse.stablefs s rw\n"
                           "20 10 0:20 / /a rw - tmpfs t rw\n"
                           "21 20 0:21 / /a/c rw - tmpfs t rw\n"
                           "30 10 0:30 / /d rw - fuse.stablefs s rw\n"
                           "31 30 0:31 / /d rw - fuse.stablefs s rw\n";

Test(mounts, top_mount_of_a_path)
{
    SFS_CLEANUP_MOUNTS struct sfs_mounts mounts = parse(tree);
    cr_assert_eq(sfs_mounts_at(&mounts, "/d")->id, 31, "the one on top");
    cr_assert_null(sfs_mounts_at(&mounts, "/a/b"), "hidden by the mount over its parent");
    cr_assert_eq(sfs_mounts_at(&mounts, "/a/c")->id, 21);
    cr_assert_eq(sfs_mounts_at(&mounts, "/a")->id, 20);
    cr_assert_null(sfs_mounts_at(&mounts, "/d/e"));
    cr_assert_eq(sfs_mounts_holding(&mounts, "/d/e")->id, 31);
    cr_assert_eq(sfs_mounts_holding(&mounts, "/a/b/x")->id, 20);
    cr_assert_eq(sfs_mounts_holding(&mounts, "/dd")->id, 10, "a prefix of a name is no parent");
    cr_assert_eq(sfs_mounts_holding(&mounts, "/")->id, 10);
}

Test(mounts, a_ring_ends)
{
    SFS_CLEANUP_MOUNTS struct sfs_mounts mounts = parse("10 1 8:1 / / rw - a b c\n"
                                                        "11 12 0:1 / / rw - a b c\n"
                                                        "12 11 0:1 / / rw - a b c\n");
    cr_assert_not_null(sfs_mounts_holding(&mounts, "/x"));
}

Test(mounts, own_table)
{
    SFS_CLEANUP_MOUNTS struct sfs_mounts mounts = SFS_MOUNTS_INIT;
    cr_assert_eq(sfs_mounts_read(&mounts), 0);
    const struct sfs_mount *proc = sfs_mounts_holding(&mounts, "/proc/self");
    cr_assert_not_null(proc);
    cr_assert_str_eq(proc->type, "proc");
    dev_t device;
    cr_assert_eq(sfs_device_of(AT_FDCWD, "/proc/version", true, &device), 0);
    cr_assert_eq(device, proc->device);
    cr_assert_eq(sfs_mount_probe("/proc", &device), 0);
    cr_assert_eq(sfs_mount_probe("/proc/nothing/here", &device), -ENOENT);
    cr_assert_eq(sfs_mount_probe_patiently("/proc", 10000), 0);
    cr_assert_eq(sfs_mount_probe_patiently("/proc/nothing/here", 10000), -ENOENT);
}
