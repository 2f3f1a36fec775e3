/* SPDX-License-Identifier: MIT */
/* fusermount3(1), tried for real. */
#pragma once

#include <stdbool.h>

#include "daemon/doctor-facts.h"

/*
 * Find it, and let it mount and unmount at a new directory below $XDG_RUNTIME_DIR, $TMPDIR or /tmp.  can_mount: in a
 * mount namespace of its own; a normal user has none in which a set-user-ID program would be root.
 */
void sfs_doctor_try_helper(bool can_mount, struct sfs_doctor_helper *ret);
