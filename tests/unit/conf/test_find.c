/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "conf/find.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "world.h"

TestSuite(find, .init = world_make, .fini = world_remove);

static void finds(bool here, const char *expected)
{
    char *path = NULL;
    struct sfs_error *err = NULL;
    cr_assert_eq(sfs_conf_find(here, &path, &err), 0, "%s", sfs_error_text(err));
    cr_assert_str_eq(path, expected);
    free(path);
}

Test(find, order)
{
    char user[PATH_MAX + 50], own[PATH_MAX + 50];
    (void)snprintf(user, sizeof user, "%s/.config/stablefs/stablefs.ini", world);
    (void)snprintf(own, sizeof own, "%s/xdg/stablefs/stablefs.ini", world);
    write_file(".config/stablefs/stablefs.ini", "x");
    finds(false, user);
    finds(true, user);
    write_file("stablefs.ini", "x");
    finds(false, user);
    finds(true, "stablefs.ini");
    setenv("STABLEFS_CONFIG", "", 1);
    finds(true, "stablefs.ini");
    setenv("STABLEFS_CONFIG", "/not/there.ini", 1);
    finds(true, "/not/there.ini");
    finds(false, "/not/there.ini");
    unsetenv("STABLEFS_CONFIG");
    char xdg[PATH_MAX + 50];
    (void)snprintf(xdg, sizeof xdg, "%s/xdg", world);
    setenv("XDG_CONFIG_HOME", xdg, 1);
    write_file("xdg/stablefs/stablefs.ini", "x");
    finds(false, own);
}

Test(find, nothing)
{
    if (access("/etc/stablefs/stablefs.ini", F_OK) == 0)
        cr_skip("this machine has /etc/stablefs/stablefs.ini");
    char expected[PATH_MAX + 300];
    char *path = NULL;
    struct sfs_error *err = NULL;
    cr_assert_eq(sfs_conf_find(false, &path, &err), -1);
    (void)snprintf(expected, sizeof expected,
                   "no config file: $STABLEFS_CONFIG is not set, and there is no %s/.config/stablefs/stablefs.ini or "
                   "/etc/stablefs/stablefs.ini (create one of them, or name a file with -c)",
                   world);
    cr_assert_str_eq(sfs_error_text(err), expected);
    cr_assert_eq(sfs_error_status(err), SFS_STATUS_NOT_FOUND);
    sfs_error_freep(&err);
    unsetenv("HOME");
    cr_assert_eq(sfs_conf_find(true, &path, &err), -1);
    cr_assert_str_eq(sfs_error_text(err),
                     "no config file: $STABLEFS_CONFIG is not set, and there is no ./stablefs.ini, "
                     "/etc/stablefs/stablefs.ini (create one of them, or name a file with -c)");
    sfs_error_freep(&err);
    cr_assert_null(path);
}

Test(find, absolute)
{
    char expected[PATH_MAX + 50];
    char *path = NULL;
    (void)snprintf(expected, sizeof expected, "%s/b", world);
    cr_assert_eq(sfs_find_absolute("a/.././b/", &path), 0);
    cr_assert_str_eq(path, expected);
    free(path);
    cr_assert_eq(sfs_find_absolute("//b/../c", &path), 0);
    cr_assert_str_eq(path, "/c");
    free(path);
    make_dir("gone");
    cr_assert_eq(chdir("gone"), 0);
    cr_assert_eq(rmdir("../gone"), 0);
    cr_assert_eq(sfs_find_absolute("a", &path), -ENOENT);
}

Test(find, a_working_directory_that_is_gone)
{
    make_dir("gone");
    cr_assert_eq(chdir("gone"), 0);
    cr_assert_eq(rmdir("../gone"), 0);
    load_tells("a.ini", "a.ini: the working directory cannot be told: No such file or directory (write the path from "
                        "the root)\n");
}

Test(find, fragments_in_the_order_of_their_bytes)
{
    char main_file[PATH_MAX + 50];
    make_dir("real");
    (void)snprintf(main_file, sizeof main_file, "%s/.config/stablefs/stablefs.ini", world);
    write_file(".config/stablefs/stablefs.ini", "[stablefs]\nname = main\n");
    write_file(".config/stablefs/conf.d/b.ini", "[map b]\npath=/nowhere/b\nsource=%s/real\n", world);
    write_file(".config/stablefs/conf.d/a.ini", "[map a]\npath=/nowhere/a\nsource=%s/real\n", world);
    write_file(".config/stablefs/conf.d/B.ini", "[map B]\npath=/nowhere/B\nsource=%s/real\n", world);
    write_file(".config/stablefs/conf.d/10.ini", "[stablefs]\nlog = debug\n");
    write_file(".config/stablefs/conf.d/.hidden.ini", "wrong\n");
    write_file(".config/stablefs/conf.d/c.ini~", "wrong\n");
    write_file(".config/stablefs/conf.d/.ini", "wrong\n");
    struct sfs_conf *conf = load_good(main_file);
    cr_assert_str_eq(conf->name, "main");
    cr_assert_eq(conf->log, SFS_LOG_DEBUG);
    cr_assert_eq(conf->map_count, 3);
    cr_assert_str_eq(conf->maps[0].name, "B");
    cr_assert_str_eq(conf->maps[1].name, "a");
    cr_assert_str_eq(conf->maps[2].name, "b");
    sfs_conf_free(conf);
}

Test(find, fragments_only_beside_the_two_files)
{
    make_dir("real");
    write_file("etc/stablefs.ini", "[map a]\npath=/nowhere/a\nsource=%s/real\n", world);
    write_file("etc/conf.d/b.ini", "wrong\n");
    sfs_conf_free(load_good("etc/stablefs.ini"));
}

Test(find, errors_of_all_files_in_order)
{
    make_dir("real");
    write_file(".config/stablefs/stablefs.ini",
               "[stablefs]\nlog = info\n[map a]\npath=/nowhere/a\nsource=%s/real\nx=1\n", world);
    write_file(".config/stablefs/conf.d/a.ini", "[stablefs]\nlog = warn\n");
    write_file(".config/stablefs/conf.d/b.ini", "[map a]\n[map c]\npath=/nowhere/a\nsource=%s/real\n", world);
    cr_assert_eq(symlink("nothing", ".config/stablefs/conf.d/c.ini"), 0);
    write_file(".config/stablefs/conf.d/d.ini", "y=1\n");
    char file[PATH_MAX + 50];
    (void)snprintf(file, sizeof file, "%s/.config/stablefs/stablefs.ini", world);
    load_tells(file,
               "%s/.config/stablefs/stablefs.ini:6: [map a] x = 1: no such key (there are: path, source, mode, cache, "
               "io, writers, io_uring, statahead, mtime, symlinks, lower, upper)\n"
               "%s/.config/stablefs/conf.d/a.ini:2: [stablefs] log = warn: log is set in line 2 of "
               "%s/.config/stablefs/stablefs.ini already (leave one of them)\n"
               "%s/.config/stablefs/conf.d/b.ini:1: [map a]: a map of this name is at "
               "%s/.config/stablefs/stablefs.ini:3 already (give one of them another name)\n"
               "%s/.config/stablefs/conf.d/b.ini:3: [map c] path = /nowhere/a: map a "
               "(%s/.config/stablefs/stablefs.ini:3) has this path too (choose another path for one of them)\n"
               "%s/.config/stablefs/conf.d/c.ini: there is no such file (correct the path, or create it)\n"
               "%s/.config/stablefs/conf.d/d.ini:1: y = 1: it stands in front of the first section (write it below "
               "[stablefs] or [map NAME])\n",
               world, world, world, world, world, world, world, world, world);
}

Test(find, a_fragment_directory_that_is_none)
{
    make_dir("real");
    write_file(".config/stablefs/stablefs.ini", "[map a]\npath=/nowhere/a\nsource=%s/real\n", world);
    write_file(".config/stablefs/conf.d", "x");
    char file[PATH_MAX + 50];
    (void)snprintf(file, sizeof file, "%s/.config/stablefs/stablefs.ini", world);
    load_tells(file,
               "%s/.config/stablefs/conf.d: the directory cannot be read: Not a directory (check its "
               "permissions)\n",
               world);
}
