/* SPDX-License-Identifier: MIT */
/*
 * The owners of POSIX locks on a file (locks.h), and their open file descriptions on the source.
 *
 * An owner that came with a handle for reading gets a description for reading only, because a source that is open for
 * writing cannot be executed (execve(2), ETXTBSY).  When it wants a write lock, by a handle for writing then, it gets
 * a second description that takes locks of both kinds from then on.  What the first one holds is moved to it, without
 * a moment in which nobody holds it.
 */
#pragma once

#include <bsd/sys/queue.h>
#include <fcntl.h>
#include <stdint.h>

#include "fuse/lock-ranges.h"
#include "fuse/open-state.h"

/* A description and what it holds. */
struct lock_part {
    int fd;                    /* [S] set once; -1: none so far */
    struct lock_ranges ranges; /* [S] */
};

struct lock_owner {
    TAILQ_ENTRY(lock_owner) links; /* [S] */
    uint64_t id;                   /* [I] */
    unsigned users;                /* [S] requests that use it now, plus one while it is in the list */
    const struct sfs_handle_ref *handle; /* [S] the only one ever used, or NULL: see sfs_locks_release_handle() */
    pid_t pid;                     /* [S] of the last to take a lock */
    struct lock_part reading;      /* for reading only */
    struct lock_part both;
};

/* The owner's entry if it has one, with one use more, or NULL. */
struct lock_owner *lock_owner_find(struct sfs_session *session, const struct sfs_handle_ref *handle, uint64_t id);

/*
 * The owner's entry, made at its first lock on the file, with one use more.  writes: for a write lock.
 * 0; -ENOLCK when all descriptors are in use; other -errno.
 */
sfs_err lock_owner_get(struct sfs_session *session, struct sfs_handle_ref *handle, uint64_t id, bool writes,
                       struct lock_owner **ret);

/*
 * Where the owner takes and gives back locks now; none of its own are in its way there.  The part is good as long as
 * the use of the owner.  0, or -ENOLCK: what it holds could not be moved there.
 */
sfs_err lock_owner_part(struct sfs_session *session, struct lock_owner *owner, struct lock_part **ret);

/* One use less, or the end of an owner that is in no list any more: lock_owner_free(). */
void lock_owner_put(struct sfs_session *session, struct lock_owner *owner);
void lock_owner_free(struct sfs_session *session, struct lock_owner *owner);

/* Give back all that it holds. */
void lock_owner_unlock(struct sfs_session *session, struct lock_owner *owner);

/* The part has taken (or given back) this lock for pid. */
void lock_owner_record(struct sfs_session *session, struct lock_owner *owner, struct lock_part *part,
                       const struct flock *lock, pid_t pid);

/* The pid of an owner other than asker that stands in the way of a write lock there, or 0. */
pid_t lock_owner_conflict(struct sfs_session *session, const struct open_state *state, const struct lock_owner *asker,
                          const struct flock *lock);
