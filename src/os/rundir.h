/* SPDX-License-Identifier: MIT */
/*
 * The private directory of a user where the control sockets live: /run/stablefs for root, $XDG_RUNTIME_DIR/stablefs,
 * else /tmp/stablefs-UID.  It must belong to that user and nobody else may write it, or it is not used: another user
 * could have made it in /tmp.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

/*
 * The index-th place for the sockets of uid, as a malloc()ed path: 0 and up; -ENOENT behind the last, -ENOMEM.
 * For the own uid the environment is used, for others (root looks for them) the customary /run/user/UID.
 */
sfs_err sfs_rundir_place(uid_t uid, size_t index, char **ret);

/*
 * Open the directory path of uid, made with mode 0700 when create is true and it is missing.
 * -ENOENT: not there (or of a user outside this user namespace); -EPERM: it is not a directory, not of uid, or others
 * may write it.
 */
sfs_err sfs_rundir_open(const char *path, uid_t uid, bool create, int *ret_dfd);
