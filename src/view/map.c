/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "view/map.h"

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>


/* The size that every directory reports: filesystems differ, and Julia 1.11 and later compares it. */
enum { DIRECTORY_SIZE = 4096 };

/*
 * Where the ways to mount points are in a listing: behind all real ones.  No filesystem uses these offsets: ext4's
 * hashes end before (EXT4_HTREE_EOF_64BIT is INT64_MAX itself, and the hash below it is never given out), others count
 * up from 0.
 */
#define STUB_OFFSET (INT64_MAX - 65536)

const struct sfs_conf_map *sfs_map_conf(const struct sfs_map *map)
{
    return map->conf;
}

void sfs_map_present(const struct sfs_map *map, struct stat *st)
{
    if (S_ISDIR(st->st_mode))
        st->st_size = DIRECTORY_SIZE;
    const struct sfs_policy *policy = &map->policy;
    if (!policy->alone)
        return;
    st->st_gid = policy->gid;
    if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0)
        st->st_uid = policy->uid;
}

void sfs_map_set_alone(struct sfs_map *map)
{
    map->policy.alone = true;
    map->policy.uid = geteuid();
    map->policy.gid = getegid();
}

/* The place of a directory on a way to a mount point, or NULL. */
static const struct sfs_stub *place_of(const struct sfs_map *map, const struct sfs_node *dir)
{
    return map->stubs != NULL ? sfs_stubs_place(map->stubs, dir) : NULL;
}

bool sfs_map_leads(const struct sfs_map *map, const struct sfs_node *dir, const char *name)
{
    const struct sfs_stub *place = place_of(map, dir);
    return place != NULL && sfs_stub_child(place, name) != NULL;
}

sfs_err sfs_map_lookup(struct sfs_map *map, struct sfs_node *dir, const char *name, struct sfs_node **ret,
                       struct sfs_stat *ret_stat)
{
    const struct sfs_stub *place = place_of(map, dir);
    const struct sfs_stub *child = place != NULL ? sfs_stub_child(place, name) : NULL;
    if (child == NULL)
        return sfs_node_ops(dir)->lookup(dir, name, ret, ret_stat);
    struct sfs_node *node = sfs_stub_node(child);
    sfs_err r = sfs_node_ops(node)->getattr(node, NULL, ret_stat);
    if (r < 0)
        return r;
    sfs_node_ops(node)->refer(node);
    *ret = node;
    return 0;
}

/* Passes the source's entries on, but for names on a way: those are listed behind them. */
struct filter {
    const struct sfs_stub *place;
    sfs_dirent_sink *sink;
    void *arg;
    bool full;
};

static bool filter_entry(void *arg, const char *name, ino_t ino, unsigned char type, off_t next)
{
    struct filter *filter = arg;
    if (sfs_stub_child(filter->place, name) != NULL)
        return true;
    filter->full = !filter->sink(filter->arg, name, ino, type, next);
    return !filter->full;
}

static sfs_err list_ways(const struct sfs_stub *place, off_t offset, sfs_dirent_sink *sink, void *arg)
{
    const struct sfs_stub *child;
    for (size_t i = (size_t)(offset - STUB_OFFSET); (child = sfs_stub_child_at(place, i)) != NULL; i++) {
        struct sfs_node *node = sfs_stub_node(child);
        struct sfs_stat at;
        sfs_err r = sfs_node_ops(node)->getattr(node, NULL, &at);
        if (r < 0)
            return r;
        if (!sink(arg, sfs_stub_name(child), at.st.st_ino, DT_DIR, STUB_OFFSET + (off_t)i + 1))
            return 0;
    }
    return 0;
}

sfs_err sfs_map_readdir(struct sfs_map *map, struct sfs_node *dir, struct sfs_file *file, off_t offset, size_t room,
                        sfs_dirent_sink *sink, void *arg)
{
    const struct sfs_stub *place = place_of(map, dir);
    if (place == NULL)
        return sfs_node_ops(dir)->readdir(dir, file, offset, room, sink, arg);
    if (offset < STUB_OFFSET || offset == INT64_MAX) {
        struct filter filter = {place, sink, arg, false};
        sfs_err r = sfs_node_ops(dir)->readdir(dir, file, offset, room, filter_entry, &filter);
        if (r < 0 || filter.full)
            return r;
        offset = STUB_OFFSET;
    }
    return list_ways(place, offset, sink, arg);
}

sfs_err sfs_map_statfs(struct sfs_map *map, struct sfs_node *node, struct statvfs *ret)
{
    if (node->layer != map->layer)
        node = map->layer->root;
    return sfs_node_ops(node)->statfs(node, ret);
}
