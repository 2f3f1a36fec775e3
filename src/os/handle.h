/* SPDX-License-Identifier: MIT */
/*
 * File handles (name_to_handle_at(2), open_by_handle_at(2)): a name for a file that survives renames and takes no
 * descriptor.  Asking for one needs no privilege, opening one needs CAP_DAC_READ_SEARCH.
 */
#pragma once

#include <stdint.h>

#include "base/error.h"

/* Handles longer than this are not kept (NFS may use 128 bytes); such files are reached by path. */
enum { SFS_HANDLE_MOST = 40 };

struct sfs_handle {
    int16_t type;
    uint8_t length; /* 0: none */
    unsigned char bytes[SFS_HANDLE_MOST];
};

/*
 * The handle of name below dfd (not following a symlink), or of dfd itself when name is "".
 * Returns 0; -EOPNOTSUPP where the filesystem has none or a too long one; other -errno.
 */
sfs_err sfs_handle_get(int dfd, const char *name, struct sfs_handle *ret);

/*
 * Open by handle.  mount_fd: any file or directory of that mount, not O_PATH.  Returns a descriptor, or -errno:
 * -ESTALE when the file is gone, -EPERM without the capability.
 */
sfs_err sfs_handle_open(int mount_fd, int type, const unsigned char *bytes, unsigned length, int flags);
