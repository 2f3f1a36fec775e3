/* SPDX-License-Identifier: MIT */
/* Opening and closing of files. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "fuse/locks.h"
#include "fuse/ops-internal.h"
#include "fuse/reply.h"

void sfs_op_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
    struct sfs_session *session = sfs_request(req, SFS_OP_OPEN);
    struct sfs_node *node = node_of(session, ino);
    struct sfs_caller caller;
    bool matters = (fi->flags & O_TRUNC) != 0 &&
                   sfs_caller_matters(req, node, NULL, sfs_caller_loses(req, fi), &caller);
    struct sfs_file *file;
    struct sfs_stat at;
    sfs_err r = -EROFS;
    if (!session->map->policy.read_only || (fi->flags & O_ACCMODE) == O_RDONLY)
        r = sfs_node_ops(node)->open(node, fi->flags, matters ? &caller : NULL, &file, &at);
    if (matters)
        sfs_caller_acted(session, node, &caller);
    if (r >= 0)
        r = sfs_handle_open_file(req, node, file, &at, fi);
    if (r < 0)
        sfs_reply(req, r);
    else
        sfs_reply_open(req, fi);
}

void sfs_op_open_by_kernel(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
    (void)ino, (void)fi;
    (void)sfs_request(req, SFS_OP_OPEN);
    sfs_reply_unsupported(req);
}

/* The answer to CREATE and TMPFILE: node and open file, or r < 0. */
static void answer_created(fuse_req_t req, sfs_err r, struct sfs_node *node, struct sfs_file *file,
                           const struct sfs_stat *at, sfs_moment moment, struct fuse_file_info *fi)
{
    if (r >= 0 && session_of(req)->map->policy.kernel_opens) {
        sfs_node_ops(node)->release(file);
        fi->fh = 0;
        fi->keep_cache = 1;
    } else if (r >= 0) {
        r = sfs_handle_open_file(req, node, file, at, fi);
        if (r < 0)
            sfs_node_ops(node)->forget(node, 1);
    }
    if (r < 0)
        sfs_reply(req, r);
    else
        sfs_reply_create(req, node, at, moment, fi);
}

void sfs_op_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, struct fuse_file_info *fi)
{
    struct sfs_session *session = sfs_request(req, SFS_OP_CREATE);
    struct sfs_node *dir = node_of(session, parent), *node = NULL;
    struct sfs_caller caller;
    sfs_caller_of(req, (mode & S_ISGID) != 0, &caller);
    struct sfs_file *file = NULL;
    sfs_moment moment = sfs_moment_now(session);
    struct sfs_stat at;
    sfs_err r = sfs_node_ops(dir)->create(dir, name, mode, fi->flags, &caller, &node, &file, &at);
    sfs_caller_release(&caller);
    /* somebody else made it meanwhile, behind the kernel's back: ESTALE makes the kernel look again and open it */
    if (r == -EEXIST && (fi->flags & O_EXCL) == 0)
        r = -ESTALE;
    answer_created(req, r, node, file, &at, moment, fi);
}

void sfs_op_tmpfile(fuse_req_t req, fuse_ino_t parent, mode_t mode, struct fuse_file_info *fi)
{
    struct sfs_session *session = sfs_request(req, SFS_OP_TMPFILE);
    struct sfs_node *dir = node_of(session, parent), *node = NULL;
    struct sfs_caller caller;
    sfs_caller_of(req, (mode & S_ISGID) != 0, &caller);
    struct sfs_file *file = NULL;
    sfs_moment moment = sfs_moment_now(session);
    struct sfs_stat at;
    sfs_err r = sfs_node_ops(dir)->tmpfile(dir, mode, fi->flags, &caller, &node, &file, &at);
    sfs_caller_release(&caller);
    answer_created(req, r, node, file, &at, moment, fi);
}

void sfs_op_flush(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
    (void)ino;
    struct sfs_session *session = sfs_request(req, SFS_OP_FLUSH);
    struct sfs_handle_ref *handle = handle_of(fi);
    sfs_locks_release_owner(session, handle, fi->lock_owner);
    sfs_reply(req, sfs_node_ops(handle->file->node)->flush(handle->file));
}

void sfs_op_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
    (void)ino;
    struct sfs_session *session = sfs_request(req, SFS_OP_RELEASE);
    sfs_handle_close(session, handle_of(fi));
    sfs_reply(req, 0);
}
