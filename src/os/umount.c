/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "os/umount.h"

#include <errno.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "os/process.h"

sfs_err sfs_umount_direct(const char *path, bool lazy)
{
    return umount2(path, UMOUNT_NOFOLLOW | (lazy ? MNT_DETACH : 0)) < 0 ? -errno : 0;
}

sfs_err sfs_umount_at(int dfd, const char *name, bool lazy)
{
    return fchdir(dfd) < 0 ? -errno : sfs_umount_direct(name, lazy);
}

sfs_err sfs_umount_force(const char *path)
{
    return umount2(path, UMOUNT_NOFOLLOW | MNT_FORCE) < 0 ? -errno : 0;
}

/* fusermount3 gives one exit status for everything: the reason is in its words only. */
static sfs_err reason(const char *said)
{
    static const struct {
        const char *words;
        sfs_err r;
    } reasons[] = {
        {"Device or resource busy", -EBUSY},
        {"Invalid argument", -EINVAL},
        {"not found in", -EINVAL},
        {"not mounted", -EINVAL},
        {"Operation not permitted", -EPERM},
        {"Permission denied", -EACCES},
        {"No such file or directory", -ENOENT},
    };
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (strstr(said, reasons[i].words) != NULL)
            return reasons[i].r;
    }
    return -EIO;
}

sfs_err sfs_umount_by_helper(const char *path, bool lazy, struct sfs_strbuf *said)
{
    const char *argv[6];
    size_t used = 0;
    argv[used++] = "fusermount3";
    argv[used++] = "-u";
    if (lazy)
        argv[used++] = "-z";
    argv[used++] = "--";
    argv[used++] = path;
    argv[used] = NULL;
    size_t before = said->length;
    int status;
    sfs_err r = sfs_process_run(argv, said, &status);
    if (r < 0)
        return r;
    while (said->length > before && said->data[said->length - 1] == '\n')
        sfs_strbuf_truncate(said, said->length - 1);
    return status == 0 ? 0 : reason(said->data + before);
}

sfs_err sfs_umount(const char *path, bool lazy, struct sfs_strbuf *said)
{
    sfs_err r = sfs_umount_direct(path, lazy);
    if (r != -EPERM)
        return r;
    r = sfs_umount_by_helper(path, lazy, said);
    return r == -ENOENT && said->length == 0 ? -EPERM : r;
}
