/* SPDX-License-Identifier: MIT */
/* Shared by the files of the dir layer only. */
#pragma once

#include <stdatomic.h>

#include "layer/dir-statahead.h"
#include "layer/dir.h"
#include "layer/inode-number.h"

struct dir_layer {
    struct sfs_layer base;
    struct sfs_node_table table;
    struct sfs_fdcache *cache;         /* [I] */
    struct sfs_inode_numbers *numbers; /* [I] */
    struct dir_statahead *ahead;       /* [I] NULL: none */
    int root_fd;                       /* [I] O_PATH */
    int mount_fd;                      /* [I] for open_by_handle_at(2); -1: handles cannot be opened here */
    uint64_t root_mount;               /* [I] mount id of the root */
    dev_t root_device;                 /* [I] st_dev of the root */
    bool root_is_local;                /* [I] the kernel knows all of that filesystem and need ask nobody */
    struct sfs_dir_options options;    /* [I] */
    bool keep_handles;                 /* [I] handles are part of a node's identity */
    bool root_copies_up;               /* [I] see sfs_stat_copies_up() */
    _Atomic uint64_t other_mount;      /* [a] the last other mount that was asked for that: its id * 2 + the answer */
    _Atomic unsigned pinned;           /* [a] descriptors held by nodes without a name */
    unsigned pinned_most;              /* [I] */
    _Atomic unsigned renaming;         /* [a] renames under way: the source and the names of nodes may disagree */
};

static inline struct dir_layer *dir_of(const struct sfs_node *node)
{
    return (struct dir_layer *)node->layer;
}

/* --- dir-reach.c: from a node to a descriptor --------------------------------------------------------------------- */

/* A descriptor of a node for the length of one request. */
struct dir_reached {
    struct sfs_fdref ref;
    struct sfs_file *file; /* borrowed from an open file of the node, or NULL */
};

/*
 * Reach a node: a descriptor that may be O_PATH.  Returns 0; -ESTALE when the file is not where it was and has no
 * handle; other -errno.  To be given back with dir_let_go().
 */
sfs_err dir_reach(struct sfs_node *node, struct dir_reached *ret);
void dir_let_go(struct sfs_node *node, struct dir_reached *reached);

/*
 * A new open file description of a regular file or directory.  *ret_stat are its attributes (source's inode number).
 * Returns the descriptor or -errno.
 */
sfs_err dir_open_fd(struct sfs_node *node, int flags, struct sfs_stat *ret_stat);

/* See keep() in layer.h. */
sfs_err dir_keep(struct sfs_node *node);

/* A place for a descriptor that a node without a name holds (sfs_node_pin()); there are not many. */
bool dir_claim_pin(struct dir_layer *layer);
void dir_unclaim_pin(struct dir_layer *layer);

/* The source's attributes of a node, by the cheapest way. */
sfs_err dir_stat(struct sfs_node *node, struct sfs_stat *ret);

/* Run a call that may fail for want of descriptors once more after making room. Evaluates call once or twice. */
#define DIR_WITH_ROOM(layer, result, call)                                                                             \
    do {                                                                                                               \
        (result) = (call);                                                                                             \
        if (((result) == -EMFILE || (result) == -ENFILE) && sfs_fdcache_shrink((layer)->cache) > 0)                    \
            (result) = (call);                                                                                         \
    } while (0)

/* --- dir-lookup.c: from a name to a node -------------------------------------------------------------------------- */

/* What tells a file from others; name "" for dfd itself. at holds the attributes of the same file. */
void dir_identify(struct dir_layer *layer, int dfd, const char *name, const struct sfs_stat *at,
                  struct sfs_identity *ret);
/*
 * The attributes of an entry as the source's filesystem has them now; -ELOOP when a mount of this process is there,
 * which is not asked (own-devices.h).
 */
sfs_err dir_stat_entry(const struct dir_layer *layer, int dfd, const char *name, struct sfs_stat *ret);
/* True when the attributes are still those of the node. */
bool dir_is_node(const struct sfs_node *node, const struct sfs_stat *at);
/* Replace the source's inode number by the shown one. 0 or -ENOMEM. */
sfs_err dir_show_number(struct sfs_node *node, struct sfs_stat *at);

sfs_err dir_lookup(struct sfs_node *dir, const char *name, struct sfs_node **ret, struct sfs_stat *ret_stat);
/* The node of an open descriptor that was made as name in dir (name NULL: it has none), one reference more. */
sfs_err dir_adopt(struct sfs_node *dir, const char *name, int fd, struct sfs_node **ret, struct sfs_stat *ret_stat);

/* dir_open_fd(), without O_NOATIME where that is refused: it is for owners (open(2)). */
sfs_err dir_open_quietly(struct sfs_node *node, int flags, struct sfs_stat *ret_stat);

/* --- the operations, by file -------------------------------------------------------------------------------------- */
/* dir-name.c */
sfs_err dir_mknod(struct sfs_node *dir, const char *name, mode_t mode, dev_t device, const struct sfs_caller *caller,
                  struct sfs_node **ret, struct sfs_stat *ret_stat);
sfs_err dir_mkdir(struct sfs_node *dir, const char *name, mode_t mode, const struct sfs_caller *caller,
                  struct sfs_node **ret, struct sfs_stat *ret_stat);
sfs_err dir_symlink(struct sfs_node *dir, const char *name, const char *target, const struct sfs_caller *caller,
                    struct sfs_node **ret, struct sfs_stat *ret_stat);
sfs_err dir_link(struct sfs_node *node, struct sfs_node *dir, const char *name, struct sfs_node **ret,
                 struct sfs_stat *ret_stat);
sfs_err dir_unlink(struct sfs_node *dir, const char *name);
sfs_err dir_rmdir(struct sfs_node *dir, const char *name);
sfs_err dir_rename(struct sfs_node *dir, const char *name, struct sfs_node *to_dir, const char *to_name, unsigned flags,
                   const struct sfs_caller *caller);
/* dir-attr.c */
sfs_err dir_getattr(struct sfs_node *node, struct sfs_file *file, struct sfs_stat *ret);
sfs_err dir_setattr(struct sfs_node *node, struct sfs_file *file, const struct stat *to, unsigned set,
                    const struct sfs_caller *caller, struct sfs_stat *ret);
sfs_err dir_readlink(struct sfs_node *node, char *target, size_t size);
sfs_err dir_statfs(struct sfs_node *node, struct statvfs *ret);
ssize_t dir_getxattr(struct sfs_node *node, const char *name, void *value, size_t size);
ssize_t dir_listxattr(struct sfs_node *node, char *list, size_t size);
sfs_err dir_setxattr(struct sfs_node *node, const char *name, const void *value, size_t size, int flags,
                     const struct sfs_caller *caller);
sfs_err dir_removexattr(struct sfs_node *node, const char *name);
sfs_err dir_inode_flags(struct sfs_node *node, struct sfs_file *file, unsigned command, void *value,
                        const struct sfs_caller *caller);
/* dir-file.c */
sfs_err dir_open(struct sfs_node *node, int flags, const struct sfs_caller *caller, struct sfs_file **ret,
                 struct sfs_stat *ret_stat);
sfs_err dir_create(struct sfs_node *dir, const char *name, mode_t mode, int flags, const struct sfs_caller *caller,
                   struct sfs_node **ret, struct sfs_file **ret_file, struct sfs_stat *ret_stat);
sfs_err dir_tmpfile(struct sfs_node *dir, mode_t mode, int flags, const struct sfs_caller *caller,
                    struct sfs_node **ret, struct sfs_file **ret_file, struct sfs_stat *ret_stat);
void dir_release(struct sfs_file *file);
ssize_t dir_read(struct sfs_file *file, void *data, size_t size, off_t offset);
sfs_err dir_borrow(struct sfs_node *node, bool writes, struct sfs_borrowed *ret);
void dir_give_back(struct sfs_borrowed *borrowed);
ssize_t dir_write(struct sfs_file *file, const void *data, size_t size, off_t offset, bool appends,
                  const struct sfs_caller *caller);
sfs_err dir_fsync(struct sfs_file *file, bool data_only);
sfs_err dir_flush(struct sfs_file *file);
sfs_err dir_fallocate(struct sfs_file *file, int mode, off_t offset, off_t length, const struct sfs_caller *caller);
off_t dir_lseek(struct sfs_file *file, struct sfs_node *node, off_t offset, int whence);
ssize_t dir_copy_range(struct sfs_file *from, off_t from_offset, struct sfs_file *to, off_t to_offset, size_t size,
                       const struct sfs_caller *caller);
sfs_err dir_flock(struct sfs_file *file, int operation);
sfs_err dir_lock_fd(struct sfs_file *file);
sfs_err dir_backing_fd(struct sfs_file *file);
/* dir-list.c */
sfs_err dir_opendir(struct sfs_node *dir, struct sfs_file **ret, struct sfs_stat *ret_stat);
sfs_err dir_readdir(struct sfs_node *dir, struct sfs_file *file, off_t offset, size_t room, sfs_dirent_sink *sink,
                    void *arg);
/* The memory of a stream; its descriptor is closed already. */
void dir_stream_free(struct sfs_file *file);
sfs_err dir_fsyncdir(struct sfs_node *dir, struct sfs_file *file, bool data_only);
