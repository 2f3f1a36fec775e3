/* SPDX-License-Identifier: MIT */
/*
 * The one place where requests are answered.  Every request is answered exactly once, by one of these, with no lock
 * held: a reply may be the kernel's last use of a node, and what follows it may free it.  After the call the
 * request and its node must not be touched.
 */
#pragma once

#include <sys/statvfs.h>

#include "fuse/session-internal.h"

/*
 * The moment before attributes are taken from the source, for the functions that reply with them.  If a file is written
 * behind the kernel's back then or has been since, they may be old already and are not to be believed for long.
 */
typedef uint64_t sfs_moment;
static inline sfs_moment sfs_moment_now(struct sfs_session *session)
{
    return atomic_load(&session->behind);
}

/* Count the request, and log it at trace level; the first line of every operation. */
struct sfs_session *sfs_request(fuse_req_t req, enum sfs_op op);

/* r >= 0: success without data; else the error -r. */
void sfs_reply(fuse_req_t req, sfs_err r);
/* The kernel may do without this request, and does not send it again on this connection (fuse_common.h). */
void sfs_reply_unsupported(fuse_req_t req);
/* A looked-up name is missing: the kernel may remember that for as long as the map's policy allows. */
void sfs_reply_missing(fuse_req_t req);
/* A node with one reference for the kernel, or r < 0. */
void sfs_reply_entry(fuse_req_t req, sfs_err r, struct sfs_node *node, const struct sfs_stat *at, sfs_moment moment);
void sfs_reply_attr(fuse_req_t req, sfs_err r, struct sfs_node *node, const struct sfs_stat *at, sfs_moment moment);
#ifdef HAVE_FUSE_OP_STATX
void sfs_reply_statx(fuse_req_t req, struct sfs_node *node, struct statx *at, sfs_moment moment);
#endif
/* n bytes of data, or n < 0. */
void sfs_reply_data(fuse_req_t req, ssize_t n, const void *data);
/* n bytes were written, or n < 0. */
void sfs_reply_count(fuse_req_t req, ssize_t n);
/* The answer to a question for a size (getxattr with size 0), or n < 0. */
void sfs_reply_size(fuse_req_t req, ssize_t n);
void sfs_reply_offset(fuse_req_t req, off_t offset);
void sfs_reply_target(fuse_req_t req, sfs_err r, const char *target);
void sfs_reply_statfs(fuse_req_t req, sfs_err r, const struct statvfs *at);
void sfs_reply_lock(fuse_req_t req, sfs_err r, const struct flock *lock);
void sfs_reply_ioctl(fuse_req_t req, sfs_err r, const void *data, size_t size);
/* handle is closed when the kernel does not take it any more (the caller was interrupted). */
void sfs_reply_open(fuse_req_t req, const struct fuse_file_info *fi);
void sfs_reply_create(fuse_req_t req, struct sfs_node *node, const struct sfs_stat *at, sfs_moment moment,
                      const struct fuse_file_info *fi);

/* The node as the kernel's entry; for readdirplus too. */
void sfs_fill_entry(struct sfs_session *session, struct sfs_node *node, const struct sfs_stat *at, sfs_moment moment,
                    struct fuse_entry_param *ret);

/* Who asks. With groups (costs a look into /proc), they must be freed with sfs_caller_release(). */
void sfs_caller_of(fuse_req_t req, bool with_groups, struct sfs_caller *ret);
/*
 * Who truncates a file, as far as it matters: when the file has set-id bits, which only root may do without taking them
 * away, and root only with CAP_FSETID (loses: the kernel says that he has not).  (The kernel sees to that itself for
 * most calls, but not for every combination of bits.)  True with *ret to be released; false when the daemon may act as
 * itself.  For writing see writer.h.
 */
bool sfs_caller_matters(fuse_req_t req, struct sfs_node *node, struct sfs_file *file, bool loses,
                        struct sfs_caller *ret);
/* What the kernel says of the caller with an open or a write, where it says that. */
bool sfs_caller_loses(fuse_req_t req, const struct fuse_file_info *fi);
void sfs_caller_release(struct sfs_caller *caller);
/*
 * The same after an act on the content of node in whose answer no attributes go to the kernel, and before that answer:
 * where the kernel leaves set-id bits to us (session->clears_bits), it has to ask for the mode again.
 */
void sfs_caller_acted(struct sfs_session *session, struct sfs_node *node, struct sfs_caller *caller);
