/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "fuse/open-state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

#include "base/hash.h"
#include "base/log.h"
#include "fuse/locks.h"
#include "fuse/writer.h"
#include "os/file.h"

/* Existing state of the node, or a new one; one handle more. NULL without memory. */
static struct open_state *state_get(struct sfs_session *session, struct sfs_node *node, bool writes)
{
    struct open_state *made = calloc(1, sizeof *made);
    (void)pthread_mutex_lock(&session->lock);
    struct open_state *state = node->state;
    if (state == NULL && made != NULL) {
        state = made;
        made = NULL;
        state->node = node;
        TAILQ_INIT(&state->owners);
        node->state = state;
    }
    if (state != NULL) {
        state->handles++;
        state->writers += writes ? 1 : 0;
    }
    (void)pthread_mutex_unlock(&session->lock);
    free(made);
    return state;
}

static void backing_close(struct sfs_session *session, int id)
{
    (void)sfs_fuse_backing_close(fuse_session_fd(session->se), id);
}

/*
 * The number of the file as backing file, or 0.  A refusal that holds for every file is not asked for again; others
 * are of this file only, say one of an overlay that is mounted below the source.
 */
static int backing_open(struct sfs_session *session, struct sfs_file *file)
{
    int fd = sfs_node_ops(file->node)->backing_fd(file);
    sfs_err id = fd >= 0 ? sfs_fuse_backing_open(fuse_session_fd(session->se), fd) : fd;
    if (id > 0)
        return id;
    bool for_all = id == -EPERM || id == -ENOTTY || id == -ENOSYS || id == -EOPNOTSUPP;
    if (for_all && session->map->conf->io != SFS_IO_PASSTHROUGH &&
        !atomic_exchange_explicit(&session->no_backing, true, memory_order_relaxed))
        sfs_log_debug("%s: the kernel takes no backing files: using its page cache", session->map->conf->path);
    return 0;
}

/*
 * Decide how the file is read and written while it stays open.  Registering the backing file is an ioctl that does not
 * wait, made without the lock; of two openings at the same time the first to come back decides.
 */
static void decide(struct sfs_session *session, struct sfs_handle_ref *handle, const struct sfs_stat *at)
{
    struct open_state *state = handle->state;
    /* root may keep set-id bits, and who writes a backing file is settled now: those files go through write() */
    bool wanted = session->io == SFS_IO_PASSTHROUGH && (at->st.st_mode & (S_ISUID | S_ISGID)) == 0 &&
                  !atomic_load_explicit(&session->no_backing, memory_order_relaxed);
    (void)pthread_mutex_lock(&session->lock);
    bool decided = state->decided;
    if (!decided && !wanted)
        state->decided = true;
    (void)pthread_mutex_unlock(&session->lock);
    if (decided || !wanted)
        return;

    /* whoever registers the file is the one who writes it, to its filesystem (fs/fuse/passthrough.c) */
    struct sfs_caller opener;
    bool matters = sfs_lasting_writer_matters(session, handle, at->st.st_dev, &opener);
    /* and never as one who may keep set-id bits, which the file may be given while it is open */
    if (matters)
        sfs_cred_drop(&opener);
    else
        sfs_cred_lower();
    int id = backing_open(session, handle->file);
    if (matters)
        sfs_cred_restore(&opener);
    else
        sfs_cred_raise();
    (void)pthread_mutex_lock(&session->lock);
    int spare = id;
    if (!state->decided) {
        state->decided = true;
        state->backing_id = id;
        spare = 0;
    }
    (void)pthread_mutex_unlock(&session->lock);
    if (spare > 0)
        backing_close(session, spare);
}

/* A digest of what changes when the content does. */
static uint64_t version_of(const struct stat *st)
{
    uint64_t v = sfs_hash_pair((uint64_t)st->st_mtim.tv_sec, (uint64_t)st->st_mtim.tv_nsec, (uint64_t)st->st_size);
    return sfs_hash_pair((uint64_t)st->st_ctim.tv_sec, (uint64_t)st->st_ctim.tv_nsec, v) | 1;
}

/* Whether what the kernel has cached of the file (or directory) is what the source still holds. */
static bool unchanged(struct sfs_session *session, struct sfs_node *node, const struct sfs_stat *at)
{
    if (session->map->policy.settled)
        return true;
    uint64_t version = version_of(&at->st);
    return atomic_exchange_explicit(&node->version, version, memory_order_relaxed) == version &&
           session->map->policy.cache != SFS_CACHE_NONE;
}

static struct sfs_handle_ref *handle_new(struct sfs_session *session, struct sfs_file *file)
{
    struct sfs_handle_ref *handle = calloc(1, sizeof *handle);
    if (handle == NULL)
        return NULL;
    handle->file = file;
    (void)pthread_mutex_lock(&session->lock);
    LIST_INSERT_HEAD(&session->handles, handle, links);
    session->handle_count++;
    (void)pthread_mutex_unlock(&session->lock);
    return handle;
}

/*
 * Whether a handle with O_APPEND is better without the page cache.
 *
 * Passthrough: the kernel opens a backing file with the flags of this opening, and O_APPEND stays on it after the
 * caller took it away by F_SETFL (fs/fuse/passthrough.c).  Only mappings are the backing file's then.
 *
 * Otherwise: by way of the cache a write arrives in pieces, a page each (fuse_fill_write_pages()), and somebody who
 * appends on the source gets in between.  Not for a handle that can be read: it could not be mapped any more.
 */
static bool appends_directly(int flags, bool has_backing)
{
    int access = flags & O_ACCMODE;
    return (flags & O_APPEND) != 0 && access != O_RDONLY && (has_backing || access == O_WRONLY);
}

sfs_err sfs_handle_open_file(fuse_req_t req, struct sfs_node *node, struct sfs_file *file, const struct sfs_stat *at,
                             struct fuse_file_info *fi)
{
    struct sfs_session *session = session_of(req);
    struct sfs_handle_ref *handle = handle_new(session, file);
    if (handle == NULL) {
        sfs_node_ops(node)->release(file);
        return -ENOMEM;
    }
    handle->uid = fuse_req_ctx(req)->uid;
    handle->writes = (fi->flags & O_ACCMODE) != O_RDONLY;
    handle->state = state_get(session, node, handle->writes);
    if (handle->state == NULL) {
        sfs_handle_close(session, handle);
        return -ENOMEM;
    }
    decide(session, handle, at);

    fi->fh = (uintptr_t)handle;
    fi->keep_cache = unchanged(session, node, at);
    bool has_backing = false;
#ifdef HAVE_FUSE_PASSTHROUGH
    has_backing = handle->state->backing_id != 0;
    fi->backing_id = handle->state->backing_id; /* decided: does not change while this handle is open */
    if (fi->backing_id != 0) {
        fi->keep_cache = 0;
        /* attributes cached before now would hide what a mapping does to the file */
        if (handle->writes)
            (void)fuse_lowlevel_notify_inval_inode(session->se, number_of(session, node), -1, 0);
    }
#endif
    fi->direct_io = session->io == SFS_IO_DIRECT;
    if (appends_directly(fi->flags, has_backing))
        fi->direct_io = 1;
    return 0;
}

sfs_err sfs_handle_open_dir(struct sfs_session *session, struct sfs_node *node, struct sfs_file *file,
                            struct fuse_file_info *fi)
{
    struct sfs_handle_ref *handle = handle_new(session, file);
    if (handle == NULL) {
        sfs_node_ops(node)->release(file);
        return -ENOMEM;
    }
    fi->fh = (uintptr_t)handle;
    return 0;
}

static void state_put(struct sfs_session *session, struct open_state *state, bool writes)
{
    int backing_id = 0;
    struct open_state *last = NULL;
    (void)pthread_mutex_lock(&session->lock);
    state->writers -= writes ? 1 : 0;
    if (writes && state->writers == 0 && state->backing_id > 0)
        atomic_fetch_add(&session->behind, 1);
    if (--state->handles == 0) {
        state->node->state = NULL;
        last = state;
        backing_id = state->backing_id;
    }
    (void)pthread_mutex_unlock(&session->lock);
    if (backing_id > 0)
        backing_close(session, backing_id);
    if (last != NULL) {
        sfs_locks_release_all(session, last);
        free(last);
    }
}

void sfs_handle_close(struct sfs_session *session, struct sfs_handle_ref *handle)
{
    (void)pthread_mutex_lock(&session->lock);
    LIST_REMOVE(handle, links);
    session->handle_count--;
    (void)pthread_mutex_unlock(&session->lock);
    if (handle->state != NULL) {
        sfs_locks_release_handle(session, handle);
        state_put(session, handle->state, handle->writes);
    }
    /* closing need not end the lock: as a backing file the kernel holds the open file description too */
    if (atomic_load(&handle->flocked))
        (void)sfs_node_ops(handle->file->node)->flock(handle->file, LOCK_UN);
    sfs_node_ops(handle->file->node)->release(handle->file);
    free(handle);
}

void sfs_handle_close_all(struct sfs_session *session)
{
    struct sfs_handle_ref *handle;
    while ((handle = LIST_FIRST(&session->handles)) != NULL) /* only the owner thread is left */
        sfs_handle_close(session, handle);
}

bool sfs_open_state_is_written_behind(struct sfs_session *session, struct sfs_node *node)
{
    if (session->io != SFS_IO_PASSTHROUGH)
        return false;
    (void)pthread_mutex_lock(&session->lock);
    const struct open_state *state = node->state;
    bool written = state != NULL && state->backing_id != 0 && state->writers > 0;
    (void)pthread_mutex_unlock(&session->lock);
    return written;
}
