/* SPDX-License-Identifier: MIT */
/* Config files that are right, and the message for each thing that can be wrong in a line. */
#include "config.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "world.h"

TestSuite(load, .init = world_make, .fini = world_remove);

Test(load, all_keys)
{
    make_dir("depot");
    make_dir("other");
    write_file("julia.ini",
               "; a comment\n"
               "[stablefs]\n"
               "name      = my-julia_1.2 ; instance\n"
               "log       = debug\n"
               "\n"
               "[map depot]\n"
               "path      = /nowhere/depot/\n"
               "source    = ${HOME}/./depot\n"
               "mode      = ro\n"
               "cache     = immutable\n"
               "io        = cached\n"
               "mtime     = real\n"
               "symlinks  = keep\n"
               "# another comment\n"
               "[map other]   ; with a comment\n"
               "path: /nowhere/depot/other\n"
               "source=%s/other\n"
               "cache=ttl:90\n"
               "io=passthrough\n",
               world);
    struct sfs_conf *conf = load_good("julia.ini");
    char expected[5000];
    cr_assert_str_eq(conf->name, "my-julia_1.2");
    cr_assert_eq(conf->log, SFS_LOG_DEBUG);
    cr_assert(conf->log_given);
    (void)snprintf(expected, sizeof expected, "%s/julia.ini", world);
    cr_assert_str_eq(conf->file, expected);
    cr_assert_eq(conf->map_count, 2);
    const struct sfs_conf_map *map = &conf->maps[0];
    (void)snprintf(expected, sizeof expected, "%s/depot", world);
    cr_assert_str_eq(map->name, "depot");
    cr_assert_str_eq(map->path, "/nowhere/depot");
    cr_assert_str_eq(map->source, expected);
    cr_assert_eq(map->mode, SFS_MODE_RO);
    cr_assert_eq(map->cache, SFS_CACHE_IMMUTABLE);
    cr_assert_eq(map->io, SFS_IO_CACHED);
    cr_assert_str_eq(map->origin, "julia.ini:6");
    map = &conf->maps[1];
    cr_assert_str_eq(map->path, "/nowhere/depot/other");
    cr_assert_eq(map->mode, SFS_MODE_RW);
    cr_assert_eq(map->cache, SFS_CACHE_TTL);
    cr_assert_eq(map->ttl, 90);
    cr_assert_eq(map->io, SFS_IO_PASSTHROUGH);
    cr_assert_str_eq(map->origin, "julia.ini:15");
    sfs_conf_free(conf);
}

Test(load, defaults_are_safe)
{
    make_dir("real");
    write_file("my conf.ini", "[map a]\npath = /nowhere/a\nsource = %s/real", world);
    struct sfs_conf *conf = load_good("my conf.ini");
    cr_assert_str_eq(conf->name, "my_conf");
    cr_assert_eq(conf->log, SFS_LOG_INFO);
    cr_assert_not(conf->log_given);
    cr_assert_eq(conf->maps[0].mode, SFS_MODE_RW);
    cr_assert_eq(conf->maps[0].cache, SFS_CACHE_COHERENT);
    cr_assert_eq(conf->maps[0].io, SFS_IO_AUTO);
    cr_assert_eq(conf->maps[0].flags.suid, SFS_UNSET);
    cr_assert_eq(conf->maps[0].flags.allow_other, SFS_UNSET);
    sfs_conf_free(conf);
}

Test(load, every_value_of_cache)
{
    static const struct {
        const char *text;
        enum sfs_cache cache;
        unsigned ttl;
    } cases[] = {
        {"immutable", SFS_CACHE_IMMUTABLE, 0}, {"coherent", SFS_CACHE_COHERENT, 0},       {"none", SFS_CACHE_NONE, 0},
        {"ttl:1", SFS_CACHE_TTL, 1},           {"ttl:31536000", SFS_CACHE_TTL, 31536000}, {"ttl:0", SFS_CACHE_NONE, 0},
    };
    make_dir("real");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        write_file("a.ini", "[map a]\npath=/nowhere/a\nsource=%s/real\ncache=%s\n", world, cases[i].text);
        struct sfs_conf *conf = load_good("a.ini");
        cr_assert_eq(conf->maps[0].cache, cases[i].cache, "%s", cases[i].text);
        cr_assert_eq(conf->maps[0].ttl, cases[i].ttl, "%s", cases[i].text);
        sfs_conf_free(conf);
    }
}

Test(load, files_that_cannot_be_read)
{
    static char large[1024 * 1024 + 1];
    load_tells("none.ini", "none.ini: there is no such file (correct the path, or create it)\n");
    make_dir("dir.ini");
    load_tells("dir.ini", "dir.ini: it is a directory (name the file in it)\n");
    write_file("file", "x");
    load_tells("file/x.ini", "file/x.ini: there is no such file (correct the path, or create it)\n");
    memset(large, ';', sizeof large);
    write_bytes("large.ini", large, sizeof large);
    load_tells("large.ini", "large.ini: it has more than 1048576 bytes, so it is hardly a config file (make it "
                            "shorter)\n");
    write_bytes("large.ini", large, sizeof large - 1);
    load_tells("large.ini", "large.ini: there is no map in it (add a section [map NAME] with path = and source =)\n");
    if (geteuid() == 0)
        return;
    write_file("secret.ini", "x");
    cr_assert_eq(chmod("secret.ini", 0), 0);
    load_tells("secret.ini", "secret.ini: it cannot be read: Permission denied (check its permissions)\n");
}

Test(load, no_map)
{
    write_file("a.ini", "%s", "");
    load_tells("a.ini", "a.ini: there is no map in it (add a section [map NAME] with path = and source =)\n");
    write_file("a.ini", "[stablefs]\nlog = warn\n");
    load_tells("a.ini", "a.ini: there is no map in it (add a section [map NAME] with path = and source =)\n");
}

Test(load, sections)
{
    make_dir("real");
    write_file("a.ini",
               "x = 1\n"
               "[mpa a]\n"
               "ignored = 1\n"
               "[stablesf]\n"
               "[map]\n"
               "[map  ]\n"
               "[map a/b]\n"
               "[map .a]\n"
               "[depots]\n"
               "[stablefs x]\n"
               "[map\ta]\n"
               "path = /nowhere/a\n"
               "source = %s/real\n",
               world);
    load_tells(
        "a.ini",
        "a.ini:1: x = 1: it stands in front of the first section (write it below [stablefs] or [map NAME])\n"
        "a.ini:2: [mpa a]: no such section (did you mean [map a]?)\n"
        "a.ini:4: [stablesf]: no such section (did you mean [stablefs]?)\n"
        "a.ini:5: [map]: the map has no name (write [map NAME])\n"
        "a.ini:6: [map  ]: the map has no name (write [map NAME])\n"
        "a.ini:7: [map a/b]: that cannot be the name of a map (use letters, digits and . _ + @ -, with no . or - "
        "first)\n"
        "a.ini:8: [map .a]: that cannot be the name of a map (use letters, digits and . _ + @ -, with no . or - "
        "first)\n"
        "a.ini:9: [depots]: no such section (a config has [stablefs] and [map NAME])\n"
        "a.ini:10: [stablefs x]: no such section (did you mean [stablefs]?)\n");
}

Test(load, blanks_around_a_section_do_not_count)
{
    make_dir("real");
    write_file("a.ini", "[ stablefs\t]\nname = x\n[  map \t a ]\npath = /nowhere/a\nsource = %s/real\n", world);
    struct sfs_conf *conf = load_good("a.ini");
    cr_assert_str_eq(conf->name, "x");
    cr_assert_str_eq(conf->maps[0].name, "a");
    sfs_conf_free(conf);
    write_file("a.ini", "[ ]\n");
    load_tells("a.ini", "a.ini:1: [ ]: no such section (a config has [stablefs] and [map NAME])\n");
}

Test(load, lines_that_are_nothing)
{
    make_dir("real");
    write_file("a.ini",
               "[map a]\n"
               "path = /nowhere/a\n"
               "source = %s/real\n"
               "hello\n"
               " ; a comment\n"
               "= /x\n"
               "[map b\n"
               "path = /nowhere/b\n"
               "[map c] d = 1\n"
               "[]\n",
               world);
    load_tells("a.ini",
               "a.ini:4: [map a] hello: neither a [section] nor KEY = VALUE (write KEY = VALUE, or put ; in front to "
               "make it a comment)\n"
               "a.ini:6: [map a] = /x: there is no key (write KEY = VALUE)\n"
               "a.ini:7: [map b: the section has no ] (write [map NAME])\n"
               "a.ini:9: [map c] d = 1: there is text behind the ] (put it on a line of its own)\n"
               "a.ini:10: []: the section has no name (write [map NAME])\n");
}

Test(load, indented_lines)
{
    make_dir("real");
    write_file("a.ini",
               "[map a]\n"
               "  path = /nowhere/a\n"
               "  source = %s/real\n"
               "  [map b]\n"
               "path = /nowhere/b\n"
               "source = %s/real\n",
               world, world);
    load_tells("a.ini",
               "a.ini:3: [map a] path = source = %s/real: an indented line is one more value of the key above it, and "
               "path has one only (take out the blanks in front)\n",
               world);
}

Test(load, unknown_keys)
{
    make_dir("real");
    write_file("a.ini",
               "[stablefs]\n"
               "nam = x\n"
               "path = /x\n"
               "[map a]\n"
               "path = /nowhere/a\n"
               "source = %s/real\n"
               "pth = /x\n"
               "switch = on\n"
               "log = info\n",
               world);
    load_tells("a.ini",
               "a.ini:2: [stablefs] nam = x: no such key (did you mean \"name\"? There are: name, log)\n"
               "a.ini:3: [stablefs] path = /x: this key is for another section (write it below [map NAME])\n"
               "a.ini:7: [map a] pth = /x: no such key (did you mean \"path\"? There are: path, source, mode, cache, "
               "io, writers, io_uring, statahead, mtime, symlinks, lower, upper)\n"
               "a.ini:8: [map a] switch = on: no such key (there are: path, source, mode, cache, io, writers, io_uring, statahead, mtime, symlinks, "
               "lower, upper)\n"
               "a.ini:9: [map a] log = info: this key is for another section (write it below [stablefs])\n");
}

Test(load, unknown_values)
{
    make_dir("real");
    write_file("a.ini",
               "[stablefs]\n"
               "name = .x\n"
               "log = inof\n"
               "[map a]\n"
               "path = /nowhere/a\n"
               "source = %s/real\n"
               "mode = RW\n"
               "cache = immutabel\n"
               "io = fast\n"
               "mtime = reel\n"
               "symlinks = kep\n",
               world);
    load_tells(
        "a.ini",
        "a.ini:2: [stablefs] name = .x: it cannot be a name (use at most 45 letters, digits and . _ + @ -, with "
        "no . or - first)\n"
        "a.ini:3: [stablefs] log = inof: no such value (did you mean \"info\"? It is one of: error, warn, info, "
        "debug, trace)\n"
        "a.ini:7: [map a] mode = RW: no such value (did you mean \"rw\"? It is one of: ro, rw)\n"
        "a.ini:8: [map a] cache = immutabel: no such value (did you mean \"immutable\"? It is one of: immutable, "
        "coherent, none, ttl:SECONDS)\n"
        "a.ini:9: [map a] io = fast: no such value (it is one of: auto, cached, passthrough, direct)\n"
        "a.ini:10: [map a] mtime = reel: no such value (did you mean \"real\"? It is always: real)\n"
        "a.ini:11: [map a] symlinks = kep: no such value (did you mean \"keep\"? It is always: keep)\n");
}

Test(load, values_of_ttl)
{
    static const char *const wrong[] = {"ttl",
                                        "ttl:",
                                        "ttl=5",
                                        "ttl 5",
                                        "ttl:5s",
                                        "ttl:-1",
                                        "ttl:+1",
                                        "ttl:1.5",
                                        "ttl: 5",
                                        "ttl:31536001",
                                        "ttl:99999999999999999999",
                                        "ttl:0x5"};
    make_dir("real");
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        write_file("a.ini", "[map a]\npath=/nowhere/a\nsource=%s/real\ncache=%s\n", world, wrong[i]);
        load_tells("a.ini",
                   "a.ini:4: [map a] cache = %s: ttl needs whole seconds from 0 to 31536000 (write ttl:SECONDS, as in "
                   "ttl:5)\n",
                   wrong[i]);
    }
}

Test(load, words_of_later_versions)
{
    make_dir("real");
    write_file("a.ini",
               "[map a]\n"
               "path = /nowhere/a\n"
               "mode = overlay\n"
               "lower = /x\n"
               "lower = /y\n"
               "upper = /z\n"
               "mtime = content\n"
               "symlinks = rewrite\n"
               "[map b]\n"
               "path = /nowhere/b\n"
               "source = %s/real\n"
               "mode = mirror\n"
               "mtime = floor\n"
               "[map c]\n"
               "path = /nowhere/c\n"
               "source = %s/real\n"
               "mtime = 1700000000\n",
               world, world);
    load_tells("a.ini",
               "a.ini:3: [map a] mode = overlay: this version does not have it (it is one of: ro, rw)\n"
               "a.ini:4: [map a] lower = /x: this version does not have layers (use source with mode = ro or mode = "
               "rw)\n"
               "a.ini:5: [map a] lower = /y: this version does not have layers (use source with mode = ro or mode = "
               "rw)\n"
               "a.ini:6: [map a] upper = /z: this version does not have layers (use source with mode = ro or mode = "
               "rw)\n"
               "a.ini:7: [map a] mtime = content: this version does not have it (it is always: real)\n"
               "a.ini:8: [map a] symlinks = rewrite: this version does not have it (it is always: keep)\n"
               "a.ini:12: [map b] mode = mirror: this version does not have it (it is one of: ro, rw)\n"
               "a.ini:13: [map b] mtime = floor: this version does not have it (it is always: real)\n"
               "a.ini:17: [map c] mtime = 1700000000: this version does not have it (it is always: real)\n");
}

Test(load, empty_values)
{
    make_dir("real");
    setenv("SFS_TEST_EMPTY", "", 1);
    write_file("a.ini", "[map a]\n"
                        "path =\n"
                        "source = ; all of it a comment\n"
                        "mode = ${SFS_TEST_EMPTY}\n");
    load_tells("a.ini",
               "a.ini:2: [map a] path = : it has no value (write one, or leave the key out)\n"
               "a.ini:3: [map a] source = : it has no value (write one, or leave the key out)\n"
               "a.ini:4: [map a] mode = ${SFS_TEST_EMPTY}: nothing is left of it with its variables filled in (set "
               "them)\n");
}

Test(load, doubles)
{
    make_dir("real");
    write_file("a.ini",
               "[stablefs]\n"
               "log = info\n"
               "[map a]\n"
               "path = /nowhere/a\n"
               "source = %s/real\n"
               "path = /nowhere/other\n"
               "[map a]\n"
               "mode = ro\n"
               "mode = ro\n"
               "[stablefs]\n"
               "log = warn\n",
               world);
    load_tells("a.ini", "a.ini:6: [map a] path = /nowhere/other: path is set in line 4 already (leave one of them)\n"
                        "a.ini:7: [map a]: a map of this name is at a.ini:3 already (give one of them another name)\n"
                        "a.ini:9: [map a] mode = ro: mode is set in line 8 already (leave one of them)\n"
                        "a.ini:11: [stablefs] log = warn: log is set in line 2 already (leave one of them)\n");
}

Test(load, paths)
{
    make_dir("real");
    write_file("a.ini",
               "[map a]\n"
               "path = nowhere/a\n"
               "source = ~/real\n"
               "[map b]\n"
               "path = /\n"
               "source = $HOME/real\n"
               "[map c]\n"
               "path = /x/../proc/1\n"
               "source = %s/real\n"
               "[map d]\n"
               "path = /sys\n"
               "source = %s/real\n"
               "[map e]\n"
               "path = /dev/shm/x\n"
               "source = %s/real\n"
               "[map f]\n"
               "path = /devel/../..\n"
               "source = %s/real\n",
               world, world, world, world);
    load_tells("a.ini",
               "a.ini:2: [map a] path = nowhere/a: it is a relative path (write it from the root: /DIR/...)\n"
               "a.ini:3: [map a] source = ~/real: it is a relative path (for the home directory write ${HOME}/...)\n"
               "a.ini:5: [map b] path = /: the root directory cannot be a stable path (choose one below it)\n"
               "a.ini:6: [map b] source = $HOME/real: it is a relative path (for the home directory write "
               "${HOME}/...)\n"
               "a.ini:8: [map c] path = /x/../proc/1: /proc is the kernel's and cannot have a stable path in it "
               "(choose another place)\n"
               "a.ini:11: [map d] path = /sys: /sys is the kernel's and cannot have a stable path in it (choose "
               "another place)\n"
               "a.ini:14: [map e] path = /dev/shm/x: /dev is the kernel's and cannot have a stable path in it (choose "
               "another place)\n"
               "a.ini:17: [map f] path = /devel/../..: the root directory cannot be a stable path (choose one below "
               "it)\n");
}

Test(load, variables_that_make_bad_values)
{
    setenv("SFS_TEST_RELATIVE", "a/b", 1);
    setenv("SFS_TEST_LINES", "/a\nb", 1);
    static char too_long[5000];
    memset(too_long, 'x', sizeof too_long - 1);
    too_long[0] = '/';
    setenv("SFS_TEST_LONG", too_long, 1);
    write_file("a.ini", "[map a]\n"
                        "path = ${SFS_TEST_RELATIVE}\n"
                        "source = ${SFS_TEST_LINES}\n"
                        "[map b]\n"
                        "path = ${SFS_TEST_UNSET_}\n"
                        "source = ${SFS_TEST_RELATIV}\n"
                        "[map c]\n"
                        "path = ${SFS_TEST_LONG}\n"
                        "source = /x${HOME\n");
    load_tells("a.ini",
               "a.ini:2: [map a] path = ${SFS_TEST_RELATIVE}: that is a/b: it is a relative path (write it from the "
               "root: /DIR/...)\n"
               "a.ini:3: [map a] source = ${SFS_TEST_LINES}: that is /a?b: it has a control character in it (use a "
               "path without control characters)\n"
               "a.ini:5: [map b] path = ${SFS_TEST_UNSET_}: the variable SFS_TEST_UNSET_ is not set (did you mean "
               "${SFS_TEST_LINES}?)\n"
               "a.ini:6: [map b] source = ${SFS_TEST_RELATIV}: the variable SFS_TEST_RELATIV is not set (did you mean "
               "${SFS_TEST_RELATIVE}?)\n"
               "a.ini:8: [map c] path = ${SFS_TEST_LONG}: that is %s: it has more than 4095 bytes (use a shorter "
               "path)\n"
               "a.ini:9: [map c] source = /x${HOME: ${HOME has no } (write ${NAME}, and $${ for a ${ as it stands)\n",
               too_long);
}

Test(load, a_million_errors_are_not_all_told)
{
    FILE *file = fopen("a.ini", "w");
    cr_assert_not_null(file);
    for (int i = 0; i < 1234; i++)
        fputs("x\n", file);
    cr_assert_eq(fclose(file), 0);
    struct sfs_conf *conf = NULL;
    struct sfs_problems problems = SFS_PROBLEMS_INIT;
    cr_assert_eq(sfs_conf_load("a.ini", &conf, &problems), -1);
    cr_assert_eq(problems.count, 1001);
    cr_assert_str_eq(problems.items[1000].text, "234 more errors and warnings are not shown (mend these first)");
    sfs_problems_release(&problems);
}

Test(load, too_many_maps)
{
    FILE *file = fopen("a.ini", "w");
    cr_assert_not_null(file);
    make_dir("real");
    for (int i = 0; i < 1002; i++)
        fprintf(file, "[map m%d]\npath=/nowhere/%d/x\nsource=%s/real\n", i, i, world);
    cr_assert_eq(fclose(file), 0);
    load_tells("a.ini", "a.ini:3001: [map m1000]: there are more than 1000 maps (make several configs of it)\n"
                        "a.ini:3004: [map m1001]: there are more than 1000 maps (make several configs of it)\n");
}

Test(load, enclosing)
{
    struct sfs_conf_map maps[] = {{.path = (char *)"/a"}, {.path = (char *)"/a/b/c"}, {.path = (char *)"/a/b"}};
    struct sfs_conf conf = {.maps = maps, .map_count = 3};
    cr_assert_null(sfs_conf_enclosing(&conf, "/a"));
    cr_assert_null(sfs_conf_enclosing(&conf, "/ab"));
    cr_assert_eq(sfs_conf_enclosing(&conf, "/a/b"), &maps[0]);
    cr_assert_eq(sfs_conf_enclosing(&conf, "/a/b/c"), &maps[2]);
    cr_assert_eq(sfs_conf_enclosing(&conf, "/a/b/c/d/e"), &maps[1]);
    cr_assert_eq(sfs_conf_enclosing(&conf, "/a/bc"), &maps[0]);
}
