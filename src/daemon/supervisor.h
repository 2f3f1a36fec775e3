/* SPDX-License-Identifier: MIT */
/* Standing between the caller and the command, so that neither notices: signals, stops, the exit status, orphans. */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/* How signals were before. */
struct sfs_signals {
    sigset_t mask;
    bool no_children; /* SIGCHLD was ignored */
};

/* Block all signals, and let children be waited for. Before any fork. */
void sfs_supervisor_signals(struct sfs_signals *ret_before);
/* In a child: everything as it was. */
void sfs_supervisor_restore(const struct sfs_signals *before);

/*
 * Wait for the command, as its parent.  Signals go on to it, but for those of the terminal, which have reached it
 * already: it is in the same process group.  (What a process sends to that group reaches it twice.)  When it is
 * stopped by the terminal, so are we.  As process 1 of a container, orphans are reaped.
 *
 * *daemon: when it ends before the command it is set to 0, and if it was killed that is said, and *ret_killed is set.
 * Returns the exit status, 128+N when signal N killed it.
 */
int sfs_supervisor_wait(pid_t command, pid_t *daemon, bool *ret_killed);
