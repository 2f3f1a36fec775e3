/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "os/rundir.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "os/fd.h"

static void expect_place(uid_t uid, size_t index, const char *expected)
{
    SFS_CLEANUP_FREE char *place = NULL;
    sfs_err r = sfs_rundir_place(uid, index, &place);
    if (expected == NULL) {
        cr_assert_eq(r, -ENOENT);
        return;
    }
    cr_assert_eq(r, 0);
    cr_assert_str_eq(place, expected);
}

Test(rundir, places)
{
    (void)setenv("XDG_RUNTIME_DIR", "/somewhere", 1);
    uid_t other = geteuid() + 4321;
    char text[64];
    (void)snprintf(text, sizeof text, "/run/user/%lu/stablefs", (unsigned long)other);
    expect_place(other, 0, text);
    (void)snprintf(text, sizeof text, "/tmp/stablefs-%lu", (unsigned long)other);
    expect_place(other, 1, text);
    expect_place(other, 2, NULL);
    size_t own = geteuid() == 0 ? 1 : 0;
    if (own == 1)
        expect_place(0, 0, "/run/stablefs");
    expect_place(geteuid(), own, "/somewhere/stablefs");
    (void)setenv("XDG_RUNTIME_DIR", "relative", 1);
    (void)snprintf(text, sizeof text, "/run/user/%lu/stablefs", (unsigned long)geteuid());
    expect_place(geteuid(), own, text);
}

Test(rundir, safe_ones_only)
{
    char base[] = "/tmp/sfs-rundir-XXXXXX";
    cr_assert_not_null(mkdtemp(base));
    char path[64], link[64];
    (void)snprintf(path, sizeof path, "%s/d", base);
    (void)snprintf(link, sizeof link, "%s/l", base);
    SFS_CLEANUP_FD int first = -1, again = -1;
    int refused = -1;
    cr_assert_eq(sfs_rundir_open(path, geteuid(), false, &refused), -ENOENT);
    cr_assert_eq(sfs_rundir_open(path, geteuid(), true, &first), 0);
    struct stat stat;
    cr_assert_eq(fstat(first, &stat), 0);
    cr_assert_eq(stat.st_mode & 07777, 0700);
    cr_assert_eq(sfs_rundir_open(path, geteuid(), true, &again), 0, "it may be there already");
    cr_assert_eq(sfs_rundir_open(path, geteuid() + 1, true, &refused), -EPERM, "somebody else's");
    cr_assert_eq(chmod(path, 0770), 0);
    cr_assert_eq(sfs_rundir_open(path, geteuid(), true, &refused), -EPERM, "others may write it");
    cr_assert_eq(chmod(path, 0700), 0);
    cr_assert_eq(symlink(path, link), 0);
    cr_assert_eq(sfs_rundir_open(link, geteuid(), true, &refused), -EPERM, "a link");
    cr_assert_eq(refused, -1);
    (void)unlink(link);
    (void)rmdir(path);
    (void)rmdir(base);
}
