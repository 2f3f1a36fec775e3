/* SPDX-License-Identifier: MIT */
/*
 * From a node to a descriptor.  Nodes hold none, so this is tried in turn:
 *
 *   the root's own descriptor; the one pinned when the last name was removed
 *   the descriptor cache
 *   an open file of the node
 *   the file handle, where open_by_handle_at(2) is permitted
 *   the path, from the nearest directory above that has a descriptor
 *
 * Whatever was opened by handle or path is checked to be the file that the node stands for, so that a source that
 * changes behind our back gives -ESTALE and never another file.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "layer/dir-internal.h"
#include "layer/own-devices.h"
#include "os/fd.h"
#include "os/mounts.h"
#include "os/open.h"

/* how often a path is tried again because names changed meanwhile */
enum { ATTEMPTS = 16, PAUSE_NS = 50000 };

/* An open file of the node, kept open until dir_release(). */
static struct sfs_file *borrow_file(struct sfs_node *node)
{
    struct dir_layer *layer = dir_of(node);
    (void)pthread_mutex_lock(&layer->table.lock);
    struct sfs_file *file = node->files;
    /* one whose last user has just gone is about to leave the list; a directory's may be without descriptor */
    while (file != NULL) {
        unsigned users = file->fd >= 0 ? atomic_load_explicit(&file->users, memory_order_relaxed) : 0;
        while (users > 0 && !atomic_compare_exchange_weak(&file->users, &users, users + 1))
            continue;
        if (users > 0)
            break;
        file = file->next;
    }
    (void)pthread_mutex_unlock(&layer->table.lock);
    return file;
}

/* Where files have no birth time, only the handle tells one from the next with its number. */
static bool has_handle_of(const struct sfs_node *node, int fd)
{
    struct sfs_handle handle;
    if (node->btime != 0 || node->handle_length == 0 || sfs_handle_get(fd, "", &handle) < 0)
        return true;
    return handle.length == node->handle_length && handle.type == node->handle_type &&
           memcmp(handle.bytes, node->handle, handle.length) == 0;
}

/* Keep the result only if it is the node's file. */
static sfs_err checked(const struct sfs_node *node, sfs_err fd, struct sfs_stat *at)
{
    if (fd < 0)
        return fd;
    sfs_err r = sfs_stat_fd(fd, at);
    if (r >= 0 && (!dir_is_node(node, at) || !has_handle_of(node, fd)))
        r = -ESTALE;
    if (r < 0) {
        sfs_close(fd);
        return r;
    }
    return fd;
}

static sfs_err open_by_handle(struct sfs_node *node, int flags, struct sfs_stat *at)
{
    struct dir_layer *layer = dir_of(node);
    sfs_err fd;
    DIR_WITH_ROOM(layer, fd,
                  sfs_handle_open(layer->mount_fd, node->handle_type, node->handle, node->handle_length, flags));
    /*
     * Also said when another file is just being made with this inode number (fs/inode.c: iget_locked() finds
     * I_CREATING, ext4_iget() takes that for a lack of memory).  When memory really is short, the way by path says so,
     * too.
     */
    if (fd == -ENOMEM)
        fd = -ESTALE;
    return checked(node, fd, at);
}

/* Where to start, and the path from there: taken together under the lock, so that they fit. */
struct route {
    struct sfs_node *start;
    struct dir_reached from; /* start's descriptor, on loan; the start node is held by a reference */
    struct sfs_strbuf path;
    uint64_t changes; /* of names, when the route was made */
};

/* A descriptor without any system call; the table's lock is held. */
static bool reach_at_hand_locked(struct sfs_node *node, struct dir_reached *ret)
{
    struct dir_layer *layer = dir_of(node);
    *ret = (struct dir_reached){{-1, SFS_FDREF_BORROWED}, NULL};
    if (node == layer->base.root)
        ret->ref.fd = layer->root_fd;
    else if (node->pinned_fd >= 0)
        ret->ref.fd = node->pinned_fd;
    else
        return sfs_fdcache_get(layer->cache, node, &ret->ref);
    return true;
}

/* Find the nearest directory above the node that can be reached at once. */
static sfs_err route_find(struct sfs_node *node, struct route *route)
{
    struct dir_layer *layer = dir_of(node);
    sfs_strbuf_truncate(&route->path, 0);
    (void)pthread_mutex_lock(&layer->table.lock);
    route->changes = layer->table.changes;
    struct sfs_node *at = node;
    do
        at = at->name != NULL ? at->parent : NULL;
    while (at != NULL && !reach_at_hand_locked(at, &route->from));
    sfs_err r = at != NULL ? 0 : -ESTALE;
    if (at != NULL) {
        route->start = at;
        at->references++;
        r = sfs_node_path_locked(node, at, &route->path);
    }
    (void)pthread_mutex_unlock(&layer->table.lock);
    return r;
}

static void route_end(struct sfs_node *node, struct route *route)
{
    struct dir_layer *layer = dir_of(node);
    if (route->start == NULL)
        return;
    sfs_fdcache_release(layer->cache, &route->from.ref);
    sfs_node_unref(&layer->table, route->start, 1);
    route->start = NULL;
}

/*
 * Whether a name that led nowhere may do so only because of a rename through this map: one was recorded since, or one
 * is under way, which is then given some time (a lock may not be held while it lasts).
 */
static bool names_changed(struct dir_layer *layer, uint64_t changes, int attempt)
{
    /* asked first: one that ends meanwhile has been recorded by then */
    bool renaming = atomic_load(&layer->renaming) > 0;
    (void)pthread_mutex_lock(&layer->table.lock);
    bool changed = layer->table.changes != changes;
    (void)pthread_mutex_unlock(&layer->table.lock);
    if (!changed && renaming) {
        struct timespec pause = {.tv_nsec = (long)PAUSE_NS << (attempt < 8 ? attempt : 8)};
        (void)nanosleep(&pause, NULL);
    }
    return changed || renaming;
}

/* What the walk finds when the source was changed: the node is not there any more. */
static sfs_err stale_if_gone(sfs_err r)
{
    return r == -ENOENT || r == -ENOTDIR || r == -ELOOP || r == -EXDEV ? -ESTALE : r;
}

/* A mount of this process may have come to lie over the path meanwhile. */
static sfs_err open_route(const struct route *route)
{
    sfs_err fd = sfs_open_beneath(route->from.ref.fd, route->path.data, O_PATH);
    dev_t device;
    if (fd < 0 || sfs_device_of(fd, "", true, &device) < 0 || !sfs_own_device(device))
        return fd;
    sfs_close(fd);
    return -ELOOP;
}

static sfs_err open_by_path(struct sfs_node *node, struct sfs_stat *at)
{
    struct dir_layer *layer = dir_of(node);
    struct route route = {.path = SFS_STRBUF_INIT};
    sfs_err fd = -ESTALE;
    for (int attempt = 0; attempt < ATTEMPTS && fd == -ESTALE; attempt++) {
        sfs_err r = route_find(node, &route);
        if (r < 0) {
            fd = r;
        } else {
            DIR_WITH_ROOM(layer, fd, open_route(&route));
            fd = stale_if_gone(checked(node, fd, at));
        }
        route_end(node, &route);
        if (fd == -ESTALE && !names_changed(layer, route.changes, attempt))
            break; /* not a rename under way through this map: it really is gone */
    }
    sfs_strbuf_release(&route.path);
    return fd;
}

/* Open a descriptor of its own, O_PATH. */
static sfs_err open_path_fd(struct sfs_node *node, struct sfs_stat *at)
{
    sfs_err fd = -ESTALE;
    if (node->by_handle)
        fd = open_by_handle(node, O_PATH | O_NOFOLLOW, at);
    /* a handle recorded while the file was being replaced may be another file's: the path decides */
    return fd == -ESTALE ? open_by_path(node, at) : fd;
}

static bool reach_at_hand(struct sfs_node *node, struct dir_reached *ret)
{
    struct dir_layer *layer = dir_of(node);
    (void)pthread_mutex_lock(&layer->table.lock);
    bool found = reach_at_hand_locked(node, ret);
    (void)pthread_mutex_unlock(&layer->table.lock);
    if (found)
        return true;
    ret->file = borrow_file(node);
    if (ret->file == NULL)
        return false;
    ret->ref = (struct sfs_fdref){ret->file->fd, SFS_FDREF_BORROWED};
    return true;
}

static void keep_directory(struct sfs_node *node, struct dir_reached *reached)
{
    if (S_ISDIR(node->type))
        sfs_fdcache_put(dir_of(node)->cache, node, &reached->ref);
}

sfs_err dir_reach(struct sfs_node *node, struct dir_reached *ret)
{
    if (reach_at_hand(node, ret))
        return 0;
    struct sfs_stat at;
    sfs_err fd = open_path_fd(node, &at);
    if (fd < 0)
        return fd;
    *ret = (struct dir_reached){{fd, SFS_FDREF_OWNED}, NULL};
    keep_directory(node, ret);
    return 0;
}

void dir_let_go(struct sfs_node *node, struct dir_reached *reached)
{
    sfs_fdcache_release(dir_of(node)->cache, &reached->ref);
    if (reached->file != NULL)
        dir_release(reached->file);
}

/* O_TRUNC, now that it is known to be the right file. It may go with a read-only descriptor (open(2), NOTES). */
static sfs_err emptied(sfs_err fd, int flags, struct sfs_stat *at)
{
    if (fd < 0 || (flags & O_TRUNC) == 0)
        return fd;
    bool writable = (flags & O_ACCMODE) != O_RDONLY;
    int cut = writable ? ftruncate(fd, 0) : truncate(sfs_fd_path(fd).text, 0);
    sfs_err r = cut < 0 ? -errno : sfs_stat_fd(fd, at);
    if (r < 0) {
        sfs_close(fd);
        return r;
    }
    return fd;
}

sfs_err dir_open_fd(struct sfs_node *node, int flags, struct sfs_stat *ret_stat)
{
    struct dir_layer *layer = dir_of(node);
    if (!S_ISREG(node->type) && !S_ISDIR(node->type))
        return -EINVAL; /* the kernel opens devices, FIFOs and sockets itself */
    struct dir_reached reached;
    sfs_err fd;
    int opening = flags & ~O_TRUNC;
    if (node->by_handle && S_ISREG(node->type)) {
        /* O_NONBLOCK: should the handle be a FIFO's after all, it does not wait before it is found out */
        fd = open_by_handle(node, opening | O_NONBLOCK | O_NOFOLLOW, ret_stat);
        /* said of a regular file only: somebody has a lease on it, and a caller who did not ask otherwise waits */
        if (fd == -EAGAIN && !(flags & O_NONBLOCK))
            fd = open_by_handle(node, opening | O_NOFOLLOW, ret_stat);
        if (fd != -ESTALE)
            return emptied(fd, flags, ret_stat);
    }
    sfs_err r = dir_reach(node, &reached);
    if (r < 0)
        return r;
    DIR_WITH_ROOM(layer, fd, sfs_fd_reopen(reached.ref.fd, opening));
    fd = emptied(checked(node, fd, ret_stat), flags, ret_stat);
    dir_let_go(node, &reached);
    return fd;
}

/* The attributes under the node's name, if its directory is at hand and the name still is this file. */
static bool stat_by_name(struct sfs_node *node, struct sfs_stat *ret)
{
    struct dir_layer *layer = dir_of(node);
    struct dir_reached from;
    char name[256]; /* NAME_MAX and the NUL; longer names take the long way */
    struct sfs_node *parent = NULL;
    (void)pthread_mutex_lock(&layer->table.lock);
    /* where only the handle tells files apart, the name is not enough */
    bool telling = node->btime != 0 || node->handle_length == 0;
    if (telling && node->name != NULL && node->parent != NULL && strlen(node->name) < sizeof name &&
        reach_at_hand_locked(node->parent, &from)) {
        parent = node->parent;
        parent->references++;
        memcpy(name, node->name, strlen(node->name) + 1);
    }
    (void)pthread_mutex_unlock(&layer->table.lock);
    if (parent == NULL)
        return false;
    bool is_node = dir_stat_entry(layer, from.ref.fd, name, ret) >= 0 && dir_is_node(node, ret);
    sfs_fdcache_release(layer->cache, &from.ref);
    sfs_node_unref(&layer->table, parent, 1);
    return is_node;
}

sfs_err dir_stat(struct sfs_node *node, struct sfs_stat *ret)
{
    struct dir_reached reached;
    sfs_err r;
    if (reach_at_hand(node, &reached)) {
        r = sfs_stat_fd(reached.ref.fd, ret);
        dir_let_go(node, &reached);
        return r;
    }
    if (stat_by_name(node, ret))
        return 0;
    sfs_err fd = open_path_fd(node, ret);
    if (fd < 0)
        return fd;
    reached = (struct dir_reached){{fd, SFS_FDREF_OWNED}, NULL};
    keep_directory(node, &reached);
    dir_let_go(node, &reached);
    return 0;
}

bool dir_claim_pin(struct dir_layer *layer)
{
    if (atomic_fetch_add_explicit(&layer->pinned, 1, memory_order_relaxed) < layer->pinned_most &&
        sfs_fdcache_claim(layer->cache) >= 0)
        return true;
    atomic_fetch_sub_explicit(&layer->pinned, 1, memory_order_relaxed);
    return false;
}

void dir_unclaim_pin(struct dir_layer *layer)
{
    atomic_fetch_sub_explicit(&layer->pinned, 1, memory_order_relaxed);
    sfs_fdcache_unclaim(layer->cache);
}

sfs_err dir_keep(struct sfs_node *node)
{
    struct dir_layer *layer = dir_of(node);
    struct sfs_stat at;
    sfs_err fd = sfs_fdcache_claim(layer->cache);
    if (fd < 0)
        return fd;
    fd = open_path_fd(node, &at);
    if (fd >= 0 && sfs_node_pin(&layer->table, node, fd))
        atomic_fetch_add_explicit(&layer->pinned, 1, memory_order_relaxed);
    else
        sfs_fdcache_unclaim(layer->cache);
    return fd < 0 ? fd : 0;
}
