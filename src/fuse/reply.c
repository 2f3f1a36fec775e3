/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "fuse/reply.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "fuse/open-state.h"

struct sfs_session *sfs_request(fuse_req_t req, enum sfs_op op)
{
    struct sfs_session *session = session_of(req);
    sfs_count(&session->counters, op);
#ifdef HAVE_FUSE_IO_URING
    if (session->may_ring && !atomic_load_explicit(&session->by_ring, memory_order_relaxed) &&
        fuse_req_is_uring(req))
        atomic_store_explicit(&session->by_ring, true, memory_order_relaxed);
#endif
    sfs_log_trace("%s: %s for process %d of user %u", session->map->conf->path, sfs_op_name(op),
                  (int)fuse_req_ctx(req)->pid, (unsigned)fuse_req_ctx(req)->uid);
    return session;
}

/* What the kernel takes as an error; anything else would make it drop the request's connection. */
static int errno_of(struct sfs_session *session, long r)
{
    static atomic_bool told;
    if (r != -ENOENT && r != -ENODATA) /* plain answers to "is there ...?" */
        atomic_fetch_add_explicit(&session->counters.errors, 1, memory_order_relaxed);
    if (r > -4096)
        return (int)-r;
    if (!atomic_exchange_explicit(&told, true, memory_order_relaxed))
        sfs_log_warn("%s: an operation failed with the impossible error %ld, reported as EIO", session->map->conf->path,
                     r);
    return EIO;
}

void sfs_reply(fuse_req_t req, sfs_err r)
{
    (void)fuse_reply_err(req, r >= 0 ? 0 : errno_of(session_of(req), r));
}

void sfs_reply_unsupported(fuse_req_t req)
{
    (void)fuse_reply_err(req, ENOSYS);
}

/*
 * How long attributes may be believed.  While a file is written through the kernel's passthrough, a mapping may change
 * its size and times without anybody telling the kernel's FUSE side.
 */
static double attr_timeout(struct sfs_session *session, struct sfs_node *node, sfs_moment moment)
{
    bool behind = sfs_open_state_is_written_behind(session, node) || sfs_moment_now(session) != moment;
    return behind ? 0 : session->map->policy.timeout;
}

void sfs_fill_entry(struct sfs_session *session, struct sfs_node *node, const struct sfs_stat *at, sfs_moment moment,
                    struct fuse_entry_param *ret)
{
    *ret = (struct fuse_entry_param){
        .ino = number_of(session, node),
        .attr = at->st,
        .attr_timeout = attr_timeout(session, node, moment),
        .entry_timeout = session->map->policy.timeout,
    };
    sfs_map_present(session->map, &ret->attr);
}

void sfs_reply_missing(fuse_req_t req)
{
    struct sfs_session *session = session_of(req);
    if (session->map->policy.timeout > 0) {
        struct fuse_entry_param entry = {.entry_timeout = session->map->policy.timeout};
        (void)fuse_reply_entry(req, &entry);
    } else {
        sfs_reply(req, -ENOENT);
    }
}

void sfs_reply_entry(fuse_req_t req, sfs_err r, struct sfs_node *node, const struct sfs_stat *at, sfs_moment moment)
{
    struct sfs_session *session = session_of(req);
    if (r < 0) {
        sfs_reply(req, r);
    } else {
        struct fuse_entry_param entry;
        sfs_fill_entry(session, node, at, moment, &entry);
        /* -ENOENT: the caller was interrupted and the kernel did not take the reference */
        if (fuse_reply_entry(req, &entry) == -ENOENT)
            sfs_node_ops(node)->forget(node, 1);
    }
}

void sfs_reply_attr(fuse_req_t req, sfs_err r, struct sfs_node *node, const struct sfs_stat *at, sfs_moment moment)
{
    if (r < 0) {
        sfs_reply(req, r);
        return;
    }
    struct sfs_session *session = session_of(req);
    struct stat st = at->st;
    sfs_map_present(session->map, &st);
    (void)fuse_reply_attr(req, &st, attr_timeout(session, node, moment));
}

#ifdef HAVE_FUSE_OP_STATX
void sfs_reply_statx(fuse_req_t req, struct sfs_node *node, struct statx *at, sfs_moment moment)
{
    (void)fuse_reply_statx(req, 0, at, attr_timeout(session_of(req), node, moment));
}
#endif

void sfs_reply_data(fuse_req_t req, ssize_t n, const void *data)
{
    if (n < 0)
        sfs_reply(req, (sfs_err)n);
    else
        (void)fuse_reply_buf(req, data, (size_t)n);
}

void sfs_reply_count(fuse_req_t req, ssize_t n)
{
    if (n < 0)
        sfs_reply(req, (sfs_err)n);
    else
        (void)fuse_reply_write(req, (size_t)n);
}

void sfs_reply_size(fuse_req_t req, ssize_t n)
{
    if (n < 0)
        sfs_reply(req, (sfs_err)n);
    else
        (void)fuse_reply_xattr(req, (size_t)n);
}

void sfs_reply_offset(fuse_req_t req, off_t offset)
{
    if (offset < 0)
        sfs_reply(req, (sfs_err)offset);
    else
        (void)fuse_reply_lseek(req, offset);
}

void sfs_reply_target(fuse_req_t req, sfs_err r, const char *target)
{
    if (r < 0)
        sfs_reply(req, r);
    else
        (void)fuse_reply_readlink(req, target);
}

void sfs_reply_statfs(fuse_req_t req, sfs_err r, const struct statvfs *at)
{
    if (r < 0)
        sfs_reply(req, r);
    else
        (void)fuse_reply_statfs(req, at);
}

void sfs_reply_lock(fuse_req_t req, sfs_err r, const struct flock *lock)
{
    if (r < 0)
        sfs_reply(req, r);
    else
        (void)fuse_reply_lock(req, lock);
}

void sfs_reply_ioctl(fuse_req_t req, sfs_err r, const void *data, size_t size)
{
    if (r < 0)
        sfs_reply(req, r);
    else
        (void)fuse_reply_ioctl(req, 0, data, size);
}

void sfs_reply_open(fuse_req_t req, const struct fuse_file_info *fi)
{
    struct sfs_session *session = session_of(req);
    struct sfs_handle_ref *handle = handle_of(fi);
    if (fuse_reply_open(req, fi) == -ENOENT)
        sfs_handle_close(session, handle);
}

void sfs_reply_create(fuse_req_t req, struct sfs_node *node, const struct sfs_stat *at, sfs_moment moment,
                      const struct fuse_file_info *fi)
{
    struct sfs_session *session = session_of(req);
    struct sfs_handle_ref *handle = handle_of(fi);
    struct fuse_entry_param entry;
    sfs_fill_entry(session, node, at, moment, &entry);
    if (fuse_reply_create(req, &entry, fi) == -ENOENT) {
        if (handle != NULL)
            sfs_handle_close(session, handle);
        sfs_node_ops(node)->forget(node, 1);
    }
}

void sfs_caller_of(fuse_req_t req, bool with_groups, struct sfs_caller *ret)
{
    const struct fuse_ctx *ctx = fuse_req_ctx(req);
    *ret = (struct sfs_caller){.uid = ctx->uid, .gid = ctx->gid, .pid = ctx->pid, .umask = ctx->umask};
    if (!with_groups || !sfs_cred_can_switch() || ctx->pid == 0)
        return;
    int count = fuse_req_getgroups(req, 0, NULL);
    if (count <= 0)
        return; /* unknown groups are no groups: a set-id bit too few rather than one too many */
    gid_t *groups = calloc((size_t)count, sizeof *groups);
    if (groups == NULL)
        return;
    int filled = fuse_req_getgroups(req, count, groups);
    ret->groups = groups;
    ret->group_count = filled > 0 ? (size_t)(filled < count ? filled : count) : 0;
}

bool sfs_caller_loses(fuse_req_t req, const struct fuse_file_info *fi)
{
#ifdef HAVE_FUSE_KILL_SUIDGID
    return session_of(req)->root_loses && fi->kill_suidgid != 0;
#else
    (void)req, (void)fi;
    return false;
#endif
}

bool sfs_caller_matters(fuse_req_t req, struct sfs_node *node, struct sfs_file *file, bool loses,
                        struct sfs_caller *ret)
{
    struct sfs_stat at;
    bool root = fuse_req_ctx(req)->uid == 0;
    if ((root && !loses) || sfs_node_ops(node)->getattr(node, file, &at) < 0 ||
        (at.st.st_mode & (S_ISUID | S_ISGID)) == 0)
        return false;
    sfs_caller_of(req, true, ret);
    ret->lowered = root;
    return true;
}

void sfs_caller_acted(struct sfs_session *session, struct sfs_node *node, struct sfs_caller *caller)
{
    /* attributes only (offset -1): pages of the file may be locked by the very request */
    if (session->clears_bits && !caller->uid_only)
        (void)fuse_lowlevel_notify_inval_inode(session->se, number_of(session, node), -1, 0);
    sfs_caller_release(caller);
}

void sfs_caller_release(struct sfs_caller *caller)
{
    free((void *)(uintptr_t)caller->groups);
    caller->groups = NULL;
    caller->group_count = 0;
}
