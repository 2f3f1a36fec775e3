/* SPDX-License-Identifier: MIT */
/*
 * Nodes: the files that the kernel knows, and the table that finds them by identity.
 *
 * A node holds no descriptor.  It is reached again by its file handle, or by name from the nearest directory that has
 * a descriptor (layer/dir-reach.c).  There may be millions: keep struct sfs_node small.
 *
 * Identity is (device, inode number, birth time, handle): an inode number alone is not enough, as filesystems give the
 * number of a deleted file to the next one.  For directories the mount counts too: a directory that is bind-mounted
 * in a second place is another node there, because the kernel allows a directory only one place in a tree.
 *
 * A directory that was moved in the source is found with another name than the kernel has it by.  In the answer to a
 * LOOKUP the kernel then moves what it has (d_splice_alias() in fs/dcache.c).  In a listing it would, too, but when it
 * may not wait for a lock that fails, and then it may forget the directory twice: fuse_direntplus_link() in
 * fs/fuse/readdir.c takes its count back from an inode that may have been evicted by then, and sends a FORGET all the
 * same, which takes a reference away from somebody else.  So such a directory is marked as moved, and never looked up
 * for a listing.
 *
 * RMDIR and RENAME carry only names, which may lead to another directory in the source by then: the kernel takes for
 * removed what is not.  A directory to which that may have happened gets another node where it is found again; nothing
 * would be found in the old one.
 *
 * Locks: "T" is the lock of the table that the node is in; it is a leaf but for the descriptor cache's lock, and is
 * never held across a system call.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/strbuf.h"
#include "os/handle.h"

struct sfs_layer;
struct sfs_file;

/*
 * Members, by what protects them:
 *   I  set before the node is published, then only read
 *   T  the table's lock
 *   C  the lock of the descriptor cache
 *   o  src/fuse
 *   a  atomic
 */
struct sfs_node {
    struct sfs_node *hash_next; /* [T] */
    struct sfs_layer *layer;    /* [I] */
    struct sfs_node *parent;    /* [T] directory of the name last seen; counted in its children */
    char *name;                 /* [T] NULL: no name known (deleted, or the root) */
    uint64_t ino;               /* [I] the source's number */
    int64_t btime;              /* [I] nanoseconds, 0 where unknown or not kept for life */
    uint64_t references;        /* [T] that the kernel holds, or a request under way */
    void *state;                /* [o] what src/fuse keeps while the file is open */
    _Atomic uint64_t version;   /* [a] digest of size and times when the kernel cached data; src/fuse's */
    struct sfs_file *files;     /* [T] open files, see struct sfs_file */
    uint32_t children;          /* [T] nodes whose parent this is */
    int32_t slot;               /* [C] place in the descriptor cache, or -1 */
    int32_t pinned_fd;          /* [T] set once, for a file whose last name was removed here; or -1 */
    uint32_t mount;             /* [I] id of the mount of a directory; 0: the root's, or not a directory */
    uint16_t device;            /* [I] index of the source's device, see inode-number.h */
    uint16_t type;              /* [I] S_IFMT part of the mode */
    uint32_t named;             /* [T] table's renames when the name was last seen */
    uint32_t received;          /* [T] table's renames when a directory was last renamed to a name in this one */
    int16_t handle_type;        /* [I] */
    uint8_t handle_length;      /* [I] 0: no handle */
    bool by_handle;             /* [I] its handle can be opened: it lies on the mount that the root is on */
    bool replaced;              /* [T] not found by its identity any more: another file has that, or another node */
    atomic_bool moved;          /* [a] a directory that the kernel may have by another name */
    unsigned char handle[];     /* [I] */
};

/*
 * An open file of any layer; a layer's own struct starts with it.  It counts its users: the kernel's handle is one,
 * and a request that borrowed it by way of its node is another.
 */
struct sfs_file {
    struct sfs_file *next;      /* [T] in node->files */
    struct sfs_node *node;      /* [I] */
    _Atomic unsigned users;     /* [a] */
    int fd;                     /* [I] owned; -1: a directory that was opened when there was none to be had */
    int flags;                  /* [I] of open(2), as the daemon opened it */
};

struct sfs_identity {
    uint64_t ino;
    int64_t btime;
    uint32_t mount;
    uint16_t device;
    uint16_t type;
    bool by_handle;
    struct sfs_handle handle; /* length 0: none */
};

/* Called without locks for each node that nobody refers to any more, before it is freed. */
typedef void sfs_node_dispose(struct sfs_node *node);

struct sfs_node_table {
    pthread_mutex_t lock;
    struct sfs_node **buckets; /* [T] */
    size_t bucket_count;       /* [T] a power of two */
    size_t count;              /* [T] nodes in existence */
    size_t peak;               /* [T] the most there were since somebody asked */
    uint64_t changes;          /* [T] counts every change of a parent or name */
    uint32_t renames;          /* [T] counts directories that were renamed on the map; wraps around */
    uint64_t seed;             /* [I] of the hash, so that nobody can choose colliding numbers */
    sfs_node_dispose *dispose; /* [I] */
};

/* 0 or -ENOMEM. */
sfs_err sfs_node_table_init(struct sfs_node_table *table, sfs_node_dispose *dispose);
/* Disposes of all nodes, referred to or not. */
void sfs_node_table_release(struct sfs_node_table *table);

/*
 * The node of a file, made if there is none, with one reference more.  parent and name (NULL for none) become the name
 * it is reached by.  When the table has a node of the same device and number that is provably another file, or one that
 * the kernel may take for removed, that one is not found any more (and lives on until it is forgotten).  *ret_mismatch,
 * if not NULL, is set instead of doing so when only the handles differ: the caller looks again, atomically, and calls
 * with NULL.  Returns 0 or -ENOMEM.
 */
sfs_err sfs_node_intern(struct sfs_node_table *table, struct sfs_layer *layer, struct sfs_node *parent,
                        const char *name, const struct sfs_identity *identity, bool *ret_mismatch,
                        struct sfs_node **ret);

/* The node of that identity, its handle included, with one reference more, or NULL. */
struct sfs_node *sfs_node_find(struct sfs_node_table *table, const struct sfs_identity *identity);

/* One reference more on a node that is held already. */
void sfs_node_ref(struct sfs_node_table *table, struct sfs_node *node);
/* Take references away; nodes that nothing holds any more are disposed of and freed, parents after their children. */
void sfs_node_unref(struct sfs_node_table *table, struct sfs_node *node, uint64_t references);

/* An open file of the node, kept in its list until sfs_node_remove_file(). The list holds the node. */
void sfs_node_add_file(struct sfs_node_table *table, struct sfs_node *node, struct sfs_file *file);
void sfs_node_remove_file(struct sfs_node_table *table, struct sfs_node *node, struct sfs_file *file);

struct sfs_node_name {
    struct sfs_node *dir;
    const char *name;
};

/*
 * The node was renamed.  If it is a directory that was not known by the name from, the kernel has renamed what it took
 * for this one: see sfs_node_disown().  -ENOMEM leaves the node without a name.
 */
sfs_err sfs_node_rename(struct sfs_node_table *table, struct sfs_node *node, const struct sfs_node_name *from,
                        const struct sfs_node_name *to);

/*
 * The node is not called name in dir any more; if that was the name it is reached by, it has none now.  Returns
 * whether it was.
 */
bool sfs_node_drop_name(struct sfs_node_table *table, struct sfs_node *node, struct sfs_node *dir, const char *name);

/*
 * A directory was removed, or renamed, as name in dir, and was not known there: the kernel has done it to what it took
 * for that.  Directories that are known there are not found by their identity any more.  Looks at every node.
 */
void sfs_node_disown(struct sfs_node_table *table, struct sfs_node *dir, const char *name);

/*
 * Give a node without a name a descriptor of its own, so that it stays reachable until it is forgotten. Takes fd over.
 * Returns whether it was kept: a node that has one already does not take another.
 */
bool sfs_node_pin(struct sfs_node_table *table, struct sfs_node *node, int fd);

/*
 * Append the names that lead from an ancestor down to the node, with slashes between.  The table's lock is held.
 * 0, -ENOENT when a name on the way is not known, -ENOMEM.
 */
sfs_err sfs_node_path_locked(const struct sfs_node *node, const struct sfs_node *from, struct sfs_strbuf *path);

/*
 * Where a node lies, as text relative to the root ("" for the root), malloc()ed: the path it was last seen at.
 * Returns 0, -ENOENT without a name on the way, -ENOMEM.
 */
sfs_err sfs_node_path(struct sfs_node_table *table, struct sfs_node *node, char **ret);
