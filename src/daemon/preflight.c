/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/preflight.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "os/fd.h"
#include "os/process.h"

#define DEVICE "/dev/fuse"
#define FUSE_CONF "/etc/fuse.conf"
#define FUSE_CONF_MOST 65536

static int check_device(bool can_mount, struct sfs_error **err)
{
    if (!can_mount) {
        /* fusermount3 opens it with more rights than we have */
        if (access(DEVICE, F_OK) == 0)
            return 0;
    } else {
        SFS_CLEANUP_FD int fd = open(DEVICE, O_RDWR | O_CLOEXEC);
        if (fd >= 0)
            return 0;
    }
    if (errno == ENOENT || errno == ENXIO || errno == ENODEV)
        return sfs_error_set(err, SFS_STATUS_REFUSED,
                             DEVICE ": %m (modprobe fuse; for a container: --device " DEVICE ")");
    return sfs_error_set(err, SFS_STATUS_REFUSED,
                         DEVICE ": %m (make it accessible: chmod 666 " DEVICE
                                "; for a container: --device " DEVICE " --cap-add SYS_ADMIN)");
}

static bool in_path(const char *program)
{
    const char *path = getenv("PATH");
    if (path == NULL)
        path = "/bin:/usr/bin";
    while (*path != '\0') {
        size_t length = strcspn(path, ":");
        SFS_CLEANUP_FREE char *dir = strndup(path, length);
        SFS_CLEANUP_FREE char *file = dir != NULL ? sfs_path_join(length > 0 ? dir : ".", program) : NULL;
        if (file != NULL && access(file, X_OK) == 0)
            return true;
        path += length + (path[length] == ':');
    }
    return false;
}

static bool others_allowed(void)
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

/* The map of conf that path lies in, if any. */
static const struct sfs_conf_map *map_around(const struct sfs_conf *conf, const char *path)
{
    for (size_t i = 0; i < conf->map_count; i++) {
        const char *below = sfs_path_below(path, conf->maps[i].path);
        if (below != NULL && below[0] != '\0')
            return &conf->maps[i];
    }
    return NULL;
}

/* What fusermount3 would refuse to a normal user. */
static int check_map(const struct sfs_conf *conf, const struct sfs_conf_map *map, struct sfs_error **err)
{
    if (map->flags.allow_other == SFS_ON && geteuid() != 0 && !others_allowed())
        return sfs_error_set(err, SFS_STATUS_REFUSED,
                             "%s: allow_other: not permitted to normal users here (ask root to put a line "
                             "\"user_allow_other\" into " FUSE_CONF ", or leave allow_other out)",
                             map->path);
    /* it runs as root, and the kernel keeps even root out of a user's map (fuse_allow_current_process()) */
    const struct sfs_conf_map *outer = map_around(conf, map->path);
    if (outer != NULL && outer->flags.allow_other != SFS_ON)
        return sfs_error_set(err, SFS_STATUS_REFUSED,
                             "%s: fusermount3 cannot mount inside the map %s (mount as root or in a user namespace, or "
                             "with allow_other if " FUSE_CONF " permits it)",
                             map->path, outer->path);
    return 0;
}

int sfs_preflight(const struct sfs_conf *conf, bool can_mount, struct sfs_error **err)
{
    if (check_device(can_mount, err) < 0)
        return -1;
    if (can_mount)
        return 0;
    if (!in_path("fusermount3")) {
        if (geteuid() == 0)
            return sfs_error_set(err, SFS_STATUS_REFUSED,
                                 "cannot mount: CAP_SYS_ADMIN is missing (for a container: --cap-add SYS_ADMIN)");
        return sfs_error_set(err, SFS_STATUS_REFUSED,
                             "fusermount3: not found, and only root may mount without it (install the package fuse3)");
    }
    for (size_t i = 0; i < conf->map_count; i++) {
        if (check_map(conf, &conf->maps[i], err) < 0)
            return -1;
    }
    return 0;
}
