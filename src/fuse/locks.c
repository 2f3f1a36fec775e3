/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "fuse/locks.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "fuse/lock-owners.h"
#include "fuse/reply.h"
#include "os/file.h"

void sfs_locks_release_owner(struct sfs_session *session, struct sfs_handle_ref *handle, uint64_t id)
{
    struct open_state *state = handle->state;
    struct lock_owner *owner = lock_owner_find(session, handle, id);
    if (owner == NULL)
        return;
    lock_owner_unlock(session, owner);
    (void)pthread_mutex_lock(&session->lock);
    /* another thread of the client may be waiting for a lock on it: then the entry is still of use */
    bool idle = owner->users == 2;
    if (idle)
        TAILQ_REMOVE(&state->owners, owner, links);
    else
        owner->users--;
    (void)pthread_mutex_unlock(&session->lock);
    if (idle)
        lock_owner_free(session, owner);
}

void sfs_locks_release_handle(struct sfs_session *session, const struct sfs_handle_ref *handle)
{
    TAILQ_HEAD(, lock_owner) ended = TAILQ_HEAD_INITIALIZER(ended);
    struct lock_owner *owner, *next;
    (void)pthread_mutex_lock(&session->lock);
    TAILQ_FOREACH_SAFE (owner, &handle->state->owners, links, next) {
        if (owner->handle != handle || owner->users != 1)
            continue;
        TAILQ_REMOVE(&handle->state->owners, owner, links);
        TAILQ_INSERT_TAIL(&ended, owner, links);
    }
    (void)pthread_mutex_unlock(&session->lock);
    while ((owner = TAILQ_FIRST(&ended)) != NULL) {
        TAILQ_REMOVE(&ended, owner, links);
        lock_owner_free(session, owner);
    }
}

void sfs_locks_release_all(struct sfs_session *session, struct open_state *state)
{
    struct lock_owner *owner;
    while ((owner = TAILQ_FIRST(&state->owners)) != NULL) {
        TAILQ_REMOVE(&state->owners, owner, links);
        lock_owner_free(session, owner);
    }
}

sfs_err sfs_locks_get(struct sfs_session *session, struct sfs_handle_ref *handle, uint64_t id, struct flock *lock)
{
    struct lock_owner *asker;
    struct lock_part *part;
    sfs_err r = lock_owner_get(session, handle, id, false, &asker);
    if (r < 0)
        return r;
    r = lock_owner_part(session, asker, &part);
    if (r >= 0)
        r = sfs_lock_get(part->fd, lock);
    if (r >= 0 && lock->l_type != F_UNLCK && lock->l_pid == -1)
        lock->l_pid = lock_owner_conflict(session, handle->state, asker, lock);
    lock_owner_put(session, asker);
    return r;
}

/*
 * Answer a request for a lock.  Whoever gets one is to see what others wrote before they gave it back: the kernel is
 * told to ask for the attributes again, and drops the data it has when they have changed (fs/fuse/inode.c,
 * fuse_change_attributes_i(); an offset below 0 leaves the pages alone, so this waits for nobody).
 */
static void reply_lock(fuse_req_t req, struct sfs_node *node, sfs_err r, bool taken)
{
    struct sfs_session *session = session_of(req);
    if (r >= 0 && taken)
        (void)fuse_lowlevel_notify_inval_inode(session->se, number_of(session, node), -1, 0);
    sfs_reply(req, r);
}

/* --- waiting ------------------------------------------------------------------------------------------------------ */

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid /* glibc before 2.38 has the member, but not this name of it */
#endif

enum { WAITERS_MOST = 1024, WAITER_STACK = 256 * 1024 };

struct lock_waiter {
    LIST_ENTRY(lock_waiter) links; /* [S] */
    struct sfs_session *session;
    fuse_req_t req;
    struct sfs_handle_ref *handle;
    struct lock_owner *owner; /* of a POSIX lock; NULL: flock(2) */
    struct lock_part *part;   /* of the owner */
    struct flock lock;
    pid_t pid;
    int operation; /* of flock(2) */
    atomic_bool interrupted;
    timer_t timer; /* aims at the waiting thread; valid while it is in the list */
};

static int wait_signal(void)
{
    return SIGRTMIN;
}

static void on_wait_signal(int number)
{
    (void)number; /* only there to make the system call return */
}

void sfs_locks_init(void)
{
    struct sigaction action = {.sa_handler = on_wait_signal}; /* no SA_RESTART */
    (void)sigaction(wait_signal(), &action, NULL);
    /* blocked everywhere but in the waiting threads */
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, wait_signal());
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static void waiter_interrupt(struct lock_waiter *waiter)
{
    atomic_store(&waiter->interrupted, true);
    struct itimerspec again = {.it_value = {.tv_nsec = 1}, .it_interval = {.tv_nsec = 5000000}};
    (void)timer_settime(waiter->timer, 0, &again, NULL);
}

/* libfuse calls this with the request's lock held, and not any more once the callback is taken back. */
static void on_interrupt(fuse_req_t req, void *data)
{
    (void)req;
    waiter_interrupt(data);
}

static sfs_err wait_once(struct lock_waiter *waiter)
{
    if (waiter->owner == NULL)
        return sfs_node_ops(waiter->handle->file->node)->flock(waiter->handle->file, waiter->operation);
    struct flock lock = waiter->lock;
    return sfs_lock_set(waiter->part->fd, &lock, true);
}

/* Aim a timer at this thread and enlist; false when there is no timer to be had or the session ends already. */
static bool waiter_begin(struct lock_waiter *waiter)
{
    struct sfs_session *session = waiter->session;
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = wait_signal()};
    event.sigev_notify_thread_id = gettid();
    if (timer_create(CLOCK_MONOTONIC, &event, &waiter->timer) < 0)
        return false;
    (void)pthread_mutex_lock(&session->lock);
    bool ending = session->ending;
    if (!ending)
        LIST_INSERT_HEAD(&session->waiters, waiter, links);
    (void)pthread_mutex_unlock(&session->lock);
    if (ending)
        (void)timer_delete(waiter->timer);
    else
        fuse_req_interrupt_func(waiter->req, on_interrupt, waiter);
    return !ending;
}

/* Afterwards nobody knows the waiter but its thread. */
static void waiter_end(struct lock_waiter *waiter)
{
    fuse_req_interrupt_func(waiter->req, NULL, NULL);
    (void)pthread_mutex_lock(&waiter->session->lock);
    LIST_REMOVE(waiter, links);
    (void)pthread_mutex_unlock(&waiter->session->lock);
    (void)timer_delete(waiter->timer);
}

static sfs_err waiter_wait(struct lock_waiter *waiter)
{
    if (!waiter_begin(waiter))
        return -ENOLCK;
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, wait_signal());
    (void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    sfs_err r;
    do
        r = atomic_load(&waiter->interrupted) ? -EINTR : wait_once(waiter);
    while (r == -EINTR && !atomic_load(&waiter->interrupted));
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
    waiter_end(waiter);
    return r;
}

static void *waiter_main(void *data)
{
    struct lock_waiter *waiter = data;
    struct sfs_session *session = waiter->session;
    sfs_err r = waiter_wait(waiter);
    if (waiter->owner != NULL) {
        if (r >= 0)
            lock_owner_record(session, waiter->owner, waiter->part, &waiter->lock, waiter->pid);
        lock_owner_put(session, waiter->owner);
    }
    reply_lock(waiter->req, waiter->handle->file->node, r, true);
    free(waiter);
    (void)pthread_mutex_lock(&session->lock);
    session->waiting--;
    (void)pthread_cond_broadcast(&session->changed);
    (void)pthread_mutex_unlock(&session->lock);
    return NULL;
}

static bool waiting_begin(struct sfs_session *session)
{
    (void)pthread_mutex_lock(&session->lock);
    bool room = session->waiting < WAITERS_MOST && !session->ending;
    session->waiting += room ? 1 : 0;
    (void)pthread_mutex_unlock(&session->lock);
    return room;
}

static void waiting_cancel(struct sfs_session *session)
{
    (void)pthread_mutex_lock(&session->lock);
    session->waiting--;
    (void)pthread_cond_broadcast(&session->changed);
    (void)pthread_mutex_unlock(&session->lock);
}

static bool start_thread(struct lock_waiter *waiter)
{
    pthread_attr_t attr;
    if (pthread_attr_init(&attr) != 0)
        return false;
    pthread_t thread;
    bool started = pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED) == 0 &&
                   pthread_attr_setstacksize(&attr, WAITER_STACK) == 0 &&
                   pthread_create(&thread, &attr, waiter_main, waiter) == 0;
    (void)pthread_attr_destroy(&attr);
    return started;
}

/* Go on waiting elsewhere; like (copied) says for what. Answers the request and gives the owner back. */
static void wait_elsewhere(fuse_req_t req, const struct lock_waiter *like)
{
    struct sfs_session *session = session_of(req);
    struct lock_waiter *waiter = NULL;
    if (waiting_begin(session)) {
        waiter = malloc(sizeof *waiter);
        if (waiter != NULL) {
            *waiter = *like;
            waiter->session = session;
            waiter->req = req;
            atomic_init(&waiter->interrupted, false);
            if (start_thread(waiter))
                return;
            free(waiter);
        }
        waiting_cancel(session);
    }
    if (like->owner != NULL)
        lock_owner_put(session, like->owner);
    sfs_reply(req, -ENOLCK);
}

/* --- requests ----------------------------------------------------------------------------------------------------- */

void sfs_locks_set(fuse_req_t req, struct sfs_handle_ref *handle, uint64_t id, const struct flock *lock, bool wait)
{
    struct sfs_session *session = session_of(req);
    struct lock_owner *owner = NULL;
    struct lock_part *part;
    sfs_err r = 0;
    if (lock->l_type == F_UNLCK)
        owner = lock_owner_find(session, handle, id);
    else
        r = lock_owner_get(session, handle, id, lock->l_type == F_WRLCK, &owner);
    if (owner == NULL) {
        sfs_reply(req, r); /* it has nothing to give back, or got nothing to take locks with */
        return;
    }
    struct flock wanted = *lock;
    r = lock_owner_part(session, owner, &part);
    if (r >= 0)
        r = sfs_lock_set(part->fd, &wanted, false);
    if (r == -EACCES)
        r = -EAGAIN;
    if (r == -EAGAIN && wait) {
        struct lock_waiter waiter = {
            .handle = handle, .owner = owner, .part = part, .lock = *lock, .pid = lock->l_pid};
        wait_elsewhere(req, &waiter);
        return;
    }
    if (r >= 0)
        lock_owner_record(session, owner, part, lock, lock->l_pid);
    lock_owner_put(session, owner);
    reply_lock(req, handle->file->node, r, lock->l_type != F_UNLCK);
}

void sfs_locks_flock(fuse_req_t req, struct sfs_handle_ref *handle, int operation)
{
    struct sfs_file *file = handle->file;
    atomic_store(&handle->flocked, true);
    sfs_err r = sfs_node_ops(file->node)->flock(file, operation | LOCK_NB);
    if (r == -EWOULDBLOCK && (operation & LOCK_NB) == 0) {
        struct lock_waiter waiter = {.handle = handle, .operation = operation};
        wait_elsewhere(req, &waiter);
        return;
    }
    reply_lock(req, file->node, r, (operation & LOCK_UN) == 0);
}

void sfs_locks_end(struct sfs_session *session)
{
    (void)pthread_mutex_lock(&session->lock);
    session->ending = true;
    struct lock_waiter *waiter;
    LIST_FOREACH (waiter, &session->waiters, links)
        waiter_interrupt(waiter);
    while (session->waiting > 0)
        (void)pthread_cond_wait(&session->changed, &session->lock);
    (void)pthread_mutex_unlock(&session->lock);
}
