/* SPDX-License-Identifier: MIT */
/* From a name to a node. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/path.h"
#include "layer/dir-internal.h"
#include "layer/own-devices.h"
#include "os/fd.h"
#include "os/mounts.h"

/* Directories on other mounts than the root's are told apart by mount (see layer/node.h). */
static uint32_t mount_of(const struct dir_layer *layer, const struct sfs_stat *at)
{
    return S_ISDIR(at->st.st_mode) && at->mount != layer->root_mount ? (uint32_t)at->mount : 0;
}

/* sfs_stat_copies_up() with the answer kept: it is the same for all files of a mount. */
static bool copies_up(struct dir_layer *layer, int dfd, const char *name, const struct sfs_stat *at)
{
    if (at->mount == layer->root_mount)
        return layer->root_copies_up;
    uint64_t known = atomic_load_explicit(&layer->other_mount, memory_order_relaxed);
    if (known >> 1 != at->mount || at->mount == 0) {
        known = at->mount << 1 | (sfs_stat_copies_up(dfd, name) ? 1 : 0);
        atomic_store_explicit(&layer->other_mount, known, memory_order_relaxed);
    }
    return (known & 1) != 0;
}

void dir_identify(struct dir_layer *layer, int dfd, const char *name, const struct sfs_stat *at,
                  struct sfs_identity *ret)
{
    memset(ret, 0, sizeof *ret);
    ret->ino = at->st.st_ino;
    ret->mount = mount_of(layer, at);
    ret->type = (uint16_t)(at->st.st_mode & S_IFMT);
    if (copies_up(layer, dfd, name, at))
        return; /* the number is all that stays */
    ret->btime = at->btime;
    if ((layer->keep_handles || at->btime == 0) && sfs_handle_get(dfd, name, &ret->handle) < 0)
        ret->handle.length = 0; /* not every filesystem has them */
    ret->by_handle = ret->handle.length > 0 && layer->mount_fd >= 0 && at->mount == layer->root_mount;
}

sfs_err dir_stat_entry(const struct dir_layer *layer, int dfd, const char *name, struct sfs_stat *ret)
{
    dev_t device;
    sfs_err r;
    if (layer->root_is_local) {
        r = sfs_stat_at_unasked(dfd, name, ret);
        if (r < 0 || ret->st.st_dev == layer->root_device)
            return r;
        device = ret->st.st_dev;
    } else {
        r = sfs_device_of(dfd, name, false, &device);
        if (r < 0)
            return r;
    }
    return sfs_own_device(device) ? -ELOOP : sfs_stat_at(dfd, name, ret);
}

bool dir_is_node(const struct sfs_node *node, const struct sfs_stat *at)
{
    const struct dir_layer *layer = dir_of(node);
    if (at->st.st_ino != node->ino || (node->btime != 0 && at->btime != node->btime) ||
        (at->st.st_mode & S_IFMT) != node->type || mount_of(layer, at) != node->mount)
        return false;
    return sfs_inode_numbers_device(layer->numbers, at->st.st_dev) == node->device;
}

sfs_err dir_show_number(struct sfs_node *node, struct sfs_stat *at)
{
    return sfs_inode_number(dir_of(node)->numbers, node->device, node->ino, &at->st.st_ino);
}

/* Complete what dir_identify() began, and get the node. */
static sfs_err intern(struct dir_layer *layer, struct sfs_node *parent, const char *name, const struct sfs_stat *at,
                      struct sfs_identity *identity, bool *ret_mismatch, struct sfs_node **ret)
{
    sfs_err device = sfs_inode_numbers_device(layer->numbers, at->st.st_dev);
    if (device < 0)
        return device;
    identity->device = (uint16_t)device;
    return sfs_node_intern(&layer->table, &layer->base, parent, name, identity, ret_mismatch, ret);
}

sfs_err dir_adopt(struct sfs_node *dir, const char *name, int fd, struct sfs_node **ret, struct sfs_stat *ret_stat)
{
    struct dir_layer *layer = dir_of(dir);
    sfs_err r = sfs_stat_fd(fd, ret_stat);
    if (r < 0)
        return r;
    struct sfs_identity identity;
    dir_identify(layer, fd, "", ret_stat, &identity);
    r = intern(layer, name != NULL ? dir : NULL, name, ret_stat, &identity, NULL, ret);
    if (r < 0)
        return r;
    r = dir_show_number(*ret, ret_stat);
    if (r < 0)
        sfs_node_unref(&layer->table, *ret, 1);
    return r;
}

/* Attributes and handle of one and the same file: by a descriptor. */
static sfs_err lookup_again(struct sfs_node *dir, int dfd, const char *name, struct sfs_node **ret,
                            struct sfs_stat *ret_stat)
{
    SFS_CLEANUP_FD int fd = openat(dfd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    return fd >= 0 ? dir_adopt(dir, name, fd, ret, ret_stat) : -errno;
}

static sfs_err lookup_in(struct sfs_node *dir, int dfd, const char *name, struct sfs_node **ret,
                         struct sfs_stat *ret_stat)
{
    struct dir_layer *layer = dir_of(dir);
    sfs_err r = dir_stat_entry(layer, dfd, name, ret_stat);
    if (r < 0)
        return r;
    /* without a birth time only the handle tells a file from its successor: both must come from one file */
    if (ret_stat->btime == 0)
        return lookup_again(dir, dfd, name, ret, ret_stat);
    struct sfs_identity identity;
    dir_identify(layer, dfd, name, ret_stat, &identity);
    bool mismatch = false;
    r = intern(layer, dir, name, ret_stat, &identity, &mismatch, ret);
    if (r < 0)
        return r;
    if (mismatch)
        return lookup_again(dir, dfd, name, ret, ret_stat);
    r = dir_show_number(*ret, ret_stat);
    if (r < 0)
        sfs_node_unref(&layer->table, *ret, 1);
    return r;
}

sfs_err dir_lookup(struct sfs_node *dir, const char *name, struct sfs_node **ret, struct sfs_stat *ret_stat)
{
    if (!sfs_path_is_name(name))
        return -EINVAL; /* the kernel does not ask; "." and ".." would lead out */
    struct dir_reached reached;
    sfs_err r = dir_reach(dir, &reached);
    if (r < 0)
        return r;
    r = lookup_in(dir, reached.ref.fd, name, ret, ret_stat);
    dir_let_go(dir, &reached);
    return r;
}
