/* SPDX-License-Identifier: MIT */
/*
 * The unmounter: a small process beside the daemon of a normal user.  Only fusermount3, which is set-user-id root, may
 * take the user's mounts away, and the daemon cannot start it any more once it has set no_new_privs.  So this process
 * is forked before: it waits for requests, runs fusermount3 and answers.  It holds no FUSE descriptor, and ends with
 * the daemon.  What a killed daemon leaves mounted stays, as for root: programs then fail with ENOTCONN instead of
 * writing into the directory below, and the next mount replaces it.
 *
 * All functions are for the daemon's main thread.
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/strbuf.h"

struct sfs_unmounter;

/* Fork it. Before there are threads and FUSE descriptors. Returns 0, or -1 with *err. */
int sfs_unmounter_start(struct sfs_unmounter **ret, struct sfs_error **err);

/* As sfs_umount_by_helper(); -EPIPE or -ECONNRESET when the process has gone. */
sfs_err sfs_unmounter_umount(struct sfs_unmounter *unmounter, const char *path, bool lazy, struct sfs_strbuf *said);

/* Let it end, wait for it, and free. NULL is fine. */
void sfs_unmounter_stop(struct sfs_unmounter *unmounter);
