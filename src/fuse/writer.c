/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "fuse/writer.h"

#include <sys/stat.h>
#include <time.h>

#include "base/hash.h"
#include "os/clock.h"

/* More than can be written through a map in the time for which a look at the filesystem counts. */
#define PLENTY_BYTES (UINT64_C(4) << 30)
enum { LOOK_MS = 250, LITTLE_BYTES = 16 << 20 };

static int64_t now_ms(void)
{
    return sfs_clock_ms(CLOCK_MONOTONIC_COARSE);
}

static void look(struct sfs_session *session, struct sfs_node *node, struct reserve *ret)
{
    struct statvfs at;
    if (sfs_map_statfs(session->map, node, &at) < 0) {
        ret->kept = true; /* to act as the caller is never wrong */
        return;
    }
    /* nothing can be told by a filesystem without any free block: it is looked at again */
    ret->kept = at.f_bfree != at.f_bavail || at.f_bfree == 0;
    if (!ret->kept)
        ret->plenty_until = INT64_MAX;
    else if (at.f_bavail > PLENTY_BYTES / (at.f_frsize > 0 ? at.f_frsize : 512))
        ret->plenty_until = now_ms() + LOOK_MS;
}

static struct reserve reserve_of(struct sfs_session *session, struct sfs_node *node, dev_t device)
{
    size_t places = sizeof session->reserves / sizeof session->reserves[0];
    struct reserve *place = &session->reserves[sfs_hash_mix(device) % places];
    (void)pthread_mutex_lock(&session->lock);
    struct reserve reserve = *place;
    (void)pthread_mutex_unlock(&session->lock);
    if (reserve.device == device && reserve.plenty_until > now_ms())
        return reserve;
    reserve = (struct reserve){.device = device};
    look(session, node, &reserve);
    (void)pthread_mutex_lock(&session->lock);
    *place = reserve;
    (void)pthread_mutex_unlock(&session->lock);
    return reserve;
}

/* Whether writing so many bytes right now could touch blocks that are kept for root. */
static bool is_tight(struct sfs_session *session, struct sfs_node *node, dev_t device, uint64_t size)
{
    struct reserve reserve = reserve_of(session, node, device);
    return reserve.kept && (size > LITTLE_BYTES || reserve.plenty_until <= now_ms());
}

static bool has_set_id(const struct sfs_stat *at)
{
    return (at->st.st_mode & (S_ISUID | S_ISGID)) != 0;
}

bool sfs_writer_matters(fuse_req_t req, struct sfs_file *file, uint64_t size, bool loses, struct sfs_caller *ret)
{
    struct sfs_stat at;
    struct sfs_node *node = file->node;
    if (fuse_req_ctx(req)->uid == 0 && loses)
        return sfs_caller_matters(req, node, file, loses, ret);
    if (fuse_req_ctx(req)->uid == 0 || sfs_node_ops(node)->getattr(node, file, &at) < 0)
        return false;
    if (!has_set_id(&at) && !is_tight(session_of(req), node, at.st.st_dev, size))
        return false;
    sfs_caller_of(req, has_set_id(&at), ret);
    ret->uid_only = !has_set_id(&at);
    return true;
}

bool sfs_late_writer_matters(struct sfs_session *session, struct sfs_file *file, const struct sfs_handle_ref *handle,
                             struct sfs_caller *ret)
{
    struct sfs_stat at;
    struct sfs_node *node = file->node;
    if ((handle != NULL && handle->uid == 0) || sfs_node_ops(node)->getattr(node, file, &at) < 0 || has_set_id(&at) ||
        !is_tight(session, node, at.st.st_dev, 0))
        return false;
    *ret = (struct sfs_caller){.uid = handle != NULL ? handle->uid : at.st.st_uid, .uid_only = true};
    return ret->uid != 0;
}

bool sfs_lasting_writer_matters(struct sfs_session *session, const struct sfs_handle_ref *handle, dev_t device,
                                struct sfs_caller *ret)
{
    if (handle->uid == 0 || !reserve_of(session, handle->file->node, device).kept)
        return false;
    *ret = (struct sfs_caller){.uid = handle->uid, .uid_only = true};
    return true;
}
