/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <sys/stat.h>

#include "fuse/ops-internal.h"
#include "fuse/reply.h"

void sfs_op_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t device)
{
    struct sfs_session *session = sfs_request(req, SFS_OP_MKNOD);
    struct sfs_node *dir = node_of(session, parent), *node = NULL;
    struct sfs_caller caller;
    sfs_caller_of(req, (mode & S_ISGID) != 0, &caller); /* whether the bit may stay depends on the groups */
    sfs_moment moment = sfs_moment_now(session);
    struct sfs_stat at;
    sfs_err r = sfs_node_ops(dir)->mknod(dir, name, mode, device, &caller, &node, &at);
    sfs_caller_release(&caller);
    sfs_reply_entry(req, r, node, &at, moment);
}

void sfs_op_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode)
{
    struct sfs_session *session = sfs_request(req, SFS_OP_MKDIR);
    struct sfs_node *dir = node_of(session, parent), *node = NULL;
    struct sfs_caller caller;
    sfs_caller_of(req, false, &caller);
    sfs_moment moment = sfs_moment_now(session);
    struct sfs_stat at;
    sfs_err r = sfs_node_ops(dir)->mkdir(dir, name, mode, &caller, &node, &at);
    sfs_reply_entry(req, r, node, &at, moment);
}

void sfs_op_symlink(fuse_req_t req, const char *target, fuse_ino_t parent, const char *name)
{
    struct sfs_session *session = sfs_request(req, SFS_OP_SYMLINK);
    struct sfs_node *dir = node_of(session, parent), *node = NULL;
    struct sfs_caller caller;
    sfs_caller_of(req, false, &caller);
    sfs_moment moment = sfs_moment_now(session);
    struct sfs_stat at;
    sfs_err r = sfs_node_ops(dir)->symlink(dir, name, target, &caller, &node, &at);
    sfs_reply_entry(req, r, node, &at, moment);
}

void sfs_op_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t parent, const char *name)
{
    struct sfs_session *session = sfs_request(req, SFS_OP_LINK);
    struct sfs_node *node = node_of(session, ino), *dir = node_of(session, parent), *linked = NULL;
    sfs_moment moment = sfs_moment_now(session);
    struct sfs_stat at;
    sfs_err r = node->layer == dir->layer ? sfs_node_ops(dir)->link(node, dir, name, &linked, &at) : -EXDEV;
    sfs_reply_entry(req, r, linked, &at, moment);
}

void sfs_op_unlink(fuse_req_t req, fuse_ino_t parent, const char *name)
{
    struct sfs_session *session = sfs_request(req, SFS_OP_UNLINK);
    struct sfs_node *dir = node_of(session, parent);
    sfs_reply(req, sfs_map_leads(session->map, dir, name) ? -EBUSY : sfs_node_ops(dir)->unlink(dir, name));
}

void sfs_op_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name)
{
    struct sfs_session *session = sfs_request(req, SFS_OP_RMDIR);
    struct sfs_node *dir = node_of(session, parent);
    sfs_reply(req, sfs_map_leads(session->map, dir, name) ? -EBUSY : sfs_node_ops(dir)->rmdir(dir, name));
}

void sfs_op_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t to_parent, const char *to_name,
                   unsigned flags)
{
    struct sfs_session *session = sfs_request(req, SFS_OP_RENAME);
    struct sfs_node *dir = node_of(session, parent), *to_dir = node_of(session, to_parent);
    struct sfs_caller caller;
    sfs_caller_of(req, false, &caller);
    sfs_err r = -EROFS; /* into or out of a synthetic directory */
    if (sfs_map_leads(session->map, dir, name) || sfs_map_leads(session->map, to_dir, to_name))
        r = -EBUSY;
    else if (dir->layer == to_dir->layer)
        r = sfs_node_ops(dir)->rename(dir, name, to_dir, to_name, flags, &caller);
    sfs_reply(req, r);
}
