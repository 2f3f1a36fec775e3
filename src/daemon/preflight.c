/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/preflight.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "daemon/doctor-advice.h"
#include "os/fd.h"
#include "os/process.h"

#define DEVICE "/dev/fuse"
#define FUSE_CONF "/etc/fuse.conf"
#define FUSE_CONF_MOST 65536

/* Whoever mounts, libfuse opens it in this process. */
static int check_device(struct sfs_error **err)
{
    SFS_CLEANUP_FD int fd = open(DEVICE, O_RDWR | O_CLOEXEC);
    if (fd >= 0)
        return 0;
    sfs_err r = -errno;
    return sfs_error_set(err, SFS_STATUS_REFUSED, DEVICE ": %s (%s; stablefs doctor says more)", strerrordesc_np(-r),
                         sfs_doctor_advice_here(sfs_doctor_need_of_device(r)));
}

bool sfs_preflight_others_allowed(void)
{
    SFS_CLEANUP_STRBUF struct sfs_strbuf text = SFS_STRBUF_INIT;
    if (sfs_process_read_file(AT_FDCWD, FUSE_CONF, FUSE_CONF_MOST, &text) < 0)
        return false;
    char *rest = text.data;
    for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n")) {
        line += strspn(line, " \t");
        size_t length = strcspn(line, "# \t\r");
        if (length == strlen("user_allow_other") && strncmp(line, "user_allow_other", length) == 0)
            return true;
    }
    return false;
}

/* What fusermount3 would refuse to a normal user. */
static int check_map(const struct sfs_conf *conf, const struct sfs_conf_map *map, struct sfs_error **err)
{
    if (map->flags.allow_other == SFS_ON && geteuid() != 0 && !sfs_preflight_others_allowed())
        return sfs_error_set(err, SFS_STATUS_REFUSED,
                             "%s: allow_other: not permitted to normal users here (ask root to put a line "
                             "\"user_allow_other\" into " FUSE_CONF ", or leave allow_other out)",
                             map->path);
    /* it runs as root, and the kernel keeps even root out of a user's map (fuse_allow_current_process()) */
    const struct sfs_conf_map *outer = sfs_conf_enclosing(conf, map->path);
    if (outer != NULL && outer->flags.allow_other != SFS_ON)
        return sfs_error_set(err, SFS_STATUS_REFUSED,
                             "%s: fusermount3 cannot mount inside the map %s (mount as root or in a user namespace, or "
                             "with allow_other if " FUSE_CONF " permits it)",
                             map->path, outer->path);
    return 0;
}

int sfs_preflight(const struct sfs_conf *conf, bool can_mount, struct sfs_error **err)
{
    if (check_device(err) < 0)
        return -1;
    if (can_mount)
        return 0;
    SFS_CLEANUP_FREE char *helper = sfs_process_find("fusermount3");
    if (helper == NULL) {
        if (geteuid() == 0)
            return sfs_error_set(err, SFS_STATUS_REFUSED,
                                 "cannot mount: CAP_SYS_ADMIN is missing (%s; stablefs doctor says more)",
                                 sfs_doctor_advice_here(SFS_NEED_MOUNT));
        return sfs_error_set(err, SFS_STATUS_REFUSED,
                             "fusermount3: not found, and only root may mount without it (install the package fuse3; "
                             "stablefs doctor says more)");
    }
    for (size_t i = 0; i < conf->map_count; i++) {
        if (check_map(conf, &conf->maps[i], err) < 0)
            return -1;
    }
    return 0;
}
