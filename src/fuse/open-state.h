/* SPDX-License-Identifier: MIT */
/*
 * What is kept of a file while it is open, once per file and not per opening:
 *
 *   the kernel's backing file.  All openings of one file must share one, and a file that is open without one cannot
 *   get one before it is closed (fs/fuse/iomode.c): so the first opening decides for all that overlap with it.
 *
 *   the owners of POSIX locks (locks.h).
 *
 * struct sfs_node.state points here while handles are open; both are protected by the session's lock.
 */
#pragma once

#include <bsd/sys/queue.h>

#include "fuse/session-internal.h"

struct lock_owner;

struct open_state {
    struct sfs_node *node;   /* [I] */
    unsigned handles;        /* [S] */
    unsigned writers;        /* [S] handles open for writing */
    bool decided;            /* [S] whether the file is read and written through passthrough */
    int backing_id;          /* [S] of the kernel; 0: none, the file goes through the page cache of FUSE */
    TAILQ_HEAD(, lock_owner) owners; /* [S] */
};

/*
 * A handle for an open file (taken over, also on failure) and what fi has to tell the kernel about it: passthrough,
 * direct I/O, whether cached data are still good.  at: attributes of the file as opened.
 * Returns 0 or -ENOMEM.
 */
sfs_err sfs_handle_open_file(fuse_req_t req, struct sfs_node *node, struct sfs_file *file, const struct sfs_stat *at,
                             struct fuse_file_info *fi);
/* The same for a directory. */
sfs_err sfs_handle_open_dir(struct sfs_session *session, struct sfs_node *node, struct sfs_file *file,
                            struct fuse_file_info *fi);

/* The end of a handle: RELEASE, or the kernel never took it. */
void sfs_handle_close(struct sfs_session *session, struct sfs_handle_ref *handle);
/* The end of all handles: the connection is gone and nobody will close them. */
void sfs_handle_close_all(struct sfs_session *session);

/* The kernel writes the file through passthrough, so its cached attributes cannot be trusted. */
bool sfs_open_state_is_written_behind(struct sfs_session *session, struct sfs_node *node);

