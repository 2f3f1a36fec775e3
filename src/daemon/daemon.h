/* SPDX-License-Identifier: MIT */
/* The daemon: one process that mounts and serves all maps of one config. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "conf/conf.h"

struct sfs_daemon_options {
    bool foreground; /* stay in this process; else fork, and return when every map answers */
};

/*
 * Mount all maps of conf and serve them.  In the foreground it returns when the last map has been unmounted.  In the
 * background it returns in the calling process when every map answers, or when one failed and nothing is left mounted;
 * the daemon itself never returns.  conf must live as long.
 * Returns SFS_STATUS_OK, or another status with *err.
 */
enum sfs_status sfs_daemon_run(const struct sfs_conf *conf, const struct sfs_daemon_options *options,
                               struct sfs_error **err);
