/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "fuse/relist.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "fuse/relist-queue.h"
#include "os/clock.h"

/* Longer than the coarsest grain: FAT keeps two seconds, NFS servers what they stand on. */
enum { GRAIN_MS = 2500 };
/* Hardly more than these directories can be listed within that time. */
enum { WATCHED_MOST = 1 << 16 };

/* What is queued are numbers, and only that to the kernel: harmless if the directory was forgotten meanwhile. */
struct relist {
    struct relist_queue *queue; /* [S] due: milliseconds of CLOCK_MONOTONIC */
    bool ends;                  /* [S] */
    pthread_t thread;           /* [I] */
};

/* An mtime in the future is fresh until it is past: nothing is known of the clock that made it. */
static bool is_fresh(const struct stat *st)
{
    int64_t mtime = st->st_mtim.tv_sec * INT64_C(1000) + st->st_mtim.tv_nsec / 1000000;
    return sfs_clock_ms(CLOCK_REALTIME) - mtime < GRAIN_MS;
}

static void wait_until_locked(struct sfs_session *session, int64_t due)
{
    int64_t until = sfs_clock_ms(CLOCK_REALTIME) + (due - sfs_clock_ms(CLOCK_MONOTONIC));
    struct timespec time = {.tv_sec = until / 1000, .tv_nsec = until % 1000 * 1000000};
    (void)pthread_cond_timedwait(&session->changed, &session->lock, &time);
}

/*
 * When there is no room for one more, the listing waits until there is: it is as good as any, only late, and the
 * queue moves on without anybody's help.
 */
static void remember(struct sfs_session *session, fuse_ino_t ino)
{
    struct relist *relist = session->relist;
    (void)pthread_mutex_lock(&session->lock);
    while (!relist->ends && relist_queue_add(relist->queue, ino, sfs_clock_ms(CLOCK_MONOTONIC) + GRAIN_MS) < 0) {
        uint64_t first;
        int64_t due = sfs_clock_ms(CLOCK_MONOTONIC);
        (void)relist_queue_first(relist->queue, &first, &due);
        wait_until_locked(session, due + 1);
    }
    (void)pthread_cond_broadcast(&session->changed);
    (void)pthread_mutex_unlock(&session->lock);
}

sfs_err sfs_relist_watch(struct sfs_session *session, struct sfs_node *dir, struct sfs_file *file, off_t offset)
{
    struct sfs_stat at;
    if (offset != 0 || session->relist == NULL)
        return 0;
    sfs_err r = sfs_node_ops(dir)->getattr(dir, file, &at);
    if (r >= 0 && is_fresh(&at.st))
        remember(session, number_of(session, dir));
    return r;
}

/* Wait until something is due and take it; false at the end of the session. */
static bool take_due(struct sfs_session *session, fuse_ino_t *ret)
{
    struct relist *relist = session->relist;
    bool taken = false;
    (void)pthread_mutex_lock(&session->lock);
    while (!relist->ends && !taken) {
        uint64_t ino;
        int64_t due;
        if (relist_queue_first(relist->queue, &ino, &due) == 0) {
            (void)pthread_cond_wait(&session->changed, &session->lock);
        } else if (due > sfs_clock_ms(CLOCK_MONOTONIC)) {
            wait_until_locked(session, due);
        } else {
            relist_queue_take(relist->queue);
            *ret = ino;
            taken = true;
        }
    }
    (void)pthread_mutex_unlock(&session->lock);
    return taken;
}

static void *relist_main(void *data)
{
    struct sfs_session *session = data;
    fuse_ino_t ino;
    /* offset 0, length 0: all that is kept of the directory, and its attributes. An unknown number is no harm. */
    while (take_due(session, &ino))
        (void)fuse_lowlevel_notify_inval_inode(session->se, ino, 0, 0);
    return NULL;
}

static bool policy_needs(const struct sfs_policy *policy)
{
    return policy->kernel_lists && !policy->settled;
}

sfs_err sfs_relist_start(struct sfs_session *session)
{
    if (!policy_needs(&session->map->policy))
        return 0;
    struct relist *relist = calloc(1, sizeof *relist);
    if (relist == NULL)
        return -ENOMEM;
    session->relist = relist;
    sfs_err r = relist_queue_new(WATCHED_MOST, &relist->queue);
    if (r >= 0)
        r = -pthread_create(&relist->thread, NULL, relist_main, session);
    if (r < 0) {
        session->relist = NULL;
        relist_queue_free(relist->queue);
        free(relist);
    }
    return r;
}

void sfs_relist_stop(struct sfs_session *session)
{
    struct relist *relist = session->relist;
    if (relist == NULL)
        return;
    (void)pthread_mutex_lock(&session->lock);
    relist->ends = true;
    (void)pthread_cond_broadcast(&session->changed);
    (void)pthread_mutex_unlock(&session->lock);
    (void)pthread_join(relist->thread, NULL);
    session->relist = NULL;
    relist_queue_free(relist->queue);
    free(relist);
}
