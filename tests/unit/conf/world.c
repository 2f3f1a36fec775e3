/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "world.h"

#include <criterion/criterion.h>
#include <ftw.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"

char world[PATH_MAX];

void world_make(void)
{
    static const char *const unset[] = {"STABLEFS_CONFIG", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME",
                                        "XDG_STATE_HOME"};
    const char *tmp = getenv("TMPDIR");
    char made[PATH_MAX];
    (void)snprintf(made, sizeof made, "%s/stablefs-unit-XXXXXX", tmp != NULL ? tmp : "/tmp");
    cr_assert_not_null(mkdtemp(made));
    cr_assert_not_null(realpath(made, world));
    cr_assert_eq(chdir(world), 0);
    for (size_t i = 0; i < sizeof unset / sizeof unset[0]; i++)
        unsetenv(unset[i]);
    setenv("HOME", world, 1);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

void world_remove(void)
{
    if (chdir("/") != 0 || nftw(world, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
        perror(world);
}

void make_dir(const char *name)
{
    char path[2 * PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/%s/", world, name);
    for (char *slash = path + strlen(world) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        (void)mkdir(path, 0755);
        *slash = '/';
    }
}

void write_bytes(const char *name, const void *bytes, size_t length)
{
    char *parent = sfs_path_parent(name);
    if (strchr(name, '/') != NULL)
        make_dir(parent);
    free(parent);
    FILE *file = fopen(name, "w");
    cr_assert_not_null(file, "%s", name);
    cr_assert_eq(fwrite(bytes, 1, length, file), length);
    cr_assert_eq(fclose(file), 0);
}

void write_file(const char *name, const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    cr_assert_geq(vasprintf(&text, format, args), 0);
    va_end(args);
    write_bytes(name, text, strlen(text));
    free(text);
}

const char *all_problems(struct sfs_problems *problems)
{
    static char all[256 * 1024];
    size_t used = 0;
    all[0] = '\0';
    for (size_t i = 0; i < problems->count && used < sizeof all; i++)
        used += (size_t)snprintf(all + used, sizeof all - used, "%s%s\n", problems->items[i].warning ? "warning: " : "",
                                 problems->items[i].text);
    sfs_problems_release(problems);
    return all;
}

void load_tells(const char *name, const char *format, ...)
{
    char *expected = NULL;
    va_list args;
    va_start(args, format);
    cr_assert_geq(vasprintf(&expected, format, args), 0);
    va_end(args);
    struct sfs_conf *conf = NULL;
    struct sfs_problems problems = SFS_PROBLEMS_INIT;
    int r = sfs_conf_load(name, &conf, &problems);
    cr_assert_eq(r, problems.errors > 0 ? -1 : 0);
    cr_assert_eq(conf == NULL, r < 0);
    const char *told = all_problems(&problems);
    cr_assert_str_eq(told, expected, "expected:\n%stold:\n%s", expected, told);
    sfs_conf_free(conf);
    free(expected);
}

struct sfs_conf *load_good(const char *name)
{
    struct sfs_conf *conf = NULL;
    struct sfs_problems problems = SFS_PROBLEMS_INIT;
    int r = sfs_conf_load(name, &conf, &problems);
    cr_assert(r == 0 && problems.count == 0, "%s", all_problems(&problems));
    return conf;
}

void same_conf(const struct sfs_conf *a, const struct sfs_conf *b)
{
    cr_assert_str_eq(a->name, b->name);
    cr_assert_eq(a->log, b->log);
    cr_assert_eq(a->map_count, b->map_count);
    for (size_t i = 0; i < a->map_count; i++) {
        cr_assert_str_eq(a->maps[i].name, b->maps[i].name);
        cr_assert_str_eq(a->maps[i].path, b->maps[i].path);
        cr_assert_str_eq(a->maps[i].source, b->maps[i].source);
        cr_assert_eq(a->maps[i].mode, b->maps[i].mode);
        cr_assert_eq(a->maps[i].cache, b->maps[i].cache);
        cr_assert_eq(a->maps[i].ttl, b->maps[i].ttl);
        cr_assert_eq(a->maps[i].io, b->maps[i].io);
        cr_assert_eq(a->maps[i].writers, b->maps[i].writers);
        cr_assert_eq(a->maps[i].io_uring, b->maps[i].io_uring);
        cr_assert_eq(a->maps[i].statahead, b->maps[i].statahead);
    }
}
