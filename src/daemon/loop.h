/* SPDX-License-Identifier: MIT */
/* The main thread while the maps are served: signals, the ends of sessions, the control socket, and housekeeping. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "daemon/control.h"
#include "daemon/instance.h"

/*
 * Block the signals that the loop handles and return a descriptor that reports them; hangup: SIGHUP ends the daemon
 * too (else it is ignored).  Before there are threads. -errno on failure.
 */
sfs_err sfs_loop_signals(bool hangup);

/*
 * Run until no map is served any more.  control may be NULL, owner -1 (else see daemon/daemon.h).  SIGTERM and SIGINT
 * unmount everything; a second one makes it return at once; the daemon of a run ignores them, it ends with its mounts.
 * Returns true when all maps ended by themselves, false when they have yet to be cut off.
 */
bool sfs_loop_run(struct sfs_instance *instance, struct sfs_control *control, int signal_fd, int owner);
