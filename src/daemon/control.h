/* SPDX-License-Identifier: MIT */
/*
 * The control socket: RUNDIR/NAME.PID.sock (os/rundir.h), mode 0600, for the daemon's user and root.  Requests are
 * lines of at most 64 KiB (daemon/commands.h).  Nothing here waits: a client that is slow, silent or greedy is dropped
 * without the others noticing.  All functions are for the daemon's main thread.
 */
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define SFS_CONTROL_CLIENTS 16
#define SFS_CONTROL_REQUEST_MOST 65536
#define SFS_CONTROL_CLIENT_MS 5000
/* Entries that sfs_control_poll() may fill in. */
#define SFS_CONTROL_POLL_MOST (SFS_CONTROL_CLIENTS + 1)

struct sfs_control;

/* The answer to one request of length bytes, malloc()ed; NULL drops the client. */
typedef char *sfs_control_answer(void *arg, const char *request, size_t length);

/*
 * Make the socket of the instance name and listen.  Returns 0, or -1 with *err: REFUSED when the directory for it is in
 * somebody else's hands (that is not to be passed over), another status when there is no place for it.
 */
int sfs_control_open(const char *name, sfs_control_answer *answer, void *arg, struct sfs_control **ret,
                     struct sfs_error **err);
/* Drop all clients and remove the socket. NULL is fine. */
void sfs_control_close(struct sfs_control *control);
/* Remove the socket of an instance of this user whose daemon was killed, wherever it is. */
void sfs_control_remove(const char *name, long pid);

/*
 * Keep the other daemons of this user from mounting until sfs_control_unlock(): two that start at the same time would
 * both find the path free.  Waits for at most 10 seconds, and goes on without: one that hangs must not stop all others.
 */
void sfs_control_lock(struct sfs_control *control);
void sfs_control_unlock(struct sfs_control *control);

const char *sfs_control_path(const struct sfs_control *control);

/* Fill in what to poll for; returns how many entries. */
size_t sfs_control_poll(const struct sfs_control *control, struct pollfd fds[SFS_CONTROL_POLL_MOST]);
/* Milliseconds until a client's time is over; -1 without clients. */
int sfs_control_timeout(const struct sfs_control *control);
/* Do what the entries filled in before say is possible, and drop clients whose time is over. */
void sfs_control_serve(struct sfs_control *control, const struct pollfd *fds, size_t count);

/*
 * Whether a client of this user may talk to a daemon of that user (for its test): root and the daemon's own.
 */
bool sfs_control_permitted(unsigned peer, unsigned own);

/* The file name of an instance's socket, without what would not be a good file name in name: malloc()ed or NULL. */
char *sfs_control_file_name(const char *name, long pid);
