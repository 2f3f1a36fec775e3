/* SPDX-License-Identifier: MIT */
/*
 * How a process in a private mount namespace and the daemon outside of it work together.  Only the one inside can mount
 * there; the daemon stays outside, as the caller, so that it does not keep the namespace alive:
 *
 *   daemon: ready (sources are open)
 *   inside: mounted map N, with the descriptor of /dev/fuse    daemon: serving, or why not     (for each map)
 *   inside: done                                               daemon: confined, or why not
 *
 * Over a socketpair(2) of SOCK_SEQPACKET.  The end of the channel is the end of the other process.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

enum sfs_handover_kind { SFS_HANDOVER_MOUNTED = 1, SFS_HANDOVER_DONE };

struct sfs_handover {
    enum sfs_handover_kind kind;
    size_t map;                 /* MOUNTED: its index in the conf */
    dev_t device;               /* MOUNTED: st_dev of the mount */
    bool alone;                 /* MOUNTED: in a user namespace with one uid and one gid */
};

/* Make the two ends. 0 or -errno. */
sfs_err sfs_handover_channel(int ret_ends[2]);

/*
 * From inside; fd goes along when it is not negative, and stays the caller's too. 0 or -errno (-EPIPE: nobody there).
 */
sfs_err sfs_handover_send(int channel, const struct sfs_handover *message, int fd);
/* To the daemon; *ret_fd is -1 when none came. 0 or -errno (-EPIPE: the other process has ended). */
sfs_err sfs_handover_receive(int channel, struct sfs_handover *ret, int *ret_fd);

/* From the daemon: what became of it; err may be NULL. */
sfs_err sfs_handover_answer(int channel, const struct sfs_error *err);
/* To the one inside: 0 when all is well, or -1 with the daemon's *err. */
int sfs_handover_wait(int channel, struct sfs_error **err);
