/* SPDX-License-Identifier: MIT */
/* sfs_conf_from_mount() and sfs_conf_apply_options(): the command line and fstab. */
#include "config.h"

#include <criterion/criterion.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

static void make_world_and_source(void)
{
    world_make();
    make_dir("real");
}

TestSuite(options, .init = make_world_and_source, .fini = world_remove);

static struct sfs_conf *mount_good(const char *source, const char *path, const char *options)
{
    struct sfs_conf *conf = NULL;
    struct sfs_problems problems = SFS_PROBLEMS_INIT;
    int r = sfs_conf_from_mount(source, path, options, &conf, &problems);
    cr_assert(r == 0 && problems.count == 0, "%s", all_problems(&problems));
    cr_assert_eq(conf->map_count, 1);
    return conf;
}

static void mount_tells(const char *source, const char *path, const char *options, const char *expected)
{
    struct sfs_conf *conf = NULL;
    struct sfs_problems problems = SFS_PROBLEMS_INIT;
    int r = sfs_conf_from_mount(source, path, options, &conf, &problems);
    cr_assert_eq(r, problems.errors > 0 ? -1 : 0);
    cr_assert_eq(conf == NULL, r < 0);
    const char *told = all_problems(&problems);
    cr_assert_str_eq(told, expected, "expected:\n%stold:\n%s", expected, told);
    sfs_conf_free(conf);
}

static struct sfs_conf_map with(const char *options)
{
    struct sfs_conf *conf = mount_good("real", "/nowhere/a", options);
    struct sfs_conf_map map = conf->maps[0];
    map.name = map.path = map.source = map.origin = NULL;
    sfs_conf_free(conf);
    return map;
}

Test(options, a_mount)
{
    char expected[PATH_MAX + 20];
    struct sfs_conf *conf = mount_good("real", "/nowhere/depot/a", NULL);
    (void)snprintf(expected, sizeof expected, "%s/real", world);
    cr_assert_str_eq(conf->name, "nowhere-depot-a");
    cr_assert_null(conf->file);
    cr_assert_eq(conf->log, SFS_LOG_INFO);
    cr_assert_str_eq(conf->maps[0].name, "a");
    cr_assert_str_eq(conf->maps[0].path, "/nowhere/depot/a");
    cr_assert_str_eq(conf->maps[0].source, expected);
    cr_assert_str_eq(conf->maps[0].origin, "command line");
    cr_assert_eq(conf->maps[0].mode, SFS_MODE_RW);
    cr_assert_eq(conf->maps[0].cache, SFS_CACHE_COHERENT);
    sfs_conf_free(conf);
}

Test(options, relative_paths_and_what_a_config_could_not_hold)
{
    char expected[PATH_MAX + 20];
    make_dir("odd ;${dir}");
    struct sfs_conf *conf = mount_good("./odd ;${dir}/../odd ;${dir}", "st able/x/../y", "");
    (void)snprintf(expected, sizeof expected, "%s/odd ;${dir}", world);
    cr_assert_str_eq(conf->maps[0].source, expected);
    (void)snprintf(expected, sizeof expected, "%s/st able/y", world);
    cr_assert_str_eq(conf->maps[0].path, expected);
    cr_assert_str_eq(conf->maps[0].name, "y");
    sfs_conf_free(conf);
}

Test(options, names_made_from_paths)
{
    static const struct {
        const char *path, *name, *map;
    } cases[] = {
        {"/a", "a", "a"},
        {"/.cache/x y", "_cache-x_y", "x_y"},
        {"/a/.b", "a-.b", "_b"},
        /* the end of a long one: 45 bytes */
        {"/a/0123456789012345678901234567890123456789/0123456789", "6789012345678901234567890123456789-0123456789",
         "0123456789"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sfs_conf *conf = mount_good("real", cases[i].path, NULL);
        cr_assert_str_eq(conf->name, cases[i].name);
        cr_assert_str_eq(conf->maps[0].name, cases[i].map);
        sfs_conf_free(conf);
    }
}

Test(options, wrong_arguments)
{
    char expected[3 * PATH_MAX + 200];
    mount_tells("", "", NULL, "source : it is empty (name a directory)\npath : it is empty (name a directory)\n");
    (void)snprintf(expected, sizeof expected,
                   "source %s/none: there is no directory %s/none (create it, or correct the path)\n"
                   "path /: the root directory cannot be a stable path (choose one below it)\n"
                   "-o mod=x: no such option (did you mean \"mode\"?)\n",
                   world, world);
    mount_tells("none", "/", "mod=x", expected);
    (void)snprintf(expected, sizeof expected,
                   "path %s/a?b: it has a control character in it (use a path without control characters)\n", world);
    mount_tells("real", "a\nb", NULL, expected);
}

Test(options, keys_of_a_map)
{
    struct sfs_conf_map map = with("ro,cache=immutable,io=direct,mtime=real,symlinks=keep");
    cr_assert_eq(map.mode, SFS_MODE_RO);
    cr_assert_eq(map.cache, SFS_CACHE_IMMUTABLE);
    cr_assert_eq(map.io, SFS_IO_DIRECT);
    map = with("mode=ro,cache=ttl:7");
    cr_assert_eq(map.mode, SFS_MODE_RO);
    cr_assert_eq(map.cache, SFS_CACHE_TTL);
    cr_assert_eq(map.ttl, 7);
}

Test(options, later_ones_win)
{
    cr_assert_eq(with("ro,rw").mode, SFS_MODE_RW);
    cr_assert_eq(with("rw,mode=ro").mode, SFS_MODE_RO);
    cr_assert_eq(with("cache=none,cache=ttl:3").ttl, 3);
    cr_assert_eq(with("cache=ttl:3,cache=none").ttl, 0);
    cr_assert_eq(with("nosuid,suid").flags.suid, SFS_ON);
    cr_assert_eq(with("suid,nosuid").flags.suid, SFS_OFF);
}

Test(options, flags)
{
    struct sfs_mount_flags flags = with("defaults").flags;
    const struct sfs_mount_flags unset = {.suid = SFS_UNSET};
    cr_assert_eq(memcmp(&flags, &unset, sizeof flags), 0);
    flags = with("nosuid,nodev,noexec,noatime,sync,dirsync,allow_other").flags;
    cr_assert_eq(flags.suid, SFS_OFF);
    cr_assert_eq(flags.dev, SFS_OFF);
    cr_assert_eq(flags.exec, SFS_OFF);
    cr_assert_eq(flags.atime, SFS_OFF);
    cr_assert_eq(flags.sync, SFS_ON);
    cr_assert_eq(flags.dirsync, SFS_ON);
    cr_assert_eq(flags.allow_other, SFS_ON);
    flags = with("suid,dev,exec,atime,async,noallow_other").flags;
    cr_assert_eq(flags.suid, SFS_ON);
    cr_assert_eq(flags.dev, SFS_ON);
    cr_assert_eq(flags.exec, SFS_ON);
    cr_assert_eq(flags.atime, SFS_ON);
    cr_assert_eq(flags.sync, SFS_OFF);
    cr_assert_eq(flags.dirsync, SFS_UNSET);
    cr_assert_eq(flags.allow_other, SFS_OFF);
    cr_assert_eq(with("noatime,strictatime").flags.atime, SFS_ON);
    cr_assert_eq(with("noatime,relatime,nodiratime").flags.atime, SFS_OFF);
}

Test(options, who_may_mount)
{
    static const char *const users[] = {"user", "users", "user=joe"};
    for (size_t i = 0; i < sizeof users / sizeof users[0]; i++) {
        struct sfs_mount_flags flags = with(users[i]).flags;
        cr_assert_eq(flags.suid, SFS_OFF);
        cr_assert_eq(flags.dev, SFS_OFF);
        cr_assert_eq(flags.exec, SFS_OFF);
    }
    struct sfs_mount_flags flags = with("user,exec,dev").flags;
    cr_assert_eq(flags.suid, SFS_OFF);
    cr_assert_eq(flags.dev, SFS_ON);
    cr_assert_eq(flags.exec, SFS_ON);
    cr_assert_eq(with("exec,user").flags.exec, SFS_OFF);
    flags = with("owner").flags;
    cr_assert_eq(flags.suid, SFS_OFF);
    cr_assert_eq(flags.dev, SFS_OFF);
    cr_assert_eq(flags.exec, SFS_UNSET);
    cr_assert_eq(with("group").flags.exec, SFS_UNSET);
    cr_assert_eq(with("nouser,nousers,noowner,nogroup").flags.suid, SFS_UNSET);
}

Test(options, ignored)
{
    struct sfs_mount_flags flags =
        with("defaults,auto,noauto,nofail,_netdev,relatime,norelatime,lazytime,nolazytime,diratime,nodiratime,"
             "iversion,noiversion,mand,nomand,silent,loud,nostrictatime,default_permissions,comment=any\\,thing,"
             "fsname=a,subtype=b,fsname,x-systemd.automount,x-systemd.requires=/a=b,x-,X-mount.mkdir=0700,,")
            .flags;
    const struct sfs_mount_flags unset = {.suid = SFS_UNSET};
    cr_assert_eq(memcmp(&flags, &unset, sizeof flags), 0);
}

Test(options, wrong_options)
{
    mount_tells(
        "real", "/nowhere/a",
        "roo,nosuit,zzzzzz,cache,cache=,cache=never,ttl=5,ro=1,remount,path=/x,source=/y,=1,mode=overlay,upper=/u",
        "-o roo: no such option (did you mean \"ro\"?)\n"
        "-o nosuit: no such option (did you mean \"nosuid\"?)\n"
        "-o zzzzzz: no such option (see mount.stablefs(8) for all of them)\n"
        "-o cache: it has no value (write cache=VALUE)\n"
        "-o cache=: it has no value (write cache=VALUE)\n"
        "-o cache=never: no such value (it is one of: immutable, coherent, none, ttl:SECONDS)\n"
        "-o ttl=5: no such option (see mount.stablefs(8) for all of them)\n"
        "-o ro=1: ro takes no value (write ro alone)\n"
        "-o remount: this version cannot change a mount (unmount it and mount it again)\n"
        "-o path=/x: the path is an argument of its own (see stablefs(1), mount)\n"
        "-o source=/y: the source is an argument of its own (see stablefs(1), mount)\n"
        "-o =1: there is no option in front of the = (write NAME=VALUE)\n"
        "-o mode=overlay: this version does not have it (it is one of: ro, rw)\n"
        "-o upper=/u: this version does not have layers (use source with mode = ro or mode = rw)\n");
}

Test(options, backslashes)
{
    mount_tells("real", "/nowhere/a", "a\\,b\\=c\\\\=d\\,e=f,g\\h,i\\",
                "-o a,b=c\\=d,e=f: no such option (see mount.stablefs(8) for all of them)\n"
                "-o g\\h: no such option (see mount.stablefs(8) for all of them)\n"
                "-o i\\: no such option (did you mean \"io\"?)\n");
}

Test(options, apply_to_all_maps)
{
    write_file("a.ini",
               "[map a]\npath=/nowhere/a\nsource=%s/real\ncache=immutable\n[map b]\npath=/nowhere/b\nsource=%s/real\n",
               world, world);
    struct sfs_conf *conf = load_good("a.ini");
    struct sfs_problems problems = SFS_PROBLEMS_INIT;
    cr_assert_eq(sfs_conf_apply_options(conf, "ro,nosuid", &problems), 0);
    cr_assert_eq(problems.count, 0);
    for (size_t i = 0; i < 2; i++) {
        cr_assert_eq(conf->maps[i].mode, SFS_MODE_RO);
        cr_assert_eq(conf->maps[i].flags.suid, SFS_OFF);
    }
    cr_assert_eq(conf->maps[0].cache, SFS_CACHE_IMMUTABLE);
    cr_assert_eq(conf->maps[1].cache, SFS_CACHE_COHERENT);
    cr_assert_eq(sfs_conf_apply_options(conf, NULL, &problems), 0);
    sfs_conf_free(conf);
}

Test(options, apply_all_or_nothing)
{
    write_file("a.ini", "[map a]\npath=/nowhere/a\nsource=%s/real\n[map b]\npath=/nowhere/b\nsource=%s/real\n", world,
               world);
    struct sfs_conf *conf = load_good("a.ini");
    struct sfs_problems problems = SFS_PROBLEMS_INIT;
    cr_assert_eq(sfs_conf_apply_options(conf, "ro,ioo=direct", &problems), -1);
    cr_assert_str_eq(all_problems(&problems), "-o ioo=direct: no such option (did you mean \"io\"?)\n");
    cr_assert_eq(conf->maps[0].mode, SFS_MODE_RW);
    cr_assert_eq(conf->maps[1].mode, SFS_MODE_RW);
    sfs_conf_free(conf);
}
