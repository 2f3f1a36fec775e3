/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "os/rundir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "os/fd.h"

/* What ids without a counterpart in a user namespace look like (user_namespaces(7)). */
#define OVERFLOW_UID 65534

sfs_err sfs_rundir_place(uid_t uid, size_t index, char **ret)
{
    char text[64];
    const char *runtime = uid == geteuid() ? getenv("XDG_RUNTIME_DIR") : NULL;
    if (uid != 0)
        index++; /* the first place is root's alone */
    switch (index) {
    case 0:
        *ret = strdup("/run/stablefs");
        break;
    case 1:
        if (runtime == NULL || !sfs_path_is_absolute(runtime)) {
            (void)snprintf(text, sizeof text, "/run/user/%lu", (unsigned long)uid);
            runtime = text;
        }
        *ret = sfs_path_join(runtime, "stablefs");
        break;
    case 2:
        (void)snprintf(text, sizeof text, "/tmp/stablefs-%lu", (unsigned long)uid);
        *ret = strdup(text);
        break;
    default:
        return -ENOENT;
    }
    return *ret != NULL ? 0 : -ENOMEM;
}

sfs_err sfs_rundir_open(const char *path, uid_t uid, bool create, int *ret_dfd)
{
    if (create && mkdir(path, 0700) < 0 && errno != EEXIST)
        return -errno;
    int dfd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (dfd < 0)
        return errno == ELOOP || errno == ENOTDIR ? -EPERM : -errno;
    struct stat stat;
    sfs_err r = fstat(dfd, &stat) < 0 ? -errno : 0;
    /* inside a user namespace: the one of a user outside, who is nobody here */
    if (r == 0 && stat.st_uid != uid && stat.st_uid == OVERFLOW_UID)
        r = -ENOENT;
    else if (r == 0 && (stat.st_uid != uid || (stat.st_mode & 022) != 0))
        r = -EPERM;
    if (r < 0) {
        sfs_close(dfd);
        return r;
    }
    *ret_dfd = dfd;
    return 0;
}
