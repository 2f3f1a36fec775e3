/* SPDX-License-Identifier: MIT */
/*
 * The keeper of a run: a process outside of the namespace, with all rights of the caller, that makes the directories of
 * the stable paths and removes them when nothing has the mounts any more.  When the supervisor dies, it kills what is
 * left in the namespace.  It does so little that nothing in it can fail late.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "conf/conf.h"
#include "os/namespace.h"

struct sfs_keeper {
    pid_t pid;
    int owner; /* the supervisor's end: see sfs_keeper_dismiss() */
    int inside; /* the end of the others, for sfs_keeper_tell() */
};

/*
 * Start the keeper, and wait until it has made the directories of all maps of conf that do not lie in another's.
 * rebuild[i] is set for those that it may not make (daemon/rebuild.h).  Returns 0, or -1 with *err; then it has gone,
 * and with it what it had made.
 */
int sfs_keeper_start(const struct sfs_conf *conf, bool rebuild[], struct sfs_keeper *ret, struct sfs_error **err);

/* From inside: which namespace it is. 0 or -errno. */
sfs_err sfs_keeper_tell(const struct sfs_keeper *keeper, const struct sfs_namespace *space);

/*
 * From the daemon, on the same descriptor: all that it served has been unmounted, so nothing has the mounts any more.
 */
void sfs_keeper_tell_end(int inside);

/* The daemon of this run: its socket is to go at the end, also when the daemon cannot do that any more. */
void sfs_keeper_watch(const struct sfs_keeper *keeper, pid_t daemon);

/*
 * The supervisor goes: what is left in the namespace may live on (kill: must end), and the keeper ends when it has.
 */
void sfs_keeper_dismiss(struct sfs_keeper *keeper, bool kill);
