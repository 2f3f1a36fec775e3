/* SPDX-License-Identifier: MIT */
/* What would make every mount fail, found out beforehand, with the way to mend it. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "conf/conf.h"

/* can_mount: this process mounts by itself; else fusermount3 does. Returns 0, or -1 with *err. */
int sfs_preflight(const struct sfs_conf *conf, bool can_mount, struct sfs_error **err);

/* Whether /etc/fuse.conf lets normal users mount with allow_other. */
bool sfs_preflight_others_allowed(void);
