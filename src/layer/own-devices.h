/* SPDX-License-Identifier: MIT */
/*
 * The mounts of this very process, by st_dev.  A source can lead to them in ways that no path tells: by mount
 * propagation, or by bind mounts made at any time.  Asking there, the process would wait for itself, with no thread
 * left to answer and no signal to end it: the layers refuse such entries without asking (-ELOOP).  Any thread; no
 * locks.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* From the mount on, and until the connection has ended. */
void sfs_own_device_add(dev_t device);
void sfs_own_device_remove(dev_t device);

bool sfs_own_device(dev_t device);
