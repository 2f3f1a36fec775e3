/* SPDX-License-Identifier: MIT */
/* A view of three maps: one nested in another, and a source that holds a stable path. */
#include "config.h"

#include "view/view.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "view/map.h"
#include "../os/scratch.h"

static struct scratch at;
static struct sfs_conf conf;
static struct sfs_conf_map conf_maps[4];
static char texts[4][2][128];
static struct sfs_view *view;

/* PATH is a stable path as it is, source is below the scratch directory. */
static void add_map(const char *name, const char *path, const char *source)
{
    struct sfs_conf_map *map = &conf_maps[conf.map_count];
    char *texts_path = texts[conf.map_count][0], *texts_source = texts[conf.map_count][1];
    (void)snprintf(texts_path, sizeof texts[0][0], "%s", path);
    (void)snprintf(texts_source, sizeof texts[0][1], "%s%s%s", at.path, *source != '\0' ? "/" : "", source);
    *map = (struct sfs_conf_map){.name = (char *)(uintptr_t)name, .path = texts_path, .source = texts_source};
    conf.maps = conf_maps;
    conf.map_count++;
}

static void make(void)
{
    static const char *const dirs[] = {"src", "src/has", "src/has/deep", "nested", "other", "hiding", "hiding/stable"};
    scratch_make(&at);
    for (size_t i = 0; i < sizeof dirs / sizeof dirs[0]; i++)
        cr_assert_eq(mkdirat(at.fd, dirs[i], 0755), 0);
    scratch_write(&at, "src/file", "in the source");
    scratch_write(&at, "src/has/deep/inner", "inner");
    scratch_write(&at, "hiding/stable/secret", "secret");
    char inside[128];
    (void)snprintf(inside, sizeof inside, "%s/hiding/stable", at.path);
    conf = (struct sfs_conf){.name = (char *)(uintptr_t)"test"};
    add_map("outer", "/sfs-stable", "src");
    add_map("nested", "/sfs-stable/has/missing/point", "nested");
    add_map("beside", "/sfs-stable/has/deep", "other");
    add_map("inside", inside, "hiding");
    struct sfs_error *err = NULL;
    cr_assert_eq(sfs_view_new(&conf, 16, &view, &err), 0, "%s", err != NULL ? sfs_error_text(err) : "");
}

static void unmake(void)
{
    sfs_view_free(view);
    sfs_view_free(NULL);
    scratch_remove(&at);
}

TestSuite(view, .init = make, .fini = unmake);

static struct sfs_map *map_named(const char *name)
{
    for (size_t i = 0; i < sfs_view_map_count(view); i++)
        if (strcmp(sfs_map_conf(sfs_view_map(view, i))->name, name) == 0)
            return sfs_view_map(view, i);
    cr_assert_fail("no map %s", name);
    return NULL;
}

/* A directory that no source has. */
static bool is_synthetic(const struct sfs_map *map, const struct sfs_node *node)
{
    return node->layer != map->layer;
}

Test(view, outer_maps_come_first)
{
    size_t outer = 99, nested = 99;
    cr_assert_eq(sfs_view_map_count(view), 4u);
    for (size_t i = 0; i < 4; i++) {
        const char *name = sfs_map_conf(sfs_view_map(view, i))->name;
        outer = strcmp(name, "outer") == 0 ? i : outer;
        nested = strcmp(name, "nested") == 0 ? i : nested;
    }
    cr_assert_lt(outer, nested);
}

static void resolves(const char *path, const char *expected, const char *map, bool to_stable)
{
    struct sfs_resolved resolved;
    cr_assert_eq(sfs_view_resolve(view, path, &resolved), 0, "%s", path);
    cr_assert_str_eq(resolved.to, expected);
    cr_assert_str_eq(resolved.from, path);
    cr_assert_str_eq(resolved.map, map);
    cr_assert_eq(resolved.to_stable, to_stable);
    sfs_resolved_release(&resolved);
}

Test(view, resolve)
{
    char real[160];
    (void)snprintf(real, sizeof real, "%s/src/x/y", at.path);
    resolves("/sfs-stable/x/y", real, "outer", false);
    resolves(real, "/sfs-stable/x/y", "outer", true);
    (void)snprintf(real, sizeof real, "%s/nested/z", at.path);
    resolves("/sfs-stable/has/missing/point/z", real, "nested", false);
    (void)snprintf(real, sizeof real, "%s/src", at.path);
    resolves("/sfs-stable", real, "outer", false);
    resolves(real, "/sfs-stable", "outer", true);
    struct sfs_resolved resolved;
    cr_assert_eq(sfs_view_resolve(view, "/sfs-stable2", &resolved), -ENOENT);
    cr_assert_eq(sfs_view_resolve(view, "/", &resolved), -ENOENT);
}

static struct sfs_node *find(struct sfs_map *map, const char *path)
{
    char copy[256], *rest = NULL;
    struct sfs_node *node = map->layer->root;
    (void)snprintf(copy, sizeof copy, "%s", path);
    for (char *name = strtok_r(copy, "/", &rest); name != NULL; name = strtok_r(NULL, "/", &rest)) {
        struct sfs_node *next;
        struct sfs_stat st;
        if (sfs_map_lookup(map, node, name, &next, &st) < 0)
            return NULL;
        node = next; /* references are given back with the view */
    }
    return node;
}

Test(view, mount_points_that_the_source_lacks)
{
    struct sfs_map *outer = map_named("outer");
    struct sfs_node *missing = find(outer, "has/missing"), *point = find(outer, "has/missing/point");
    cr_assert_not_null(missing);
    cr_assert_not_null(point);
    cr_assert(is_synthetic(outer, missing));
    cr_assert(is_synthetic(outer, point));
    cr_assert_null(find(outer, "has/other"));
    cr_assert_null(find(outer, "missing")); /* only where it belongs */
    cr_assert_not(is_synthetic(outer, find(outer, "has"))); /* the source's own */
    cr_assert_not(is_synthetic(outer, find(outer, "has/deep")));
    cr_assert_not_null(find(outer, "has/deep/inner"));
    struct statvfs fs;
    cr_assert_eq(sfs_map_statfs(outer, point, &fs), 0);
    cr_assert_gt(fs.f_bsize, 0u);
}

Test(view, a_source_never_shows_what_is_mounted_in_it)
{
    struct sfs_map *inside = map_named("inside");
    struct sfs_node *stable = find(inside, "stable");
    cr_assert_not_null(stable);
    cr_assert(is_synthetic(inside, stable));
    cr_assert_null(find(inside, "stable/secret"));
}

struct names {
    char text[512];
    size_t room;
    off_t next;
};

static bool add_name(void *arg, const char *name, ino_t ino, unsigned char type, off_t next)
{
    struct names *names = arg;
    (void)ino, (void)type;
    if (names->room == 0)
        return false;
    names->room--;
    strcat(names->text, "<");
    strcat(names->text, name);
    strcat(names->text, ">");
    names->next = next;
    return true;
}

static unsigned times(const struct names *names, const char *name)
{
    unsigned count = 0;
    for (const char *found = names->text; (found = strstr(found, name)) != NULL; found++)
        count++;
    return count;
}

static void lists(struct sfs_map *map, const char *path, size_t step, struct names *ret)
{
    struct sfs_node *dir = find(map, path);
    cr_assert_not_null(dir);
    *ret = (struct names){.room = 0};
    for (int i = 0; i < 50; i++) {
        ret->room = step;
        cr_assert_eq(sfs_map_readdir(map, dir, NULL, ret->next, 4096, add_name, ret), 0);
        if (ret->room == step)
            return;
    }
    cr_assert_fail("the listing of %s has no end", path);
}

Test(view, listings_show_mount_points_once)
{
    struct names names;
    static const size_t steps[] = {1, 2, 100};
    for (size_t i = 0; i < 3; i++) {
        lists(map_named("outer"), "has", steps[i], &names);
        cr_assert_eq(times(&names, "<missing>"), 1u, "%s", names.text);
        cr_assert_eq(times(&names, "<deep>"), 1u, "%s", names.text);
        cr_assert_eq(times(&names, "<.>"), 1u);
        lists(map_named("outer"), "", steps[i], &names);
        cr_assert_eq(times(&names, "<has>"), 1u, "%s", names.text);
        cr_assert_eq(times(&names, "<file>"), 1u);
        lists(map_named("outer"), "has/missing", steps[i], &names);
        cr_assert_eq(times(&names, "<point>"), 1u);
        lists(map_named("inside"), "", steps[i], &names);
        cr_assert_eq(times(&names, "<stable>"), 1u, "%s", names.text);
    }
    /* made in the source meanwhile: still once */
    cr_assert_eq(mkdirat(at.fd, "src/has/missing", 0755), 0);
    lists(map_named("outer"), "has", 1, &names);
    cr_assert_eq(times(&names, "<missing>"), 1u, "%s", names.text);
}

Test(view, directories_have_one_size)
{
    struct stat st = {.st_mode = S_IFDIR | 0755, .st_size = 12345};
    sfs_map_present(map_named("outer"), &st);
    cr_assert_eq(st.st_size, 4096);
    st = (struct stat){.st_mode = S_IFREG, .st_size = 12345};
    sfs_map_present(map_named("outer"), &st);
    cr_assert_eq(st.st_size, 12345);
}

Test(view, a_missing_source_is_told)
{
    struct sfs_view *other = NULL;
    struct sfs_error *err = NULL;
    conf.map_count = 0;
    add_map("gone", "/sfs-gone", "no-such-directory");
    cr_assert_eq(sfs_view_new(&conf, 16, &other, &err), -1);
    cr_assert_null(other);
    cr_assert_eq(sfs_error_status(err), SFS_STATUS_NOT_FOUND);
    cr_assert_not_null(strstr(sfs_error_text(err), "no-such-directory"));
    sfs_error_free(err);
}

Test(view, policies)
{
    static const struct {
        enum sfs_mode mode;
        enum sfs_cache cache;
        enum sfs_io io;
        bool kernel_opens;
        double timeout;
    } cases[] = {
        {SFS_MODE_RO, SFS_CACHE_IMMUTABLE, SFS_IO_AUTO, true, 365.0 * 24 * 3600},
        {SFS_MODE_RO, SFS_CACHE_IMMUTABLE, SFS_IO_DIRECT, false, 365.0 * 24 * 3600},
        {SFS_MODE_RW, SFS_CACHE_IMMUTABLE, SFS_IO_AUTO, false, 365.0 * 24 * 3600},
        {SFS_MODE_RO, SFS_CACHE_NONE, SFS_IO_AUTO, false, 0},
        {SFS_MODE_RW, SFS_CACHE_COHERENT, SFS_IO_AUTO, false, 1},
        {SFS_MODE_RW, SFS_CACHE_TTL, SFS_IO_CACHED, false, 7},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sfs_view *other;
        struct sfs_error *err = NULL;
        conf.map_count = 0;
        add_map("one", "/sfs-one", "src");
        conf_maps[0].mode = cases[i].mode;
        conf_maps[0].cache = cases[i].cache;
        conf_maps[0].io = cases[i].io;
        conf_maps[0].ttl = 7;
        cr_assert_eq(sfs_view_new(&conf, 16, &other, &err), 0);
        const struct sfs_policy *policy = &sfs_view_map(other, 0)->policy;
        cr_assert_eq(policy->read_only, cases[i].mode == SFS_MODE_RO);
        cr_assert_eq(policy->kernel_opens, cases[i].kernel_opens, "case %zu", i);
        cr_assert_float_eq(policy->timeout, cases[i].timeout, 0.001, "case %zu", i);
        cr_assert(policy->kernel_lists || policy->timeout <= 0);
        cr_assert_eq(policy->kernel_locks, policy->read_only);
        cr_assert_neq(policy->cache, SFS_CACHE_COHERENT);
        cr_assert_eq(policy->cache_why != NULL, cases[i].cache == SFS_CACHE_COHERENT);
        sfs_view_free(other);
    }
}

/* Nobody else writes: names and attributes stay, and locks are between the users of the map. */
Test(view, policy_of_an_exclusive_map)
{
    struct sfs_view *other;
    struct sfs_error *err = NULL;
    conf.map_count = 0;
    add_map("one", "/sfs-one", "src");
    conf_maps[0].mode = SFS_MODE_RW;
    conf_maps[0].cache = SFS_CACHE_COHERENT;
    conf_maps[0].io = SFS_IO_AUTO;
    conf_maps[0].writers = SFS_WRITERS_EXCLUSIVE;
    cr_assert_eq(sfs_view_new(&conf, 16, &other, &err), 0);
    const struct sfs_policy *policy = &sfs_view_map(other, 0)->policy;
    cr_assert_eq(policy->cache, SFS_CACHE_COHERENT);
    cr_assert_null(policy->cache_why);
    cr_assert_gt(policy->timeout, 1000.0);
    cr_assert(policy->settled && policy->kernel_lists && policy->kernel_locks);
    /* this process has not learnt its privileges: files are opened by the daemon then */
    cr_assert_not(policy->kernel_opens);
    sfs_view_free(other);
    /* what somebody asks for stays */
    conf_maps[0].cache = SFS_CACHE_TTL;
    conf_maps[0].ttl = 3;
    cr_assert_eq(sfs_view_new(&conf, 16, &other, &err), 0);
    cr_assert_float_eq(sfs_view_map(other, 0)->policy.timeout, 3.0, 0.001);
    sfs_view_free(other);
    conf_maps[0].writers = SFS_WRITERS_SHARED;
}
