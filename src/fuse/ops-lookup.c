/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>

#include "fuse/ops-internal.h"
#include "fuse/reply.h"

void sfs_op_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
    struct sfs_session *session = sfs_request(req, SFS_OP_LOOKUP);
    struct sfs_node *node = NULL;
    sfs_moment moment = sfs_moment_now(session);
    struct sfs_stat at;
    sfs_err r = sfs_map_lookup(session->map, node_of(session, parent), name, &node, &at);
    if (r == -ENOENT)
        sfs_reply_missing(req);
    else
        sfs_reply_entry(req, r, node, &at, moment);
}

static void forget(struct sfs_session *session, fuse_ino_t ino, uint64_t count)
{
    if (ino == FUSE_ROOT_ID)
        return; /* the map's own reference */
    struct sfs_node *node = node_of(session, ino);
    sfs_node_ops(node)->forget(node, count);
}

void sfs_op_forget(fuse_req_t req, fuse_ino_t ino, uint64_t count)
{
    struct sfs_session *session = sfs_request(req, SFS_OP_FORGET);
    forget(session, ino, count);
    fuse_reply_none(req);
}

void sfs_op_forget_multi(fuse_req_t req, size_t count, struct fuse_forget_data *forgets)
{
    struct sfs_session *session = sfs_request(req, SFS_OP_FORGET);
    for (size_t i = 0; i < count; i++)
        forget(session, forgets[i].ino, forgets[i].nlookup);
    fuse_reply_none(req);
}
