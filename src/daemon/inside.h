/* SPDX-License-Identifier: MIT */
/* The child of run that becomes the command: it enters the namespaces, mounts with the daemon's help, and executes. */
#pragma once

#include <stdbool.h>

#include "daemon/keeper.h"
#include "daemon/run.h"

struct sfs_inside {
    const struct sfs_run *run;
    bool user;     /* a user namespace is needed */
    bool shared;   /* nothing is to be mounted: the daemon has done it */
    bool *rebuild; /* for each map of the conf: its directory could not be made */
    int channel;   /* to the daemon */
    const struct sfs_keeper *keeper; /* NULL when shared */
    pid_t supervisor;
};

/* What the exit status says when it was not the command's. */
enum { SFS_RUN_FAILED = 125, SFS_RUN_NOT_EXECUTABLE = 126, SFS_RUN_NOT_FOUND = 127 };

/* Never returns: executes the command, or reports why not and exits with one of the above. */
void sfs_inside_main(const struct sfs_inside *inside) __attribute__((noreturn));
