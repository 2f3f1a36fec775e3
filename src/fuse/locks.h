/* SPDX-License-Identifier: MIT */
/*
 * POSIX record locks and flock(2), taken on the source so that processes outside the map see them.
 *
 * A lock of a client belongs to its lock owner (in the kernel: the client's table of open files), not to this process.
 * Each owner of a file gets an open file description of its own here and its locks are OFD locks on it, which is why
 * owners exclude each other and why closing the description ends them.
 *
 * A lock that has to wait waits on a thread of its own, so it never takes a worker away from other requests.  To
 * interrupt it, a timer keeps sending that thread a signal until it has noticed: a single signal could come between the
 * question whether to go on and the system call.
 */
#pragma once

#include <fcntl.h>

#include "fuse/open-state.h"

/* Once per process, before any session: the signal that ends a wait. */
void sfs_locks_init(void);

/* F_SETLK, F_SETLKW and F_UNLCK for owner. Answers the request, now or later. */
void sfs_locks_set(fuse_req_t req, struct sfs_handle_ref *handle, uint64_t owner, const struct flock *lock, bool wait);
/* F_GETLK: *lock becomes what stands in the way. The pid is the client's when the holder is in the map. */
sfs_err sfs_locks_get(struct sfs_session *session, struct sfs_handle_ref *handle, uint64_t owner, struct flock *lock);
/* A descriptor of the owner was closed: all its locks on the file end (fcntl(2), "Record locks"). */
void sfs_locks_release_owner(struct sfs_session *session, struct sfs_handle_ref *handle, uint64_t owner);
/*
 * A handle ends: so do the locks of the open file description (fcntl(2), F_OFD_SETLK) that it stands for.  Nothing
 * says which owners those are, but such an owner comes with one handle only; a process that did the same has had its
 * locks ended when it closed the file.
 */
void sfs_locks_release_handle(struct sfs_session *session, const struct sfs_handle_ref *handle);
/* The state is not shared any more: close what is left. */
void sfs_locks_release_all(struct sfs_session *session, struct open_state *state);

/* flock(2). Answers the request, now or later. */
void sfs_locks_flock(fuse_req_t req, struct sfs_handle_ref *handle, int operation);

/* At the end of the session: interrupt all waiting locks and wait until their threads are gone. */
void sfs_locks_end(struct sfs_session *session);
