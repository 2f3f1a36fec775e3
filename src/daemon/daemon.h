/* SPDX-License-Identifier: MIT */
/* The daemon: one process that mounts and serves all maps of one config. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "conf/conf.h"

struct sfs_daemon_options {
    bool foreground; /* stay in this process; else fork, and return when every map answers */
    /* For run, in the foreground; otherwise unset. */
    bool for_run;
    bool elsewhere; /* what is served is mounted by the process at the other end of channel */
    int channel;    /* how the start went is answered there (daemon/handover.h) */
    bool *served;   /* set when something was served: with bind mounts only, nothing is */
    int owner;      /* a pipe whose end says that the owner has ended, so everything is unmounted; or -1 */
};

/*
 * Mount all maps of conf and serve them.  In the foreground it returns when the last map has been unmounted.  In the
 * background it returns in the calling process when every map answers, or when one failed and nothing is left mounted;
 * the daemon itself never returns.  conf must live as long.
 * For run, an error is answered over the channel.
 * Returns SFS_STATUS_OK, or another status with *err.
 */
enum sfs_status sfs_daemon_run(const struct sfs_conf *conf, const struct sfs_daemon_options *options,
                               struct sfs_error **err);
