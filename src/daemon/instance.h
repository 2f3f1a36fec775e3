/* SPDX-License-Identifier: MIT */
/*
 * The maps of one daemon, from mounting to the end.  A map that has been mounted is
 *
 *   LIVE      mounted and served
 *   DETACHED  no longer at its path, but something of it is still open: served until that is closed
 *   GONE      its session has ended; nothing is left of it
 *
 * Whoever unmounts (this daemon, umount(8), fusermount3), the kernel ends the connection when the last user lets go.
 * The session then says so from one of its threads through event_fd; all else happens on the main thread.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "conf/conf.h"
#include "daemon/mountpoint.h"
#include "daemon/unmounter.h"
#include "fuse/session.h"
#include "view/view.h"

enum sfs_served_state { SFS_SERVED_NEW, SFS_SERVED_LIVE, SFS_SERVED_DETACHED, SFS_SERVED_GONE };

struct sfs_served {
    struct sfs_instance *instance;
    const struct sfs_conf_map *conf;
    struct sfs_session *session; /* NULL before mounting and when gone */
    dev_t device;
    bool mounted;        /* the mount was made and has not been seen to be taken away */
    bool serving;        /* its threads were started and not joined */
    bool told;           /* its holders have been logged */
    enum sfs_served_state state;
    _Atomic bool ended;  /* set by the session's thread */
};

/* Set up with sfs_instance_init(); to be used by the main thread. */
struct sfs_instance {
    const struct sfs_conf *conf;
    struct sfs_view *view;
    struct sfs_served *served; /* in the order of the view: outer before inner */
    size_t count;
    struct sfs_made_dirs made;
    struct sfs_unmounter *unmounter; /* NULL when this process may unmount by itself */
    int event_fd;                    /* readable when a session has ended */
    bool elsewhere;                  /* mounted by another process, in a mount namespace of its own */
    bool ending;
};

/*
 * view and unmounter (which may be NULL) stay the caller's and must outlive the instance. Returns 0, or -1 with *err;
 * to be released in any case.
 */
int sfs_instance_init(struct sfs_instance *instance, struct sfs_view *view, struct sfs_unmounter *unmounter,
                      struct sfs_error **err);
/* All maps must be gone (or never have been mounted). */
void sfs_instance_release(struct sfs_instance *instance);

/* Mount and serve every map, and see that each answers at its path. All or nothing: 0, or -1 with *err. */
int sfs_instance_mount(struct sfs_instance *instance, struct sfs_error **err);

/*
 * Serve what another process has mounted in a mount namespace of its own, as it says over the channel
 * (daemon/handover.h), until it is done.  The sessions end with that namespace, or when this process ends.  Returns 0,
 * or -1 with *err, which has been answered, and with everything cut off.
 */
int sfs_instance_adopt(struct sfs_instance *instance, int channel, struct sfs_error **err);

/* After event_fd became readable: finish off what has ended. */
void sfs_instance_reap(struct sfs_instance *instance);
/* Look at the mount table for maps that others have detached. */
void sfs_instance_look(struct sfs_instance *instance);
/* Log, once, who holds what is no longer at its path and still served. */
void sfs_instance_tell_held(struct sfs_instance *instance);
/* True when no map is served any more. */
bool sfs_instance_done(const struct sfs_instance *instance);

/*
 * Unmount everything, inner maps first (what is mounted elsewhere is cut off: it cannot be unmounted from here).
 * What is busy is detached after its holders have been logged, and stays served until they let go.
 */
void sfs_instance_unmount(struct sfs_instance *instance);
/* Cut everything off now. */
void sfs_instance_abort(struct sfs_instance *instance);

/* Whether some session uses io_uring. */
bool sfs_instance_by_ring(const struct sfs_instance *instance);

/* Files that the kernel knows, all maps together, and the most there were since the last call. */
uint64_t sfs_instance_nodes(const struct sfs_instance *instance, uint64_t *ret_peak);

/* "new", "live", "detached", "gone" */
const char *sfs_served_state_word(enum sfs_served_state state);
