/* SPDX-License-Identifier: MIT */
/* Shared by the files of src/fuse only: the session, and the way from a request to it. */
#pragma once

#include <bsd/sys/queue.h>
#include <fuse_lowlevel.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "fuse/counters.h"
#include "fuse/session.h"
#include "view/map.h"

struct lock_waiter;
struct relist;

/* What is known of the blocks that a filesystem keeps for root. */
struct reserve {
    dev_t device;
    bool kept;             /* there are some */
    int64_t plenty_until;  /* milliseconds of CLOCK_MONOTONIC: before that nobody can come near them */
};

/* What the config insists on and INIT could not grant; what is NULL: nothing. */
struct refused {
    const char *what, *instead, *why;
};

/*
 * Members, by what protects them: I set before the session serves; N by the INIT request, before any other; a atomic; S
 * the session's lock
 */
struct sfs_session {
    struct sfs_map *map;     /* [I] */
    struct fuse_session *se; /* [I] */
    bool mounted;            /* owner thread only */
    bool started;            /* owner thread only */
    pthread_t thread;        /* owner thread only */
    sfs_session_ended *ended;
    void *ended_arg;
    dev_t device; /* [I] */

    bool may_pass;           /* [I] this process may register backing files for passthrough */
    bool stacked;            /* [I] the source's filesystem stands on another one */
    enum sfs_io io;          /* [N] what open files use: never SFS_IO_AUTO */
    const char *io_why;      /* [N] */
    bool clears_bits;        /* [N] the kernel leaves it to us to clear set-id bits */
    bool root_loses;         /* [N] and is right about whether root may keep them */
    struct refused refused;  /* [N] */
    bool may_ring;           /* [N] requests may come by io_uring: asked for, and offered by the kernel */
    atomic_bool by_ring;     /* [a] some have */
    _Atomic uint64_t behind; /* [a] how often a file has ceased to be written through passthrough: see reply.h */
    atomic_bool no_backing;  /* [a] the kernel refused a backing file: do not ask for each file again */


    pthread_mutex_t lock;    /* rank 20; of the states of open files (open-state.h) and of the two below */
    pthread_cond_t changed;  /* [S] signalled when initialized, or a waiting lock ends */
    bool initialized;        /* [S] INIT was answered */
    bool stopped;            /* [S] the loop has ended */
    bool ending;             /* [S] no lock may begin to wait any more */
    unsigned waiting;        /* [S] locks that wait, each on a thread of its own */
    LIST_HEAD(, lock_waiter) waiters; /* [S] */
    struct reserve reserves[8]; /* [S] by device; of writer.c */

    struct relist *relist; /* of relist.c, while the session serves; NULL: no need of it */

    LIST_HEAD(, sfs_handle_ref) handles; /* [S] open ones */
    uint64_t handle_count;               /* [S] */

    struct sfs_counters counters; /* [a] */
};

static inline struct sfs_session *session_of(fuse_req_t req)
{
    return fuse_req_userdata(req);
}

/* The node of a number that we gave to the kernel; FUSE_ROOT_ID is the map's root. */
static inline struct sfs_node *node_of(const struct sfs_session *session, fuse_ino_t ino)
{
    return ino == FUSE_ROOT_ID ? session->map->layer->root : (struct sfs_node *)(uintptr_t)ino;
}

static inline fuse_ino_t number_of(const struct sfs_session *session, const struct sfs_node *node)
{
    return node == session->map->layer->root ? FUSE_ROOT_ID : (fuse_ino_t)(uintptr_t)node;
}
_Static_assert(sizeof(fuse_ino_t) >= sizeof(void *), "a node's address must fit the kernel's node number");

/* An open file or directory, as the kernel's fh. */
struct sfs_handle_ref {
    struct sfs_file *file;
    struct open_state *state; /* of files, not of directories */
    bool writes;              /* opened for writing */
    uid_t uid;                /* of who opened it */
    atomic_bool flocked;      /* [a] flock(2) was used on it */
    LIST_ENTRY(sfs_handle_ref) links; /* [S] */
};

static inline struct sfs_handle_ref *handle_of(const struct fuse_file_info *fi)
{
    return fi != NULL ? (struct sfs_handle_ref *)(uintptr_t)fi->fh : NULL;
}

static inline struct sfs_file *file_of(const struct fuse_file_info *fi)
{
    const struct sfs_handle_ref *handle = handle_of(fi);
    return handle != NULL ? handle->file : NULL;
}

/* init.c: the low-level INIT callback. */
void sfs_op_init(void *userdata, struct fuse_conn_info *conn);
/* ops.c: the operations for a map's policy. */
struct fuse_lowlevel_ops sfs_ops_for(const struct sfs_map *map);
