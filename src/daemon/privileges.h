/* SPDX-License-Identifier: MIT */
/* Capabilities of the daemon (capabilities(7)): per thread, inherited by the threads that a thread makes. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "conf/conf.h"

/* Whether this process may mount and unmount by itself (CAP_SYS_ADMIN); else fusermount3 does it. */
bool sfs_privileges_can_mount(void);

/*
 * Give up every capability that serving the maps of conf does not need, for good.  Before there are threads.  A
 * process without capabilities is left as it is.  Returns 0, or -1 with *err.
 */
int sfs_privileges_drop(const struct sfs_conf *conf, struct sfs_error **err);

/*
 * Switch on or off, for the calling thread, what is needed to see who holds a mount (CAP_SYS_PTRACE; it is kept, but
 * not in force).  Nothing happens when the process does not have it.
 */
void sfs_privileges_see_processes(bool on);

/* Never gain privileges by starting a program, on this thread and those it makes. */
void sfs_privileges_no_new(void);
