/* SPDX-License-Identifier: MIT */
/* Going into the background: the calling process waits until the daemon reports how its start went. */
#pragma once

#include "base/error.h"

/*
 * Fork the daemon.  In the daemon: returns 0 and *ret_report, a descriptor for sfs_background_report(); it has a
 * session of its own, stdin and stdout are /dev/null, stderr is still the caller's.
 * In the calling process: waits for the report and returns 1, with *ret_status and, unless that is OK, *err.
 * -1 with *err when it could not be forked.
 */
int sfs_background_fork(int *ret_report, enum sfs_status *ret_status, struct sfs_error **err);

/*
 * Tell the calling process how the start went (err NULL: well), and close report.  Returns 0, or -EPIPE when that
 * process has gone.
 */
sfs_err sfs_background_report(int report, const struct sfs_error *err);

/* Leave the caller's stderr: messages go to the system log from now on, or to the journal if stderr is one already. */
void sfs_background_leave_stderr(void);
/* When stderr is the systemd journal, give each line its level. */
void sfs_background_tag_journal(void);
