/* SPDX-License-Identifier: MIT */
/* mount --into and umount --into: the same maps in the mount namespace of another process. */
#pragma once

#include <stdbool.h>

#include "cli/cli.h"

struct sfs_cli_into {
    const char *pid;    /* as it was given */
    char *const *paths; /* the operands, as they were given */
    int count;
    bool mount, lazy; /* lazy: of an unmount */
};

/* Do it and report. Returns an exit status. */
int sfs_cli_into(const struct sfs_cli *cli, const struct sfs_cli_into *into);
