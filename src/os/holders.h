/* SPDX-License-Identifier: MIT */
/*
 * Who holds a mount: the processes with a working directory, root, program, open file or mapping on a device.
 * Found by device number from /proc alone; no request is sent to the filesystem, so a daemon that is dead or stopped
 * cannot make this hang.  Processes that the caller may not look into are left out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/strbuf.h"
#include "os/process.h"

struct sfs_holder {
    pid_t pid;
    char command[SFS_PROCESS_COMMAND_SIZE];
    char *path; /* one of the things it holds, as /proc shows it */
};

struct sfs_holders {
    struct sfs_holder *items;
    size_t count;
    bool more;   /* there are more than were asked for */
    bool hidden; /* some processes could not be looked into */
};

#define SFS_HOLDERS_INIT {NULL, 0, false, false}

/* Find up to most holders of device, this process not counted. To be released, also after an error. */
sfs_err sfs_holders_find(dev_t device, size_t most, struct sfs_holders *ret);
void sfs_holders_release(struct sfs_holders *holders);
#define SFS_CLEANUP_HOLDERS __attribute__((cleanup(sfs_holders_release)))

/* "1234 (vim, /p/a.c), 99 (sh, /p), …"; nothing for an empty list. */
sfs_err sfs_holders_print(const struct sfs_holders *holders, struct sfs_strbuf *out);

/*
 * The path of a line of /proc/PID/maps whose mapping is of device: points into line; NULL for any other line.
 * (Here for its test.)
 */
const char *sfs_holders_maps_line(const char *line, dev_t device);
