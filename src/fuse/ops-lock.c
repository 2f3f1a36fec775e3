/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "fuse/locks.h"
#include "fuse/ops-internal.h"
#include "fuse/reply.h"

void sfs_op_getlk(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi, struct flock *lock)
{
    (void)ino;
    struct sfs_session *session = sfs_request(req, SFS_OP_GETLK);
    sfs_err r = sfs_locks_get(session, handle_of(fi), fi->lock_owner, lock);
    sfs_reply_lock(req, r, lock);
}

void sfs_op_setlk(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi, struct flock *lock, int wait)
{
    (void)ino;
    (void)sfs_request(req, SFS_OP_SETLK);
    sfs_locks_set(req, handle_of(fi), fi->lock_owner, lock, wait != 0);
}

void sfs_op_flock(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi, int operation)
{
    (void)ino;
    (void)sfs_request(req, SFS_OP_FLOCK);
    sfs_locks_flock(req, handle_of(fi), operation);
}
