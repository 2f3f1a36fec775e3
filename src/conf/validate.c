/* SPDX-License-Identifier: MIT */
/* The checks of a draft that need more than one line, or a look at the filesystem. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "conf/draft.h"
#include "conf/options.h"

/* Paths with all symbolic links of their existing part resolved; NULL: unknown. */
struct real_paths {
    char *path, *source;
};

static void check_missing(struct sfs_draft *draft, const struct sfs_draft_map *map)
{
    if (map->again || map->unsure)
        return;
    if (!map->settings[SFS_KEY_PATH].given)
        sfs_report_error(&draft->report, &map->place, "it has no path (add a line: path = /STABLE/PATH)");
    /* who wanted layers has been told that there are none */
    bool layers = map->settings[SFS_KEY_LOWER].given || map->settings[SFS_KEY_MODE].bad;
    if (!map->settings[SFS_KEY_SOURCE].given && !layers)
        sfs_report_error(&draft->report, &map->place, "it has no source (add a line: source = /REAL/DIRECTORY)");
}

static void check_source(struct sfs_draft *draft, const struct sfs_draft_map *map)
{
    const char *source = map->map.source;
    const struct sfs_place *place = &map->settings[SFS_KEY_SOURCE].place;
    struct stat st;
    if (source == NULL)
        return;
    if (stat(source, &st) == 0) {
        if (!S_ISDIR(st.st_mode))
            sfs_report_error(&draft->report, place, "%s is not a directory (name a directory)", source);
        return;
    }
    if (errno == ENOENT || errno == ENOTDIR)
        sfs_report_error(&draft->report, place, "there is no directory %s (create it, or correct the path)", source);
    else if (errno == ENOTCONN)
        sfs_report_error(&draft->report, place, "%s is a mount whose daemon has gone (unmount it: umount -l %s)",
                         source, source);
    else
        sfs_report_error(&draft->report, place, "%s cannot be looked at: %m (check its permissions)", source);
}

/* Resolve the part of path that exists and append the rest as it is; NULL when it cannot be told. 0 or -ENOMEM. */
static sfs_err resolve_existing(const char *path, char **ret)
{
    *ret = NULL;
    SFS_CLEANUP_FREE char *existing = path != NULL ? strdup(path) : NULL;
    if (path != NULL && existing == NULL)
        return -ENOMEM;
    while (existing != NULL) {
        SFS_CLEANUP_FREE char *real = realpath(existing, NULL);
        if (real != NULL) {
            *ret = sfs_path_join(real, path + strlen(existing));
            return *ret != NULL ? 0 : -ENOMEM;
        }
        if (errno == ENOMEM)
            return -ENOMEM;
        /* a mount without its daemon (ENOTCONN) is about to be replaced: its directory counts */
        if ((errno != ENOENT && errno != ENOTDIR && errno != ENOTCONN) || strcmp(existing, "/") == 0)
            return 0;
        char *parent = sfs_path_parent(existing);
        if (parent == NULL)
            return -ENOMEM;
        free(existing);
        existing = parent;
    }
    return 0;
}

static bool inside(const char *path, const char *dir)
{
    return path != NULL && dir != NULL && sfs_path_below(path, dir) != NULL;
}

static bool same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* A map may cover its own source, which is opened before mounting; that of another map would be hidden. */
static void check_covered(struct sfs_draft *draft, const struct real_paths *real, size_t i)
{
    const struct sfs_draft_map *map = &draft->maps[i];
    for (size_t j = 0; j < draft->map_count; j++) {
        const struct sfs_draft_map *other = &draft->maps[j];
        if (j == i)
            continue;
        if (!inside(map->map.source, other->map.path) && !inside(real[i].source, real[j].path))
            continue;
        sfs_report_error(
            &draft->report, &map->settings[SFS_KEY_SOURCE].place,
            "it lies inside the stable path %s of map %s (%s), which would hide it (choose another source, "
            "or another path for that map)",
            other->map.path, other->map.name, other->map.origin);
        return;
    }
}

static void check_same_path(struct sfs_draft *draft, const struct real_paths *real, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        const struct sfs_draft_map *map = &draft->maps[i], *other = &draft->maps[j];
        if (!same(map->map.path, other->map.path) && !same(real[i].path, real[j].path))
            continue;
        sfs_report_error(&draft->report, &map->settings[SFS_KEY_PATH].place,
                         "map %s (%s) has this path too (choose another path for one of them)", other->map.name,
                         other->map.origin);
        return;
    }
}

/* Programs that compare paths as strings take /depot2 for something below /depot (Julia: julia#55340). */
static void warn_string_prefix(struct sfs_draft *draft, size_t i)
{
    for (size_t j = 0; j < draft->map_count; j++) {
        const struct sfs_draft_map *map = &draft->maps[i], *other = &draft->maps[j];
        if (map->map.path == NULL || other->map.path == NULL || i == j || inside(map->map.path, other->map.path) ||
            strncmp(map->map.path, other->map.path, strlen(other->map.path)) != 0)
            continue;
        sfs_report_warning(&draft->report, &map->settings[SFS_KEY_PATH].place,
                           "it begins like %s of map %s (%s) but does not lie below it, which some programs mix up, "
                           "Julia for one (choose a path that begins otherwise)",
                           other->map.path, other->map.name, other->map.origin);
    }
}

static void check_link(struct sfs_draft *draft, const struct real_paths *real, size_t i)
{
    const struct sfs_draft_map *map = &draft->maps[i];
    if (map->map.path == NULL || real[i].path == NULL || same(map->map.path, real[i].path))
        return;
    sfs_report_error(&draft->report, &map->settings[SFS_KEY_PATH].place,
                     "there is a symbolic link in it, so programs would see %s (write that path, or replace the link "
                     "by a directory)",
                     real[i].path);
}

static void check_kernel_path(struct sfs_draft *draft, const struct real_paths *real, size_t i)
{
    static const char *const kernels[] = {"/proc", "/sys", "/dev"};
    for (size_t k = 0; k < sizeof kernels / sizeof kernels[0]; k++)
        if (inside(real[i].path, kernels[k]))
            sfs_report_error(&draft->report, &draft->maps[i].settings[SFS_KEY_PATH].place,
                             "it leads into %s, which is the kernel's and cannot have a stable path in it (choose "
                             "another place)",
                             kernels[k]);
}

static void check_together(struct sfs_draft *draft, const struct sfs_draft_map *map)
{
    const struct sfs_setting *writers = &map->settings[SFS_KEY_WRITERS];
    sfs_options_check(&map->map, writers->given ? &writers->place : NULL, &draft->report);
}

/* Two maps of one source, or of one inside another's: then none is the only one to write it. */
static void check_alone(struct sfs_draft *draft, const struct real_paths *real, size_t i)
{
    const struct sfs_draft_map *map = &draft->maps[i];
    if (map->map.writers != SFS_WRITERS_EXCLUSIVE)
        return;
    for (size_t j = 0; j < draft->map_count; j++) {
        const struct sfs_draft_map *other = &draft->maps[j];
        if (j == i || (!inside(real[j].source, real[i].source) && !inside(real[i].source, real[j].source)))
            continue;
        const struct sfs_setting *writers = &map->settings[SFS_KEY_WRITERS];
        sfs_report_error(&draft->report, writers->given ? &writers->place : &map->place,
                         "map %s (%s) has the same files as its source (leave writers out, or choose another source)",
                         other->map.name, other->map.origin);
        return;
    }
}

static sfs_err resolve_all(const struct sfs_draft *draft, struct real_paths *real)
{
    sfs_err r = 0;
    for (size_t i = 0; r >= 0 && i < draft->map_count; i++) {
        r = resolve_existing(draft->maps[i].map.path, &real[i].path);
        if (r >= 0)
            r = resolve_existing(draft->maps[i].map.source, &real[i].source);
    }
    return r;
}

sfs_err sfs_draft_validate(struct sfs_draft *draft)
{
    SFS_CLEANUP_FREE struct real_paths *real = calloc(draft->map_count + 1, sizeof *real);
    if (real == NULL)
        return -ENOMEM;
    sfs_err r = resolve_all(draft, real);
    for (size_t i = 0; r >= 0 && i < draft->map_count; i++) {
        check_missing(draft, &draft->maps[i]);
        check_source(draft, &draft->maps[i]);
        check_together(draft, &draft->maps[i]);
        check_alone(draft, real, i);
        check_covered(draft, real, i);
        check_same_path(draft, real, i);
        check_kernel_path(draft, real, i);
        check_link(draft, real, i);
        warn_string_prefix(draft, i);
    }
    for (size_t i = 0; i < draft->map_count; i++) {
        free(real[i].path);
        free(real[i].source);
    }
    return r;
}
