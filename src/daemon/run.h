/* SPDX-License-Identifier: MIT */
/* A private view for one command: the process that stays, its daemon, and the command in a mount namespace. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "conf/conf.h"

struct sfs_run {
    const struct sfs_conf *conf;
    char *const *argv;  /* the command, looked up in PATH; ends with NULL */
    const char *cwd;    /* where the command starts, once everything is mounted: an absolute path */
    bool bind;          /* where FUSE cannot be mounted, a bind mount will do */
};

/*
 * Run the command and wait for it.  *ret_status: its own status, 128+N when signal N killed it, 126 or 127 when it
 * cannot be executed (which is reported), 125 for every failure of ours that has been reported already.
 *
 * Signals that are sent to this process are sent on to the command, and it stops when the command is stopped from the
 * terminal.  When this process dies, so does everything in the namespace; when the daemon dies, its files fail with
 * ENOTCONN.  What the command leaves running keeps the view, and the daemon with it.
 *
 * For a process of one thread; all signals are blocked from then on.  Returns 0, or -1 with *err.
 */
int sfs_run_command(const struct sfs_run *run, int *ret_status, struct sfs_error **err);
