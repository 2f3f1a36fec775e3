/* SPDX-License-Identifier: MIT */
/* What is printed loads back to the same conf. */
#include "config.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

TestSuite(print, .init = world_make, .fini = world_remove);

Test(print, all_values_filled_in)
{
    make_dir("real");
    write_file("julia.ini", "[map a]\npath = /nowhere/a\nsource = ${HOME}/real\n");
    struct sfs_conf *conf = load_good("julia.ini");
    struct sfs_strbuf out = SFS_STRBUF_INIT;
    char expected[PATH_MAX + 500];
    (void)snprintf(expected, sizeof expected,
                   "[stablefs]\n"
                   "name      = julia\n"
                   "log       = info\n"
                   "\n"
                   "[map a]\n"
                   "path      = /nowhere/a\n"
                   "source    = %s/real\n"
                   "mode      = rw\n"
                   "cache     = coherent\n"
                   "io        = auto\n"
                   "writers   = shared\n"
                   "io_uring  = auto\n"
                   "statahead = on\n"
                   "mtime     = real\n"
                   "symlinks  = keep\n",
                   world);
    cr_assert_eq(sfs_conf_print(conf, &out), 0);
    cr_assert_str_eq(out.data, expected);
    sfs_strbuf_release(&out);
    sfs_conf_free(conf);
}

/* Print, load, compare; and a second time the same text. */
static void round_trip(const struct sfs_conf *conf)
{
    struct sfs_strbuf first = SFS_STRBUF_INIT, second = SFS_STRBUF_INIT;
    cr_assert_eq(sfs_conf_print(conf, &first), 0, "%s", first.data);
    write_bytes("again.ini", first.data, first.length);
    struct sfs_conf *again = load_good("again.ini");
    same_conf(conf, again);
    cr_assert_eq(sfs_conf_print(again, &second), 0);
    cr_assert_str_eq(second.data, first.data);
    sfs_conf_free(again);
    sfs_strbuf_release(&first);
    sfs_strbuf_release(&second);
}

Test(print, round_trip_of_every_word)
{
    static const char *const words[] = {"log=error",  "log=warn",       "log=info",       "log=debug",
                                        "log=trace",  "mode=ro",        "mode=rw",        "cache=immutable",
                                        "cache=none", "cache=coherent", "cache=ttl:17",   "cache=ttl:0",
                                        "io=auto",    "io=cached",      "io=passthrough", "io=direct",
                                        "statahead=on", "statahead=off"};
    make_dir("real");
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        bool log = strncmp(words[i], "log", 3) == 0;
        write_file("a.ini", "[stablefs]\n%s\n[map a]\npath=/nowhere/a\nsource=%s/real\n%s\n", log ? words[i] : "",
                   world, log ? "" : words[i]);
        struct sfs_conf *conf = load_good("a.ini");
        round_trip(conf);
        sfs_conf_free(conf);
    }
}

/* A conf of one map with this source, which is made, as from a command line. */
static struct sfs_conf *conf_of(const char *source)
{
    struct sfs_conf *conf = NULL;
    struct sfs_problems problems = SFS_PROBLEMS_INIT;
    make_dir(source);
    int r = sfs_conf_from_mount(source, "/nowhere/a", NULL, &conf, &problems);
    cr_assert(r == 0, "%s", all_problems(&problems));
    return conf;
}

Test(print, round_trip_of_odd_paths)
{
    static const char *const odd[] = {"a b",   "a;b",   "a#b",  "a #b",     "${HOME}", "$${HOME}", "$$${x", "a=b:c",
                                      "[map]", "\"q\"", "a\\b", "\xff\xfe", "$",       "a${",      "a,b"};
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        struct sfs_conf *conf = conf_of(odd[i]);
        round_trip(conf);
        sfs_conf_free(conf);
    }
}

Test(print, refuses_what_a_config_cannot_hold)
{
    static const char *const odd[] = {"a ;b", "a ", "a/b  ;"};
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        struct sfs_conf *conf = conf_of(odd[i]);
        struct sfs_strbuf out = SFS_STRBUF_INIT;
        cr_assert_eq(sfs_conf_print(conf, &out), -EINVAL, "%s", out.data);
        cr_assert_not_null(strstr(out.data, odd[i]), "a person can still read it");
        cr_assert_not_null(strstr(out.data, "symlinks  = keep\n"));
        sfs_strbuf_release(&out);
        sfs_conf_free(conf);
    }
}

Test(print, refuses_lines_that_inih_would_cut)
{
    size_t before = strlen("source    = ") + strlen(world) + 1;
    for (size_t length = 196; length <= 202; length++) {
        char name[201];
        memset(name, 'x', sizeof name);
        name[length - before] = '\0';
        struct sfs_conf *conf = conf_of(name);
        struct sfs_strbuf out = SFS_STRBUF_INIT;
        if (length <= 198)
            round_trip(conf);
        else
            cr_assert_eq(sfs_conf_print(conf, &out), -EINVAL);
        sfs_strbuf_release(&out);
        sfs_conf_free(conf);
    }
}
