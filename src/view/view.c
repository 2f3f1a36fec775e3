/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "view/view.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "layer/dir.h"
#include "os/cred.h"
#include "os/fd.h"
#include "os/stat.h"
#include "view/map.h"

struct sfs_view {
    const struct sfs_conf *conf;
    struct sfs_fdcache *cache;
    struct sfs_map *maps; /* sorted by path: what lies below another comes after it */
    size_t map_count;
};

/* How long the kernel may believe what never changes: a year. */
static const double FOREVER = 365.0 * 24 * 3600;

/*
 * A writable map that is the only one to write its source: the kernel may keep everything.  Where the daemon can open
 * any file again, for writing too, whatever the file's mode says, the kernel need not ask for files to be opened: the
 * daemon comes by descriptors when there is something to read or write.
 */
static void policy_of_exclusive(const struct sfs_conf_map *conf, bool local, struct sfs_policy *policy)
{
    bool cached = conf->io == SFS_IO_AUTO || conf->io == SFS_IO_CACHED;
    bool reopens = local && sfs_cred_overrides();
    policy->kernel_locks = true;
    policy->kernel_flushes = local; /* others may report late what they could not write */
    policy->kernel_opens = cached && reopens;
    /* no request waits for anybody: one thread for each processor does */
    policy->wants_ring = policy->kernel_opens;
}

static void policy_of(const struct sfs_conf_map *conf, bool local, struct sfs_policy *policy)
{
    policy->read_only = conf->mode == SFS_MODE_RO;
    policy->cache = conf->cache;
    bool exclusive = !policy->read_only && conf->writers == SFS_WRITERS_EXCLUSIVE;
    /* a lock is a change of the source that others feel: not by a read-only map */
    policy->kernel_locks = policy->read_only;
    policy->settled = exclusive || conf->cache == SFS_CACHE_IMMUTABLE;
    if (exclusive)
        policy_of_exclusive(conf, local, policy);
    if (conf->io_uring != SFS_UNSET)
        policy->wants_ring = conf->io_uring == SFS_ON;
    switch (conf->cache) {
    case SFS_CACHE_IMMUTABLE:
        policy->timeout = FOREVER;
        policy->kernel_lists = true;
        /* passthrough and direct I/O are properties of an open file: they need the daemon to open it */
        if (policy->read_only)
            policy->kernel_opens = policy->kernel_flushes = conf->io == SFS_IO_AUTO || conf->io == SFS_IO_CACHED;
        break;
    case SFS_CACHE_COHERENT:
        if (exclusive) {
            policy->timeout = FOREVER;
            policy->kernel_lists = true;
            break;
        }
        policy->cache = SFS_CACHE_TTL;
        policy->ttl = 1;
        policy->cache_why = "coherent is served as ttl:1 by this version";
        policy->timeout = 1;
        policy->kernel_lists = true;
        break;
    case SFS_CACHE_TTL:
        policy->ttl = conf->ttl;
        policy->timeout = conf->ttl;
        policy->kernel_lists = true;
        break;
    case SFS_CACHE_NONE:
        break;
    }
}

/* The path of an open directory with all links resolved, or a copy of given. NULL without memory. */
static char *real_path(int fd, const char *given)
{
    char target[PATH_MAX];
    ssize_t length = readlink(sfs_fd_path(fd).text, target, sizeof target - 1);
    if (length <= 0 || target[0] != '/')
        return strdup(given);
    target[length] = '\0';
    return strdup(target);
}

static int map_failed(const struct sfs_conf_map *conf, sfs_err r, struct sfs_error **err)
{
    const char *mend = r == -ENOENT    ? "create it, or correct the source"
                       : r == -EACCES  ? "the user who mounts needs search permission on it and above it"
                       : r == -ENOTDIR ? "the source of a map must be a directory"
                                       : "see the reason";
    return sfs_error_set(err, sfs_status_of_errno(-r), "%s: source %s: %s (%s)", conf->path, conf->source, strerror(-r),
                         mend);
}

/* There opening for writing has to fail, which only the daemon can tell. */
static bool is_mounted_read_only(int fd)
{
    struct statvfs at;
    return fstatvfs(fd, &at) == 0 && (at.f_flag & ST_RDONLY) != 0;
}

static int map_init(struct sfs_map *map, const struct sfs_conf_map *conf, struct sfs_fdcache *cache,
                    struct sfs_error **err)
{
    map->conf = conf;
    map->cache = cache;
    SFS_CLEANUP_FD int fd = open(conf->source, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return map_failed(conf, -errno, err);
    policy_of(conf, sfs_stat_is_local(fd) && !is_mounted_read_only(fd), &map->policy);
    /* a directory that nothing can be found in is a mistake better told now (eaccess: as this process acts) */
    if (faccessat(AT_FDCWD, sfs_fd_path(fd).text, X_OK, AT_EACCESS) < 0)
        return map_failed(conf, -errno, err);
    map->source = real_path(fd, conf->source);
    if (map->source == NULL)
        return map_failed(conf, -ENOMEM, err);
    struct sfs_dir_options options = {
        .read_only = map->policy.read_only,
        .frozen = map->policy.read_only && map->policy.cache == SFS_CACHE_IMMUTABLE,
        .statahead = conf->statahead != SFS_OFF,
        .unopened = map->policy.kernel_opens && !map->policy.read_only,
    };
    sfs_err r = sfs_dir_layer_new(fd, &options, cache, &map->layer);
    if (r < 0)
        return map_failed(conf, r, err);
    (void)SFS_TAKE_FD(fd);
    return 0;
}

static int compare_maps(const void *a, const void *b)
{
    const struct sfs_conf_map *const *map_a = a, *const *map_b = b;
    return strcmp((*map_a)->path, (*map_b)->path);
}

static sfs_err add_stub(struct sfs_map *map, const char *path, bool hides)
{
    if (map->stubs == NULL) {
        sfs_err r = sfs_stubs_new(&map->stubs);
        if (r < 0)
            return r;
    }
    return sfs_stubs_add(map->stubs, path, hides);
}

/* The map whose stable path is the nearest above path (not path itself), or NULL. */
static struct sfs_map *enclosing(struct sfs_view *view, const char *path)
{
    const struct sfs_conf_map *outer = sfs_conf_enclosing(view->conf, path);
    for (size_t i = 0; i < view->map_count && outer != NULL; i++)
        if (view->maps[i].conf == outer)
            return &view->maps[i];
    return NULL;
}

/*
 * Mount points inside a map.  A stable path below another's is shown even where the source lacks the directory.  One
 * inside a source is hidden there: going through it would lead the daemon into its own mount, to wait for itself.
 */
static sfs_err add_stubs(struct sfs_view *view)
{
    sfs_err r = 0;
    for (size_t i = 0; i < view->map_count && r >= 0; i++) {
        const char *path = view->maps[i].conf->path;
        struct sfs_map *outer = enclosing(view, path);
        if (outer != NULL)
            r = add_stub(outer, sfs_path_below(path, outer->conf->path), false);
        for (size_t j = 0; j < view->map_count && r >= 0; j++) {
            const char *below = sfs_path_below(path, view->maps[j].source);
            if (below != NULL && *below != '\0')
                r = add_stub(&view->maps[j], below, true);
        }
    }
    return r;
}

static int settle_stubs(struct sfs_map *map, struct sfs_error **err)
{
    if (map->stubs == NULL)
        return 0;
    SFS_CLEANUP_FREE char *path = NULL;
    sfs_err r = sfs_stubs_settle(map->stubs, map->layer, &path);
    if (r >= 0)
        return 0;
    return sfs_error_set(err, sfs_status_of_errno(-r),
                         "%s: %s/%s: %s (a map is to be mounted there or below: make it a directory)", map->conf->path,
                         map->source, path != NULL ? path : "", strerror(-r));
}

int sfs_view_new(const struct sfs_conf *conf, size_t descriptors, struct sfs_view **ret, struct sfs_error **err)
{
    struct sfs_view *view = calloc(1, sizeof *view);
    SFS_CLEANUP_FREE const struct sfs_conf_map **order = calloc(conf->map_count + 1, sizeof(struct sfs_conf_map *));
    if (view == NULL || order == NULL || (view->maps = calloc(conf->map_count + 1, sizeof *view->maps)) == NULL ||
        sfs_fdcache_new(descriptors, sfs_fd_limit(), &view->cache) < 0) {
        sfs_view_free(view);
        return sfs_error_set(err, SFS_STATUS_FAILED, "out of memory (free some and try again)");
    }
    view->conf = conf;
    for (size_t i = 0; i < conf->map_count; i++)
        order[i] = &conf->maps[i];
    qsort(order, conf->map_count, sizeof *order, compare_maps);
    int r = 0;
    for (size_t i = 0; i < conf->map_count && r == 0; i++) {
        view->map_count++;
        r = map_init(&view->maps[i], order[i], view->cache, err);
    }
    if (r == 0 && add_stubs(view) < 0)
        r = sfs_error_set(err, SFS_STATUS_FAILED, "out of memory (free some and try again)");
    for (size_t i = 0; i < view->map_count && r == 0; i++)
        r = settle_stubs(&view->maps[i], err);
    if (r < 0) {
        sfs_view_free(view);
        return r;
    }
    *ret = view;
    return 0;
}

void sfs_view_free(struct sfs_view *view)
{
    if (view == NULL)
        return;
    for (size_t i = 0; i < view->map_count; i++) {
        sfs_stubs_free(view->maps[i].stubs);
        sfs_layer_free(view->maps[i].layer);
        free(view->maps[i].source);
    }
    sfs_fdcache_free(view->cache);
    free(view->maps);
    free(view);
}

const struct sfs_conf *sfs_view_conf(const struct sfs_view *view)
{
    return view->conf;
}

size_t sfs_view_map_count(const struct sfs_view *view)
{
    return view->map_count;
}

struct sfs_map *sfs_view_map(struct sfs_view *view, size_t index)
{
    return &view->maps[index];
}

static sfs_err resolved_set(struct sfs_resolved *ret, const struct sfs_map *map, const char *from, const char *dir,
                            const char *rest)
{
    ret->from = strdup(from);
    ret->to = sfs_path_join(dir, rest);
    ret->map = map->conf->name;
    if (ret->from != NULL && ret->to != NULL)
        return 0;
    sfs_resolved_release(ret);
    return -ENOMEM;
}

sfs_err sfs_view_resolve(const struct sfs_view *view, const char *path, struct sfs_resolved *ret)
{
    *ret = (struct sfs_resolved){0};
    const struct sfs_map *best = NULL;
    /* sorted: of all stable paths above it, the last one is the innermost */
    for (size_t i = 0; i < view->map_count; i++)
        if (sfs_path_below(path, view->maps[i].conf->path) != NULL)
            best = &view->maps[i];
    if (best != NULL) {
        ret->layer = best->layer->ops->name;
        return resolved_set(ret, best, path, best->source, sfs_path_below(path, best->conf->path));
    }
    for (size_t i = 0; i < view->map_count; i++) {
        const struct sfs_map *map = &view->maps[i];
        if (sfs_path_below(path, map->source) != NULL &&
            (best == NULL || strlen(map->source) > strlen(best->source)))
            best = map;
    }
    if (best == NULL)
        return -ENOENT;
    ret->to_stable = true;
    return resolved_set(ret, best, path, best->conf->path, sfs_path_below(path, best->source));
}

void sfs_resolved_release(struct sfs_resolved *resolved)
{
    free(resolved->from);
    free(resolved->to);
    *resolved = (struct sfs_resolved){0};
}
