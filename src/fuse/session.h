/* SPDX-License-Identifier: MIT */
/*
 * One map served by one FUSE connection.
 *
 *   sfs_session_new -> sfs_session_mount or _attach -> sfs_session_start -> (serving)
 *                   -> [unmount] -> sfs_session_join -> sfs_session_free
 *
 * The session ends by itself when the kernel closes the connection (somebody unmounted it, or aborted it), whoever
 * did that.  All functions are for the owner thread (the daemon's main thread) unless said otherwise.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "view/view.h"

struct sfs_session;

/* Called once on a thread of the session, when it has ended and serves no more. */
typedef void sfs_session_ended(void *arg);

/* map must outlive the session. Returns 0, or -1 with *err. */
int sfs_session_new(struct sfs_map *map, struct sfs_session **ret, struct sfs_error **err);

/*
 * Mount at the map's stable path (an existing directory): directly when privileged, else by fusermount3.  Nothing
 * answers there before sfs_session_start().  Returns 0, or -1 with *err naming what is missing.
 */
int sfs_session_mount(struct sfs_session *session, struct sfs_error **err);

/*
 * Instead of mounting: somebody else, in another mount namespace, has mounted it on this open descriptor of /dev/fuse.
 * The session owns the descriptor from now on.  device: st_dev of that mount.  Returns 0, or -1 with *err.
 */
int sfs_session_attach(struct sfs_session *session, int fd, dev_t device, struct sfs_error **err);

/* Start serving on threads of its own. Signals are blocked in them. Returns 0, or -1 with *err. */
int sfs_session_start(struct sfs_session *session, sfs_session_ended *ended, void *arg, struct sfs_error **err);

/*
 * Stop without regard to users: abort the connection, so that requests under way and later ones fail with ENOTCONN.
 * For a mount that failed half-way and for the last resort at exit.  The mount itself is left to the caller.
 */
void sfs_session_abort(struct sfs_session *session);

/* Wait for the threads to end. Only after an unmount or an abort. */
void sfs_session_join(struct sfs_session *session);

/* NULL is fine. Ended or never started. */
void sfs_session_free(struct sfs_session *session);

/*
 * Once something was asked at the mount: whether requests come by io_uring, if that was insisted on.  libfuse goes on
 * without when rings cannot be set up.  0, or -1 with *err.
 */
int sfs_session_check_ring(const struct sfs_session *session, struct sfs_error **err);
/* From then on: whether its threads use io_uring. */
bool sfs_session_by_ring(const struct sfs_session *session);

/* st_dev of the mount: minor number of the connection; 0 before sfs_session_mount(). */
dev_t sfs_session_device(const struct sfs_session *session);

/* For status(1). Any thread. */
struct sfs_session_status {
    const char *io;     /* what is in use: "cached", "passthrough", "direct" */
    const char *io_why; /* why this one, a phrase for a person */
    const char *cache;  /* what is in use: "immutable", "ttl", "none" */
    unsigned ttl;       /* seconds */
    const char *cache_why; /* NULL when it is what was asked for */
    const char *requests_by; /* how they arrive: "io_uring" or "device" */
    const char *opens;  /* "kernel" (no OPEN requests) or "daemon" */
    const char *reopen; /* how forgotten descriptors come back: "handle" or "path" */
    uint64_t requests, errors;
    uint64_t nodes;     /* files that the kernel knows */
    uint64_t handles;   /* open files and directories */
    uint64_t waiting_locks;
    uint64_t looked_ahead; /* directories that statahead has looked at */
    uint64_t descriptors; /* cached descriptors, of all maps of the view together */
};
void sfs_session_status(struct sfs_session *session, struct sfs_session_status *ret);

/* How many files the kernel knows, and the most since the last call: for giving memory back. */
uint64_t sfs_session_nodes(struct sfs_session *session, uint64_t *ret_peak);

/* Requests so far of one kind: name and count of the index-th kind, false behind the last. Any thread. */
bool sfs_session_counter(struct sfs_session *session, size_t index, const char **ret_name, uint64_t *ret_count);

/* The libfuse that is in use, and whether this build can ask it for passthrough. */
const char *sfs_session_library(bool *ret_passthrough);
