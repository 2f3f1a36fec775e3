/* SPDX-License-Identifier: MIT */
/* Taking a mount away: by the system call where permitted, else by fusermount3(1). */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/strbuf.h"

/*
 * Unmount what is mounted on top at path (links at the end are not followed), or only detach it (lazy): it then
 * disappears from the path at once and ends when its last user lets go.
 * -EBUSY: in use; -EINVAL: nothing is mounted there; -EPERM: not permitted.
 */
sfs_err sfs_umount_direct(const char *path, bool lazy);

/*
 * The same for what is mounted at name in the directory behind dfd, which becomes the working directory.  Nobody can
 * lead it elsewhere by exchanging directories.
 */
sfs_err sfs_umount_at(int dfd, const char *name, bool lazy);

/*
 * Make every request to the filesystem at path fail, those under way too, and unmount it if nobody uses it (umount(2),
 * MNT_FORCE).  -EBUSY: the connection was aborted, the mount is still there; else as above.
 */
sfs_err sfs_umount_force(const char *path);

/*
 * The same as sfs_umount_direct() by "fusermount3 -u", for a normal user's own FUSE mounts.  What fusermount3 said is
 * appended to said.
 * -ENOENT: there is no fusermount3; -EIO: it failed for another reason, see said; else as above.
 */
sfs_err sfs_umount_by_helper(const char *path, bool lazy, struct sfs_strbuf *said);

/* The one, and if that is not permitted the other. */
sfs_err sfs_umount(const char *path, bool lazy, struct sfs_strbuf *said);
