/* SPDX-License-Identifier: MIT */
/* The checks between maps, and those that look at the filesystem. */
#include "config.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "world.h"

TestSuite(validate, .init = world_make, .fini = world_remove);

Test(validate, missing_keys)
{
    make_dir("real");
    write_file("a.ini",
               "[map a]\n"
               "[map b]\n"
               "path = /nowhere/b\n"
               "[map c]\n"
               "source = %s/real\n"
               "[map d]\n"
               "pth = /nowhere/d\n",
               world);
    load_tells("a.ini",
               "a.ini:1: [map a]: it has no path (add a line: path = /STABLE/PATH)\n"
               "a.ini:1: [map a]: it has no source (add a line: source = /REAL/DIRECTORY)\n"
               "a.ini:2: [map b]: it has no source (add a line: source = /REAL/DIRECTORY)\n"
               "a.ini:4: [map c]: it has no path (add a line: path = /STABLE/PATH)\n"
               "a.ini:7: [map d] pth = /nowhere/d: no such key (did you mean \"path\"? There are: path, source, mode, "
               "cache, io, writers, io_uring, statahead, mtime, symlinks, lower, upper)\n");
}

Test(validate, source)
{
    write_file("file", "x");
    make_dir("closed/dir");
    write_file("a.ini",
               "[map a]\n"
               "path = /nowhere/a\n"
               "source = %s/missing\n"
               "[map b]\n"
               "path = /nowhere/b\n"
               "source = ${HOME}/file\n"
               "[map c]\n"
               "path = /nowhere/c\n"
               "source = %s/file/x\n",
               world, world);
    load_tells("a.ini",
               "a.ini:3: [map a] source = %s/missing: there is no directory %s/missing (create it, or correct the "
               "path)\n"
               "a.ini:6: [map b] source = ${HOME}/file: %s/file is not a directory (name a directory)\n"
               "a.ini:9: [map c] source = %s/file/x: there is no directory %s/file/x (create it, or correct the "
               "path)\n",
               world, world, world, world, world);
    if (geteuid() == 0)
        return;
    cr_assert_eq(chmod("closed", 0), 0);
    write_file("a.ini", "[map a]\npath = /nowhere/a\nsource = %s/closed/dir\n", world);
    load_tells("a.ini",
               "a.ini:3: [map a] source = %s/closed/dir: %s/closed/dir cannot be looked at: Permission denied (check "
               "its permissions)\n",
               world, world);
    cr_assert_eq(chmod("closed", 0700), 0);
}

Test(validate, a_source_may_be_a_link)
{
    make_dir("real");
    cr_assert_eq(symlink("real", "link"), 0);
    write_file("a.ini", "[map a]\npath = /nowhere/a\nsource = %s/link\n", world);
    sfs_conf_free(load_good("a.ini"));
}

Test(validate, two_maps_at_one_path)
{
    make_dir("real");
    write_file("a.ini",
               "[map a]\n"
               "path = /nowhere/a\n"
               "source = %s/real\n"
               "[map b]\n"
               "source = %s/real\n"
               "path = /nowhere//./a/\n",
               world, world);
    load_tells("a.ini",
               "a.ini:6: [map b] path = /nowhere//./a/: map a (a.ini:1) has this path too (choose another path "
               "for one of them)\n");
}

Test(validate, two_maps_at_one_real_path)
{
    make_dir("real");
    make_dir("place");
    cr_assert_eq(symlink("place", "link"), 0);
    write_file("a.ini",
               "[map a]\n"
               "path = %s/place/new\n"
               "source = %s/real\n"
               "[map b]\n"
               "path = %s/link/new\n"
               "source = %s/real\n",
               world, world, world, world);
    load_tells("a.ini",
               "a.ini:5: [map b] path = %s/link/new: map a (a.ini:1) has this path too (choose another path for one of "
               "them)\n"
               "a.ini:5: [map b] path = %s/link/new: there is a symbolic link in it, so programs would see "
               "%s/place/new (write that path, or replace the link by a directory)\n",
               world, world, world);
}

Test(validate, nested_maps_are_fine)
{
    make_dir("real/sub");
    make_dir("other");
    write_file("a.ini",
               "[map sub]\n"
               "path = /nowhere/a/sub\n"
               "source = %s/other\n"
               "[map a]\n"
               "path = /nowhere/a\n"
               "source = %s/real\n",
               world, world);
    sfs_conf_free(load_good("a.ini"));
}

Test(validate, a_map_may_cover_its_own_source)
{
    make_dir("real/sub");
    write_file("a.ini", "[map a]\npath = %s/real\nsource = %s/real\n", world, world);
    sfs_conf_free(load_good("a.ini"));
    write_file("a.ini", "[map a]\npath = %s/real\nsource = %s/real/sub\n", world, world);
    sfs_conf_free(load_good("a.ini"));
    write_file("a.ini", "[map a]\npath = %s/real/sub\nsource = %s/real\n", world, world);
    sfs_conf_free(load_good("a.ini"));
}

Test(validate, a_source_inside_another_stable_path)
{
    make_dir("one/sub");
    make_dir("two");
    write_file("a.ini",
               "[map a]\n"
               "path = %s/one\n"
               "source = %s/two\n"
               "[map b]\n"
               "path = /nowhere/b\n"
               "source = %s/one/sub\n"
               "[map c]\n"
               "path = /nowhere/c\n"
               "source = %s/one\n",
               world, world, world, world);
    load_tells("a.ini",
               "a.ini:6: [map b] source = %s/one/sub: it lies inside the stable path %s/one of map a (a.ini:1), which "
               "would hide it (choose another source, or another path for that map)\n"
               "a.ini:9: [map c] source = %s/one: it lies inside the stable path %s/one of map a (a.ini:1), which "
               "would hide it (choose another source, or another path for that map)\n",
               world, world, world, world);
}

Test(validate, a_source_inside_another_stable_path_by_a_link)
{
    make_dir("one/sub");
    make_dir("two");
    cr_assert_eq(symlink("one/sub", "link"), 0);
    write_file("a.ini",
               "[map a]\n"
               "path = /nowhere/a\n"
               "source = %s/link\n"
               "[map b]\n"
               "path = %s/one\n"
               "source = %s/two\n",
               world, world, world);
    load_tells("a.ini",
               "a.ini:3: [map a] source = %s/link: it lies inside the stable path %s/one of map b (a.ini:4), which "
               "would hide it (choose another source, or another path for that map)\n",
               world, world);
}

Test(validate, text_counts_also_where_nothing_exists)
{
    make_dir("two");
    write_file("a.ini",
               "[map a]\n"
               "path = /nowhere/a\n"
               "source = /nowhere/b/c\n"
               "[map b]\n"
               "path = /nowhere/b\n"
               "source = %s/two\n",
               world);
    load_tells("a.ini",
               "a.ini:3: [map a] source = /nowhere/b/c: there is no directory /nowhere/b/c (create it, or correct the "
               "path)\n"
               "a.ini:3: [map a] source = /nowhere/b/c: it lies inside the stable path /nowhere/b of map b (a.ini:4), "
               "which would hide it (choose another source, or another path for that map)\n");
}

Test(validate, string_prefix_is_a_warning)
{
    make_dir("real");
    write_file("a.ini",
               "[map long]\n"
               "path = /nowhere/depot2\n"
               "source = %s/real\n"
               "[map short]\n"
               "path = /nowhere/depot\n"
               "source = %s/real\n"
               "[map below]\n"
               "path = /nowhere/depot/2\n"
               "source = %s/real\n",
               world, world, world);
    load_tells("a.ini",
               "warning: a.ini:2: [map long] path = /nowhere/depot2: it begins like /nowhere/depot of map short "
               "(a.ini:4) but does not lie below it, which some programs mix up, Julia for one (choose a path "
               "that begins otherwise)\n");
}

Test(validate, a_link_in_the_stable_path)
{
    make_dir("real");
    make_dir("place/x");
    cr_assert_eq(symlink("place", "link"), 0);
    write_file("a.ini", "[map a]\npath = %s/link/x/y\nsource = %s/real\n", world, world);
    load_tells("a.ini",
               "a.ini:2: [map a] path = %s/link/x/y: there is a symbolic link in it, so programs would see "
               "%s/place/x/y (write that path, or replace the link by a directory)\n",
               world, world);
}

Test(validate, a_link_to_the_kernels_places)
{
    make_dir("real");
    cr_assert_eq(symlink("/proc", "link"), 0);
    write_file("a.ini", "[map a]\npath = %s/link/x\nsource = %s/real\n", world, world);
    load_tells("a.ini",
               "a.ini:2: [map a] path = %s/link/x: it leads into /proc, which is the kernel's and cannot have a stable "
               "path in it (choose another place)\n"
               "a.ini:2: [map a] path = %s/link/x: there is a symbolic link in it, so programs would see "
               "/proc/x (write that path, or replace the link by a directory)\n",
               world, world);
}

Test(validate, writers_of_a_read_only_map)
{
    make_dir("real");
    write_file("a.ini",
               "[map a]\n"
               "path = /nowhere/a\n"
               "source = %s/real\n"
               "writers = exclusive\n"
               "mode = ro\n",
               world);
    load_tells("a.ini", "a.ini:4: [map a] writers = exclusive: nobody writes through a read-only map (if its source does "
                        "not change: cache = immutable)\n");
    write_file("a.ini", "[map a]\npath = /nowhere/a\nsource = %s/real\nwriters = exclusive\nio_uring = off\n", world);
    struct sfs_conf *conf = load_good("a.ini");
    cr_assert_eq(conf->maps[0].writers, SFS_WRITERS_EXCLUSIVE);
    cr_assert_eq(conf->maps[0].io_uring, SFS_OFF);
    /* what becomes wrong by an option changes nothing */
    struct sfs_problems problems = SFS_PROBLEMS_INIT;
    cr_assert_eq(sfs_conf_apply_options(conf, "cache=none,ro", &problems), -1);
    cr_assert_str_eq(all_problems(&problems), "-o writers=exclusive: nobody writes through a read-only map (if its source "
                                              "does not change: cache = immutable)\n");
    cr_assert_eq(conf->maps[0].cache, SFS_CACHE_COHERENT);
    sfs_conf_free(conf);
}

Test(validate, an_exclusive_map_shares_its_source_with_no_other)
{
    make_dir("real/below");
    write_file("a.ini",
               "[map a]\n"
               "path = /nowhere/a\n"
               "source = %s/real\n"
               "writers = exclusive\n"
               "[map b]\n"
               "path = /nowhere/b\n"
               "source = %s/real/below\n",
               world, world);
    load_tells("a.ini", "a.ini:4: [map a] writers = exclusive: map b (a.ini:5) has the same files as its source (leave "
                        "writers out, or choose another source)\n");
}
