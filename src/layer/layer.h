/* SPDX-License-Identifier: MIT */
/*
 * A layer is a tree of files: a directory today, later an overlay or a mirror.  It knows nothing of FUSE, of stable
 * paths or of caching policies.  src/view asks it, src/fuse holds its nodes and files.
 *
 * Nodes.  A node is one file (inode) of the layer, whatever its names.  lookup(), create() and the others that return
 * a node add one reference, which the kernel then holds; forget() takes references away.  A request on a node is only
 * made while the kernel holds a reference, so a node cannot go away under a request.  The same file gives the same node
 * as long as somebody holds it (but for a directory that the kernel may take for removed, see node.h); another file
 * that got the same inode number gives another node.
 *
 * Files.  A file is an open file description, made by open(), create(), tmpfile() or opendir() and ended by release().
 *
 * Every function may be called by several threads at once, also on the same node or file.  None holds a lock across a
 * blocking system call.  All return 0 or more for success and -errno for failure; -ESTALE means that the node is no
 * longer what it was (the source was changed behind our back), which makes the kernel look the name up again.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "layer/fdcache.h"
#include "layer/node.h"
#include "os/cred.h"
#include "os/stat.h"

struct flock;
struct statvfs;

struct sfs_layer;
struct sfs_file;

/* An open file that belongs to nobody: in no list, with a descriptor on loan from the cache. */
struct sfs_borrowed {
    struct sfs_file file;
    struct sfs_fdref ref;
};

/* What setattr() changes: bits of `set`. */
enum sfs_set {
    SFS_SET_MODE = 1 << 0,
    SFS_SET_UID = 1 << 1,
    SFS_SET_GID = 1 << 2,
    SFS_SET_SIZE = 1 << 3,
    SFS_SET_ATIME = 1 << 4, /* st_atim; tv_nsec may be UTIME_NOW */
    SFS_SET_MTIME = 1 << 5,
    SFS_SET_OWNED = 1 << 6, /* only what every chown(2) does: privileges of the file go; by itself */
};

/* One entry for a directory reader; returns false when there is no room for it (it will be asked for again). */
typedef bool sfs_dirent_sink(void *arg, const char *name, ino_t ino, unsigned char type, off_t next);

struct sfs_layer_ops {
    const char *name; /* "dir", ... */

    /* --- names ---------------------------------------------------------------------------------------------------- */
    sfs_err (*lookup)(struct sfs_node *dir, const char *name, struct sfs_node **ret, struct sfs_stat *ret_stat);
    void (*forget)(struct sfs_node *node, uint64_t references);
    /* One reference more on a node that somebody holds already. */
    void (*refer)(struct sfs_node *node);
    /* From now on the node can be reached whatever becomes of its name in the source. For very few nodes. */
    sfs_err (*keep)(struct sfs_node *node);

    /* These make a file in the name of caller (see sfs_cred_enter()) and return its node with one reference. */
    sfs_err (*mknod)(struct sfs_node *dir, const char *name, mode_t mode, dev_t device,
                     const struct sfs_caller *caller, struct sfs_node **ret, struct sfs_stat *ret_stat);
    sfs_err (*mkdir)(struct sfs_node *dir, const char *name, mode_t mode, const struct sfs_caller *caller,
                     struct sfs_node **ret, struct sfs_stat *ret_stat);
    sfs_err (*symlink)(struct sfs_node *dir, const char *name, const char *target, const struct sfs_caller *caller,
                       struct sfs_node **ret, struct sfs_stat *ret_stat);
    sfs_err (*link)(struct sfs_node *node, struct sfs_node *dir, const char *name, struct sfs_node **ret,
                    struct sfs_stat *ret_stat);
    sfs_err (*unlink)(struct sfs_node *dir, const char *name);
    sfs_err (*rmdir)(struct sfs_node *dir, const char *name);
    /* flags: RENAME_NOREPLACE, RENAME_EXCHANGE, RENAME_WHITEOUT of renameat2(2) */
    sfs_err (*rename)(struct sfs_node *dir, const char *name, struct sfs_node *to_dir, const char *to_name,
                      unsigned flags, const struct sfs_caller *caller);

    /* --- attributes; file is an open file of the node, or NULL ---------------------------------------------------- */
    sfs_err (*getattr)(struct sfs_node *node, struct sfs_file *file, struct sfs_stat *ret);
    /* caller: who truncates, as for write() */
    sfs_err (*setattr)(struct sfs_node *node, struct sfs_file *file, const struct stat *to, unsigned set,
                       const struct sfs_caller *caller, struct sfs_stat *ret);
    /* The target, NUL-terminated. -ENAMETOOLONG when it does not fit. */
    sfs_err (*readlink)(struct sfs_node *node, char *target, size_t size);
    sfs_err (*statfs)(struct sfs_node *node, struct statvfs *ret);
    ssize_t (*getxattr)(struct sfs_node *node, const char *name, void *value, size_t size);
    ssize_t (*listxattr)(struct sfs_node *node, char *list, size_t size);
    /* caller matters for ACLs, whose mode may have to lose its set-gid bit */
    sfs_err (*setxattr)(struct sfs_node *node, const char *name, const void *value, size_t size, int flags,
                        const struct sfs_caller *caller);
    sfs_err (*removexattr)(struct sfs_node *node, const char *name);
    /* file may be NULL. See sfs_inode_flags(). */
    sfs_err (*inode_flags)(struct sfs_node *node, struct sfs_file *file, unsigned command, void *value,
                           const struct sfs_caller *caller);

    /* --- open files ----------------------------------------------------------------------------------------------- */
    /* caller: who truncates by O_TRUNC, as for write() */
    sfs_err (*open)(struct sfs_node *node, int flags, const struct sfs_caller *caller, struct sfs_file **ret,
                    struct sfs_stat *ret_stat);
    /* Atomic: the file did not exist before. -EEXIST otherwise, with or without O_EXCL. */
    sfs_err (*create)(struct sfs_node *dir, const char *name, mode_t mode, int flags, const struct sfs_caller *caller,
                      struct sfs_node **ret, struct sfs_file **ret_file, struct sfs_stat *ret_stat);
    sfs_err (*tmpfile)(struct sfs_node *dir, mode_t mode, int flags, const struct sfs_caller *caller,
                       struct sfs_node **ret, struct sfs_file **ret_file, struct sfs_stat *ret_stat);
    void (*release)(struct sfs_file *file);
    ssize_t (*read)(struct sfs_file *file, void *data, size_t size, off_t offset);
    /*
     * A file for the length of one request, for maps whose files the kernel opens alone; writes: it is to be written.
     * To be given back.
     */
    sfs_err (*borrow)(struct sfs_node *node, bool writes, struct sfs_borrowed *ret);
    void (*give_back)(struct sfs_borrowed *borrowed);
    /*
     * appends: at the end of the file, wherever that is by then, and not at offset.  The flag is of the write: O_APPEND
     * at open() says nothing.  caller: in whose name, so that the source's filesystem takes set-id bits away as it
     * would; NULL: our own.  -EPERM for a write elsewhere to a file that can only be appended to.
     */
    ssize_t (*write)(struct sfs_file *file, const void *data, size_t size, off_t offset, bool appends,
                     const struct sfs_caller *caller);
    sfs_err (*fsync)(struct sfs_file *file, bool data_only);
    /* What close(2) would say (delayed errors of network filesystems). */
    sfs_err (*flush)(struct sfs_file *file);
    /* caller: as for write() */
    sfs_err (*fallocate)(struct sfs_file *file, int mode, off_t offset, off_t length, const struct sfs_caller *caller);
    off_t (*lseek)(struct sfs_file *file, struct sfs_node *node, off_t offset, int whence);
    ssize_t (*copy_range)(struct sfs_file *from, off_t from_offset, struct sfs_file *to, off_t to_offset, size_t size,
                          const struct sfs_caller *caller);
    /* flock(2) on the open file description; operation as there. Waits unless LOCK_NB. */
    sfs_err (*flock)(struct sfs_file *file, int operation);
    /*
     * A new descriptor for one owner of POSIX locks, for reading only if file is, else for both kinds of locks where
     * possible.  The caller closes it, and has made sure that there is room for it (sfs_fdcache_claim()).
     */
    sfs_err (*lock_fd)(struct sfs_file *file);
    /* The descriptor that passthrough may hand to the kernel; owned by the file. -EOPNOTSUPP when there is none. */
    sfs_err (*backing_fd)(struct sfs_file *file);

    /* --- directories ---------------------------------------------------------------------------------------------- */
    sfs_err (*opendir)(struct sfs_node *dir, struct sfs_file **ret, struct sfs_stat *ret_stat);
    /*
     * Entries from offset on (0, or the `next` of an entry) until the sink is full or the end is reached, "." and
     * ".." among them.  file may be NULL (then every call opens the directory anew).  room: about how many bytes of
     * entries the sink takes.  Offsets stay valid while entries come and go, as the source's filesystem keeps its own.
     */
    sfs_err (*readdir)(struct sfs_node *dir, struct sfs_file *file, off_t offset, size_t room, sfs_dirent_sink *sink,
                       void *arg);
    sfs_err (*fsyncdir)(struct sfs_node *dir, struct sfs_file *file, bool data_only);
};

/* Members common to all layers; a layer's own struct starts with it. */
struct sfs_layer {
    const struct sfs_layer_ops *ops;
    struct sfs_node *root; /* [I] with one reference of its own */
    void (*free)(struct sfs_layer *layer);
    /* for status(1): nodes in the table and how they are reached again ("handle" or "path") */
    uint64_t (*node_count)(struct sfs_layer *layer);
    /* The most nodes there were since the last call. */
    uint64_t (*node_peak)(struct sfs_layer *layer);
    const char *(*reopen_word)(const struct sfs_layer *layer);
    /* Directories that were looked at before they were asked for. */
    uint64_t (*looked_ahead)(const struct sfs_layer *layer);
    /* Where a node was last seen, relative to the root, malloc()ed. 0, -ENOENT (no name any more) or -ENOMEM. */
    sfs_err (*path)(struct sfs_node *node, char **ret);
};

static inline const struct sfs_layer_ops *sfs_node_ops(const struct sfs_node *node)
{
    return node->layer->ops;
}

/* NULL is fine. Every node is given up, also those that somebody still refers to. */
void sfs_layer_free(struct sfs_layer *layer);
