/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "layer/dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "layer/dir-internal.h"
#include "os/fd.h"

static void dir_forget(struct sfs_node *node, uint64_t references)
{
    sfs_node_unref(&dir_of(node)->table, node, references);
}

static void dir_refer(struct sfs_node *node)
{
    sfs_node_ref(&dir_of(node)->table, node);
}

static const struct sfs_layer_ops dir_ops = {
    .name = "dir",
    .lookup = dir_lookup,
    .forget = dir_forget,
    .refer = dir_refer,
    .keep = dir_keep,
    .mknod = dir_mknod,
    .mkdir = dir_mkdir,
    .symlink = dir_symlink,
    .link = dir_link,
    .unlink = dir_unlink,
    .rmdir = dir_rmdir,
    .rename = dir_rename,
    .getattr = dir_getattr,
    .setattr = dir_setattr,
    .readlink = dir_readlink,
    .statfs = dir_statfs,
    .getxattr = dir_getxattr,
    .listxattr = dir_listxattr,
    .setxattr = dir_setxattr,
    .removexattr = dir_removexattr,
    .inode_flags = dir_inode_flags,
    .open = dir_open,
    .create = dir_create,
    .tmpfile = dir_tmpfile,
    .release = dir_release,
    .read = dir_read,
    .borrow = dir_borrow,
    .give_back = dir_give_back,
    .write = dir_write,
    .fsync = dir_fsync,
    .flush = dir_flush,
    .fallocate = dir_fallocate,
    .lseek = dir_lseek,
    .copy_range = dir_copy_range,
    .flock = dir_flock,
    .lock_fd = dir_lock_fd,
    .backing_fd = dir_backing_fd,
    .opendir = dir_opendir,
    .readdir = dir_readdir,
    .fsyncdir = dir_fsyncdir,
};

static void dir_free(struct sfs_layer *base)
{
    struct dir_layer *layer = (struct dir_layer *)base;
    dir_statahead_free(layer->ahead);
    if (layer->table.buckets != NULL)
        sfs_node_table_release(&layer->table);
    sfs_inode_numbers_free(layer->numbers);
    sfs_close(layer->mount_fd);
    sfs_close(layer->root_fd);
    free(layer);
}

static uint64_t dir_node_count(struct sfs_layer *base)
{
    struct dir_layer *layer = (struct dir_layer *)base;
    (void)pthread_mutex_lock(&layer->table.lock);
    uint64_t count = layer->table.count;
    (void)pthread_mutex_unlock(&layer->table.lock);
    return count;
}

static uint64_t dir_node_peak(struct sfs_layer *base)
{
    struct dir_layer *layer = (struct dir_layer *)base;
    (void)pthread_mutex_lock(&layer->table.lock);
    uint64_t peak = layer->table.peak;
    layer->table.peak = layer->table.count;
    (void)pthread_mutex_unlock(&layer->table.lock);
    return peak;
}

static uint64_t dir_looked_ahead(const struct sfs_layer *base)
{
    return dir_statahead_count(((const struct dir_layer *)base)->ahead);
}

static sfs_err dir_path(struct sfs_node *node, char **ret)
{
    return sfs_node_path(&dir_of(node)->table, node, ret);
}

static const char *dir_reopen_word(const struct sfs_layer *base)
{
    return ((const struct dir_layer *)base)->mount_fd >= 0 ? "handle" : "path";
}

static void node_dispose(struct sfs_node *node)
{
    struct dir_layer *layer = dir_of(node);
    sfs_fdcache_drop(layer->cache, node);
    if (node->pinned_fd >= 0) {
        dir_unclaim_pin(layer);
    }
}

/* A descriptor for open_by_handle_at(2), if it works here: it takes a capability and a filesystem that has handles. */
static int mount_fd_for(int root_fd)
{
    SFS_CLEANUP_FD int mount_fd = sfs_fd_reopen(root_fd, O_RDONLY | O_DIRECTORY);
    struct sfs_handle handle;
    if (mount_fd < 0 || sfs_handle_get(mount_fd, "", &handle) < 0)
        return -1;
    SFS_CLEANUP_FD int probe = sfs_handle_open(mount_fd, handle.type, handle.bytes, handle.length, O_PATH);
    return probe >= 0 ? SFS_TAKE_FD(mount_fd) : -1;
}

static sfs_err dir_make_root(struct dir_layer *layer, const struct sfs_stat *at)
{
    struct sfs_identity identity;
    dir_identify(layer, layer->root_fd, "", at, &identity);
    return sfs_node_intern(&layer->table, &layer->base, NULL, NULL, &identity, NULL, &layer->base.root);
}

sfs_err sfs_dir_layer_new(int root_fd, const struct sfs_dir_options *options, struct sfs_fdcache *cache,
                          struct sfs_layer **ret)
{
    struct sfs_stat at;
    sfs_err r = sfs_stat_fd(root_fd, &at);
    if (r < 0)
        return r;
    if (!S_ISDIR(at.st.st_mode))
        return -ENOTDIR;
    struct dir_layer *layer = calloc(1, sizeof *layer);
    if (layer == NULL)
        return -ENOMEM;
    layer->base = (struct sfs_layer){.ops = &dir_ops,
                                     .free = dir_free,
                                     .node_count = dir_node_count,
                                     .node_peak = dir_node_peak,
                                     .reopen_word = dir_reopen_word,
                                     .looked_ahead = dir_looked_ahead,
                                     .path = dir_path};
    layer->cache = cache;
    layer->options = *options;
    layer->keep_handles = !options->frozen;
    layer->root_fd = layer->mount_fd = -1;
    layer->root_mount = at.mount;
    layer->root_copies_up = sfs_stat_copies_up(root_fd, "");
    layer->root_device = at.st.st_dev;
    layer->root_is_local = sfs_stat_is_local(root_fd);
    layer->pinned_most = (unsigned)sfs_fdcache_size(cache);
    if (layer->keep_handles)
        layer->mount_fd = mount_fd_for(root_fd);
    r = sfs_node_table_init(&layer->table, node_dispose);
    if (r >= 0)
        r = sfs_inode_numbers_new(&layer->numbers);
    if (r >= 0)
        r = sfs_inode_numbers_device(layer->numbers, at.st.st_dev);
    if (r >= 0) {
        layer->root_fd = root_fd;
        r = dir_make_root(layer, &at);
    }
    if (r < 0) {
        layer->root_fd = -1; /* stays the caller's */
        dir_free(&layer->base);
        return r;
    }
    layer->ahead = options->statahead ? dir_statahead_new() : NULL;
    *ret = &layer->base;
    return 0;
}

void sfs_layer_free(struct sfs_layer *layer)
{
    if (layer != NULL)
        layer->free(layer);
}
