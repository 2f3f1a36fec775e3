/* SPDX-License-Identifier: MIT */
/*
 * One map: a stable path, the layer behind it, and the policies that src/fuse asks for.  Read-only after
 * sfs_view_new().
 *
 * The functions here are the operations in which more than the layer has a say.  All others src/fuse calls on the
 * node's own layer (sfs_node_ops()): a node may belong to the map's layer or to its synthetic directories.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "conf/conf.h"
#include "layer/fdcache.h"
#include "layer/layer.h"
#include "view/stubs.h"
#include "view/view.h"

/* What the kernel may keep and do without asking; fixed when the map is made. */
struct sfs_policy {
    bool read_only;
    bool kernel_opens;   /* the kernel opens files alone (no OPEN) */
    bool kernel_lists;   /* the kernel opens directories alone (no OPENDIR) and keeps their listings */
    bool kernel_locks;   /* locks hold between the users of the map only, and are the kernel's business */
    bool kernel_flushes; /* closing a file has nothing to tell the daemon (no FLUSH) */
    bool wants_ring;     /* requests by io_uring where that can be had */
    bool settled;        /* nothing changes in the source behind the map's back */
    double timeout;      /* seconds that names, attributes and missing names stay valid */
    enum sfs_cache cache; /* in force: "coherent" only where nobody else writes, else it is served as a TTL for now */
    unsigned ttl;
    const char *cache_why; /* why it is not what was asked for, or NULL */
    bool alone;            /* see sfs_map_set_alone() */
    uid_t uid;
    gid_t gid;
};

struct sfs_map {
    const struct sfs_conf_map *conf; /* owned by the conf */
    char *source;                    /* the source with links resolved */
    struct sfs_policy policy;
    struct sfs_layer *layer;
    struct sfs_stubs *stubs; /* NULL when no mount point lies in this map */
    struct sfs_fdcache *cache;
};

const struct sfs_conf_map *sfs_map_conf(const struct sfs_map *map);

/* As the layer's lookup(), but for names on the way to a mount point: see stubs.h. */
sfs_err sfs_map_lookup(struct sfs_map *map, struct sfs_node *dir, const char *name, struct sfs_node **ret,
                       struct sfs_stat *ret_stat);

/* Whether name in dir is on the way to a mount point: it can then be neither removed nor renamed. */
bool sfs_map_leads(const struct sfs_map *map, const struct sfs_node *dir, const char *name);

/* As the layer's readdir(), with the same directories. */
sfs_err sfs_map_readdir(struct sfs_map *map, struct sfs_node *dir, struct sfs_file *file, off_t offset, size_t room,
                        sfs_dirent_sink *sink, void *arg);

/*
 * The map is mounted in a user namespace where only this process's own uid and gid exist.  The kernel refuses every
 * change of an inode whose owner or group does not exist there (include/linux/fs.h, HAS_UNMAPPED_ID()), although the
 * source may allow it.  So each group is shown as the own one, and the owner of what others may write to as the own
 * uid; the source, used with the caller's own rights, goes on to decide.  Before the map is served.
 */
void sfs_map_set_alone(struct sfs_map *map);

/*
 * What every attribute that leaves the map goes through: directories all have one size (stablefs-semantics(7)), and ids
 * exist where they are seen.
 */
void sfs_map_present(const struct sfs_map *map, struct stat *st);

/* As the layer's statfs(); for a synthetic directory that of the map's root. */
sfs_err sfs_map_statfs(struct sfs_map *map, struct sfs_node *node, struct statvfs *ret);
