/* SPDX-License-Identifier: MIT */
/* Making, removing and renaming names. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/path.h"
#include "layer/dir-internal.h"
#include "os/fd.h"

#ifndef RENAME_WHITEOUT
#define RENAME_WHITEOUT (1 << 2) /* linux/fs.h; glibc before 2.28 lacks it */
#endif

/* What is made, for make_name(). */
struct making {
    mode_t mode; /* with the type */
    dev_t device;
    const char *target; /* of a symlink */
};

static int make_at(int dfd, const char *name, const struct making *making)
{
    if (S_ISDIR(making->mode))
        return mkdirat(dfd, name, making->mode & 07777);
    if (S_ISLNK(making->mode))
        return symlinkat(making->target, dfd, name);
    return mknodat(dfd, name, making->mode, making->device);
}

/*
 * The node of what was just made.  When somebody has replaced it in the source meanwhile by something of another type,
 * which the kernel would not take, the answer is -ESTALE: the kernel then begins anew.
 */
static sfs_err lookup_made(struct sfs_node *dir, const char *name, mode_t mode, struct sfs_node **ret,
                           struct sfs_stat *ret_stat)
{
    sfs_err r = dir_lookup(dir, name, ret, ret_stat);
    if (r < 0 || (ret_stat->st.st_mode & S_IFMT) == (mode & S_IFMT))
        return r;
    sfs_node_unref(&dir_of(dir)->table, *ret, 1);
    return -ESTALE;
}

/* Make a name as the caller would, and look it up. */
static sfs_err make_name(struct sfs_node *dir, const char *name, const struct making *making,
                         const struct sfs_caller *caller, struct sfs_node **ret, struct sfs_stat *ret_stat)
{
    if (!sfs_path_is_name(name))
        return -EINVAL;
    struct dir_reached reached;
    sfs_err r = dir_reach(dir, &reached);
    if (r < 0)
        return r;
    r = sfs_cred_enter(caller);
    if (r >= 0) {
        r = make_at(reached.ref.fd, name, making) < 0 ? -errno : 0;
        sfs_cred_leave(caller);
    }
    dir_let_go(dir, &reached);
    return r < 0 ? r : lookup_made(dir, name, making->mode, ret, ret_stat);
}

sfs_err dir_mknod(struct sfs_node *dir, const char *name, mode_t mode, dev_t device, const struct sfs_caller *caller,
                  struct sfs_node **ret, struct sfs_stat *ret_stat)
{
    struct making making = {.mode = (mode & S_IFMT) != 0 ? mode : mode | S_IFREG, .device = device};
    return make_name(dir, name, &making, caller, ret, ret_stat);
}

sfs_err dir_mkdir(struct sfs_node *dir, const char *name, mode_t mode, const struct sfs_caller *caller,
                  struct sfs_node **ret, struct sfs_stat *ret_stat)
{
    struct making making = {.mode = S_IFDIR | (mode & 07777)};
    return make_name(dir, name, &making, caller, ret, ret_stat);
}

sfs_err dir_symlink(struct sfs_node *dir, const char *name, const char *target, const struct sfs_caller *caller,
                    struct sfs_node **ret, struct sfs_stat *ret_stat)
{
    struct making making = {.mode = S_IFLNK, .target = target};
    return make_name(dir, name, &making, caller, ret, ret_stat);
}

sfs_err dir_link(struct sfs_node *node, struct sfs_node *dir, const char *name, struct sfs_node **ret,
                 struct sfs_stat *ret_stat)
{
    if (!sfs_path_is_name(name))
        return -EINVAL;
    struct dir_reached from, to;
    sfs_err r = dir_reach(node, &from);
    if (r < 0)
        return r;
    r = dir_reach(dir, &to);
    if (r < 0) {
        dir_let_go(node, &from);
        return r;
    }
    /* by /proc, because AT_EMPTY_PATH takes CAP_DAC_READ_SEARCH (linkat(2)); also links what O_TMPFILE made */
    r = linkat(AT_FDCWD, sfs_fd_path(from.ref.fd).text, to.ref.fd, name, AT_SYMLINK_FOLLOW) < 0 ? -errno : 0;
    dir_let_go(dir, &to);
    dir_let_go(node, &from);
    return r < 0 ? r : lookup_made(dir, name, node->type, ret, ret_stat);
}

/* --- removing ----------------------------------------------------------------------------------------------------- */

/* A file that is about to lose a name: its node, if the kernel knows it, and a descriptor to reach it by afterwards. */
struct losing {
    struct sfs_node *node; /* with a reference, or NULL */
    sfs_err fd;            /* O_PATH, or -errno */
    nlink_t links;
    bool directory;
    bool claimed;          /* a place among the pinned was claimed for it */
};

/* How long a removal waits for a place: removed files that are used no more are forgotten soon. */
enum { PIN_TRIES = 200, PIN_PAUSE_NS = 1000000 };

static void losing_begin(struct sfs_node *dir, int dfd, const char *name, struct losing *losing)
{
    struct dir_layer *layer = dir_of(dir);
    struct sfs_stat at;
    int fd;
    DIR_WITH_ROOM(layer, fd, (fd = openat(dfd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC)) < 0 ? -errno : fd);
    *losing = (struct losing){.fd = fd};
    if (fd < 0)
        return; /* the removal itself will tell why */
    sfs_err device;
    if (sfs_stat_fd(fd, &at) >= 0 && (device = sfs_inode_numbers_device(layer->numbers, at.st.st_dev)) >= 0) {
        struct sfs_identity identity;
        dir_identify(layer, fd, "", &at, &identity);
        identity.device = (uint16_t)device;
        losing->node = sfs_node_find(&layer->table, &identity);
        losing->links = at.st.st_nlink;
        losing->directory = S_ISDIR(at.st.st_mode);
    }
}

/* Whether a file without this name needs a descriptor to stay reachable while somebody uses it. */
static bool losing_pins(struct dir_layer *layer, const struct losing *losing)
{
    bool last = S_ISDIR(losing->node->type) || losing->links <= 1;
    if (!last && losing->node->by_handle)
        return false;
    /* a working directory or an O_PATH descriptor without a name is rare: do not let it use up all descriptors */
    return dir_claim_pin(layer);
}

/*
 * Where files are used without being opened, nobody knows whether this one is: it may only be removed when it stays
 * reachable.  0, -ENFILE, or why it could not be looked at.
 */
static sfs_err losing_claim(struct dir_layer *layer, struct losing *losing)
{
    if (!layer->options.unopened)
        return 0;
    if (losing->node == NULL || (losing->links > 1 && losing->node->by_handle))
        return losing->fd < 0 && losing->fd != -ENOENT ? losing->fd : 0;
    for (int tries = 0; tries < PIN_TRIES && !losing->claimed; tries++) {
        struct timespec pause = {.tv_nsec = PIN_PAUSE_NS};
        losing->claimed = losing_pins(layer, losing);
        if (!losing->claimed)
            (void)nanosleep(&pause, NULL);
    }
    return losing->claimed ? 0 : -ENFILE;
}

static void losing_unclaim(struct dir_layer *layer, struct losing *losing)
{
    if (!losing->claimed)
        return;
    losing->claimed = false;
    dir_unclaim_pin(layer);
}

static void losing_pin(struct dir_layer *layer, struct losing *losing)
{
    if (losing->claimed || losing_pins(layer, losing))
        losing->claimed = true;
    if (!losing->claimed)
        return;
    if (sfs_node_pin(&layer->table, losing->node, SFS_TAKE_FD(losing->fd)))
        losing->claimed = false; /* the node's now */
    else
        losing_unclaim(layer, losing); /* it had one */
}

/* removed: the name is gone from dir. */
static void losing_end(struct sfs_node *dir, const char *name, struct losing *losing, bool removed)
{
    struct dir_layer *layer = dir_of(dir);
    bool known = false;
    if (removed && losing->node != NULL) {
        losing_pin(layer, losing);
        known = sfs_node_drop_name(&layer->table, losing->node, dir, name);
    }
    if (removed && losing->directory && !known)
        sfs_node_disown(&layer->table, dir, name);
    losing_unclaim(layer, losing);
    sfs_close(losing->fd);
    if (losing->node != NULL)
        sfs_node_unref(&layer->table, losing->node, 1);
}

static sfs_err remove_name(struct sfs_node *dir, const char *name, int flags)
{
    if (!sfs_path_is_name(name))
        return -EINVAL;
    struct dir_reached reached;
    sfs_err r = dir_reach(dir, &reached);
    if (r < 0)
        return r;
    struct losing losing;
    losing_begin(dir, reached.ref.fd, name, &losing);
    losing.directory = (flags & AT_REMOVEDIR) != 0;
    r = losing_claim(dir_of(dir), &losing);
    if (r >= 0 && unlinkat(reached.ref.fd, name, flags) < 0)
        r = -errno;
    losing_end(dir, name, &losing, r >= 0);
    dir_let_go(dir, &reached);
    return r;
}

sfs_err dir_unlink(struct sfs_node *dir, const char *name)
{
    return remove_name(dir, name, 0);
}

sfs_err dir_rmdir(struct sfs_node *dir, const char *name)
{
    return remove_name(dir, name, AT_REMOVEDIR);
}

/* --- renaming ----------------------------------------------------------------------------------------------------- */

struct renaming {
    struct sfs_node_name from, to;
    unsigned flags;
    const struct sfs_caller *caller;
};

static sfs_err rename_at(int dfd, int to_dfd, const struct renaming *how)
{
    /* a whiteout is a new file: in the caller's name */
    bool whiteout = (how->flags & RENAME_WHITEOUT) != 0;
    sfs_err r = whiteout ? sfs_cred_enter(how->caller) : 0;
    if (r < 0)
        return r;
    r = renameat2(dfd, how->from.name, to_dfd, how->to.name, how->flags) < 0 ? -errno : 0;
    if (whiteout)
        sfs_cred_leave(how->caller);
    return r;
}

/* Tell the nodes their new names. A node that cannot be told (no memory) is reached by its handle or looked up anew. */
static void rename_nodes(const struct renaming *how, struct losing *from, struct losing *to)
{
    bool exchange = (how->flags & RENAME_EXCHANGE) != 0;
    /* two names of one file: rename(2) did nothing */
    if (from->node != NULL && from->node == to->node && !exchange) {
        losing_end(how->to.dir, how->to.name, to, false);
        return;
    }
    losing_end(how->to.dir, how->to.name, to, !exchange);
    if (from->node != NULL)
        (void)sfs_node_rename(&dir_of(how->from.dir)->table, from->node, &how->from, &how->to);
}

static sfs_err rename_between(int dfd, int to_dfd, const struct renaming *how)
{
    struct sfs_node_table *table = &dir_of(how->from.dir)->table;
    struct losing from, to;
    losing_begin(how->from.dir, dfd, how->from.name, &from);
    losing_begin(how->to.dir, to_dfd, how->to.name, &to);
    struct sfs_node *exchanged = NULL;
    if (to.node != NULL && (how->flags & RENAME_EXCHANGE) != 0) {
        exchanged = to.node;
        to.node = NULL; /* keeps its life, changes its name below */
    }
    sfs_err r = losing_claim(dir_of(how->from.dir), &to);
    if (r >= 0)
        r = rename_at(dfd, to_dfd, how);
    if (r >= 0)
        rename_nodes(how, &from, &to);
    else
        losing_end(how->to.dir, how->to.name, &to, false);
    if (r >= 0 && exchanged != NULL)
        (void)sfs_node_rename(table, exchanged, &how->to, &how->from);
    if (exchanged != NULL)
        sfs_node_unref(table, exchanged, 1);
    losing_end(how->from.dir, how->from.name, &from, false);
    return r;
}

sfs_err dir_rename(struct sfs_node *dir, const char *name, struct sfs_node *to_dir, const char *to_name, unsigned flags,
                   const struct sfs_caller *caller)
{
    if (!sfs_path_is_name(name) || !sfs_path_is_name(to_name))
        return -EINVAL;
    struct dir_reached from, to;
    sfs_err r = dir_reach(dir, &from);
    if (r < 0)
        return r;
    r = dir_reach(to_dir, &to);
    if (r >= 0) {
        struct renaming how = {{dir, name}, {to_dir, to_name}, flags, caller};
        _Atomic unsigned *renaming = &dir_of(dir)->renaming;
        atomic_fetch_add(renaming, 1);
        r = rename_between(from.ref.fd, to.ref.fd, &how);
        atomic_fetch_sub(renaming, 1);
        dir_let_go(to_dir, &to);
    }
    dir_let_go(dir, &from);
    return r;
}
