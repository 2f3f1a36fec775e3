/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/mountpoint.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char base[] = "/tmp/sfs-mountpoint-XXXXXX";
static struct sfs_made_dirs made;

static void set_up(void)
{
    (void)umask(0);
    cr_assert_not_null(mkdtemp(base));
    made = (struct sfs_made_dirs)SFS_MADE_DIRS_INIT;
}

static void tidy(void)
{
    sfs_made_dirs_release(&made);
    (void)rmdir(base);
}

TestSuite(mountpoint, .init = set_up, .fini = tidy);

static const char *below(const char *rest)
{
    static char path[4][128];
    static unsigned turn;
    char *text = path[turn++ % 4];
    (void)snprintf(text, sizeof path[0], "%s/%s", base, rest);
    return text;
}

static bool exists(const char *rest)
{
    return access(below(rest), F_OK) == 0;
}

static void prepare(const char *rest)
{
    SFS_CLEANUP_ERROR struct sfs_error *err = NULL;
    cr_assert_eq(sfs_mountpoint_prepare(below(rest), false, &made, &err), 0, "%s", sfs_error_text(err));
}

static void expect_refusal(const char *rest, const char *words)
{
    SFS_CLEANUP_ERROR struct sfs_error *err = NULL;
    cr_assert_eq(sfs_mountpoint_prepare(below(rest), false, &made, &err), -1);
    cr_assert_not_null(strstr(sfs_error_text(err), words), "no \"%s\" in: %s", words, sfs_error_text(err));
}

Test(mountpoint, makes_and_removes)
{
    prepare("a/b/c");
    cr_assert_eq(made.count, 3);
    struct stat stat_of;
    cr_assert_eq(stat(below("a/b"), &stat_of), 0);
    cr_assert_eq(stat_of.st_mode & 07777, 0755);
    prepare("a/b/d");
    cr_assert_eq(made.count, 4);
    prepare("a/b/d");
    cr_assert_eq(made.count, 4, "what is there was not made");
    sfs_made_dirs_remove(&made);
    cr_assert_eq(made.count, 0);
    cr_assert_not(exists("a"));
    cr_assert(exists(""));
}

Test(mountpoint, keeps_what_is_in_use)
{
    prepare("a/b");
    cr_assert_eq(mkdir(below("a/other"), 0755), 0);
    sfs_made_dirs_remove(&made);
    cr_assert_not(exists("a/b"));
    cr_assert(exists("a/other"));
    cr_assert_eq(made.count, 1, "a is to be tried again");
    (void)rmdir(below("a/other"));
    sfs_made_dirs_remove(&made);
    cr_assert_not(exists("a"));
}

Test(mountpoint, never_removes_anothers_directory)
{
    prepare("a");
    cr_assert_eq(mkdir(below("b"), 0755), 0);
    cr_assert_eq(rmdir(below("a")), 0);
    cr_assert_eq(rename(below("b"), below("a")), 0);
    sfs_made_dirs_remove(&made);
    cr_assert(exists("a"), "it has the name, but it is not the one that was made");
    (void)rmdir(below("a"));
    sfs_made_dirs_remove(&made);
    cr_assert_eq(made.count, 0);
}

Test(mountpoint, refuses_links_and_files)
{
    cr_assert_eq(mkdir(below("real"), 0755), 0);
    cr_assert_eq(symlink("real", below("link")), 0);
    cr_assert_eq(symlink("nowhere", below("dangling")), 0);
    FILE *file = fopen(below("file"), "w");
    cr_assert_not_null(file);
    (void)fclose(file);
    char instead[160];
    (void)snprintf(instead, sizeof instead, "(write %s instead)", below("real/x/y"));
    expect_refusal("link/x/y", instead);
    expect_refusal("link", "symbolic link");
    expect_refusal("dangling/x", "leads nowhere");
    expect_refusal("file", "not a directory");
    expect_refusal("file/x", "not a directory");
    cr_assert_eq(made.count, 0);
    cr_assert_not(exists("real/x"));
    (void)unlink(below("file"));
    (void)unlink(below("link"));
    (void)unlink(below("dangling"));
    (void)rmdir(below("real"));
}

Test(mountpoint, root_is_none)
{
    SFS_CLEANUP_ERROR struct sfs_error *err = NULL;
    cr_assert_eq(sfs_mountpoint_prepare("/", false, &made, &err), -1);
    cr_assert_eq(sfs_error_status(err), SFS_STATUS_USAGE);
}

Test(mountpoint, nothing_dead_here)
{
    cr_assert_eq(sfs_mountpoint_detach_dead("/proc"), 0);
    cr_assert_eq(sfs_mountpoint_detach_dead(base), 0);
    sfs_mountpoint_uncover_sources();
}
