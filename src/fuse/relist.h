/* SPDX-License-Identifier: MIT */
/*
 * Listings that the kernel keeps although a change may have gone unnoticed.
 *
 * The kernel keeps the listing of a directory and takes it for current as long as the directory's mtime is the same
 * (fs/fuse/readdir.c).  Timestamps have a grain: a second change by somebody else within the same grain leaves the
 * mtime as it was, and the listing would be wrong until the next change.  So a directory that was listed while its
 * mtime was fresh has its listing dropped when the grain is surely over.  (Linux 6.13 and later give ext4, xfs, btrfs
 * and tmpfs times that differ for every change that was looked at in between; then this costs a second listing and
 * finds nothing.)
 *
 * A directory that is listed again before that is dropped later: what the kernel keeps is the last listing, since it
 * asks for another only when it holds none.
 */
#pragma once

#include <sys/types.h>

#include "fuse/session-internal.h"

/* Start and end the thread that does it, if the map's policy needs one. start: 0 or -errno. */
sfs_err sfs_relist_start(struct sfs_session *session);
void sfs_relist_stop(struct sfs_session *session);

/*
 * A listing of dir begins (at offset 0; any other is ignored).  file: as for getattr().  0; or -errno when dir cannot
 * be asked for its mtime, and then the listing must not be given to the kernel.  When more directories than there is
 * memory for are waiting to be dropped it waits for a place, up to the grain.
 */
sfs_err sfs_relist_watch(struct sfs_session *session, struct sfs_node *dir, struct sfs_file *file, off_t offset);
