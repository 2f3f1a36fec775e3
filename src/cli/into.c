/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/into.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "daemon/into.h"

static bool parse_pid(const char *text, pid_t *ret)
{
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    *ret = (pid_t)value;
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && value > 0 && value <= INT_MAX;
}

static void free_all(char ***paths)
{
    for (char **at = *paths; at != NULL && *at != NULL; at++)
        free(*at);
    free(*paths);
}

int sfs_cli_into(const struct sfs_cli *cli, const struct sfs_cli_into *into)
{
    pid_t pid;
    if (!parse_pid(into->pid, &pid))
        return sfs_cli_usage(cli, "--into %s: the number of a process is wanted", into->pid);
    size_t count = (size_t)into->count;
    SFS_CLEANUP(free_all) char **paths = calloc(count + 1, sizeof *paths);
    if (paths == NULL)
        return sfs_cli_usage(cli, "--into: out of memory");
    for (size_t i = 0; i < count; i++) {
        paths[i] = sfs_cli_absolute(into->paths[i]);
        if (paths[i] == NULL)
            return SFS_STATUS_FAILED;
        if (strcmp(paths[i], "/") == 0)
            return sfs_cli_usage(cli, "/: cannot be a stable path");
    }
    SFS_CLEANUP_ERROR struct sfs_error *err = NULL;
    int r =
        into->mount ? sfs_into_mount(pid, paths, count, &err) : sfs_into_umount(pid, paths, count, into->lazy, &err);
    if (r < 0)
        return sfs_cli_fail(err);
    for (size_t i = 0; i < count; i++)
        sfs_log_debug("%s: %s for process %ld", paths[i], into->mount ? "mounted" : "unmounted", (long)pid);
    return SFS_STATUS_OK;
}
