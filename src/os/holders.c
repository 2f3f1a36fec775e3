/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "os/holders.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "os/fd.h"
#include "os/mounts.h"

/* A process with a million mappings is not read to its end. */
#define MAPS_MOST ((size_t)64 << 20)

/* The text of a link of /proc (it never asks the filesystem it leads to). */
static char *link_text(int dirfd, const char *name)
{
    char text[PATH_MAX];
    ssize_t length = readlinkat(dirfd, name, text, sizeof text - 1);
    if (length < 0)
        return strdup("?");
    text[length] = '\0';
    return strdup(text);
}

/* 1 and the path when the link name leads to something on device, 0 when not, -EACCES when we may not know. */
static sfs_err check_link(int dirfd, const char *name, dev_t device, char **ret)
{
    dev_t found;
    sfs_err r = sfs_device_of(dirfd, name, true, &found);
    if (r < 0)
        return r == -EACCES || r == -EPERM ? -EACCES : 0;
    if (found != device)
        return 0;
    *ret = link_text(dirfd, name);
    return *ret != NULL ? 1 : -ENOMEM;
}

static sfs_err check_descriptors(int process, dev_t device, char **ret)
{
    int fd = openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return errno == EACCES || errno == EPERM ? -EACCES : 0;
    SFS_CLEANUP_DIR DIR *dir = fdopendir(fd);
    if (dir == NULL) {
        sfs_close(fd);
        return -ENOMEM;
    }
    for (;;) {
        const struct dirent *entry = readdir(dir);
        if (entry == NULL)
            return 0;
        if (entry->d_name[0] == '.')
            continue;
        sfs_err r = check_link(dirfd(dir), entry->d_name, device, ret);
        if (r != 0)
            return r;
    }
}

const char *sfs_holders_maps_line(const char *line, dev_t device)
{
    unsigned major_number, minor_number;
    int path = -1;
    /* "55d0-55e0 r-xp 00000000 00:2a 1234      /p/a.so"; the device is in hex */
    if (sscanf(line, "%*x-%*x %*4s %*x %x:%x %*u %n", &major_number, &minor_number, &path) != 2 || path < 0)
        return NULL;
    return makedev(major_number, minor_number) == device && line[path] == '/' ? line + path : NULL;
}

static sfs_err check_maps(int process, dev_t device, char **ret)
{
    SFS_CLEANUP_STRBUF struct sfs_strbuf maps = SFS_STRBUF_INIT;
    sfs_err r = sfs_process_read_file(process, "maps", MAPS_MOST, &maps);
    if (r == -ENOMEM)
        return r;
    char *rest = maps.data;
    for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n")) {
        const char *path = sfs_holders_maps_line(line, device);
        if (path == NULL)
            continue;
        *ret = strdup(path);
        return *ret != NULL ? 1 : -ENOMEM;
    }
    return 0;
}

/* 1 and a path when the process holds something on device. */
static sfs_err check_process(int process, dev_t device, char **ret)
{
    sfs_err r = check_link(process, "cwd", device, ret);
    if (r == 0)
        r = check_link(process, "root", device, ret);
    if (r == 0)
        r = check_descriptors(process, device, ret);
    if (r == 0)
        r = check_link(process, "exe", device, ret);
    if (r == 0)
        r = check_maps(process, device, ret);
    return r;
}

static sfs_err add_holder(struct sfs_holders *holders, pid_t pid, char *path)
{
    struct sfs_holder *items = reallocarray(holders->items, holders->count + 1, sizeof *items);
    if (items == NULL)
        return -ENOMEM;
    holders->items = items;
    struct sfs_holder *holder = &items[holders->count++];
    holder->pid = pid;
    holder->path = path;
    sfs_process_command(pid, holder->command);
    return 0;
}

static sfs_err look_into(int proc, const char *name, dev_t device, size_t most, struct sfs_holders *ret)
{
    pid_t pid = (pid_t)strtol(name, NULL, 10);
    if (pid == getpid())
        return 0;
    int process = openat(proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (process < 0)
        return 0; /* it has gone meanwhile */
    SFS_CLEANUP_FREE char *path = NULL;
    sfs_err r = check_process(process, device, &path);
    sfs_close(process);
    if (r == -EACCES) {
        ret->hidden = true;
        return 0;
    }
    if (r <= 0)
        return r;
    if (ret->count == most) {
        ret->more = true;
        return 0;
    }
    r = add_holder(ret, pid, path);
    if (r == 0)
        (void)SFS_TAKE_PTR(path);
    return r;
}

sfs_err sfs_holders_find(dev_t device, size_t most, struct sfs_holders *ret)
{
    *ret = (struct sfs_holders)SFS_HOLDERS_INIT;
    SFS_CLEANUP_DIR DIR *proc = opendir("/proc");
    if (proc == NULL)
        return -errno;
    for (;;) {
        const struct dirent *entry = readdir(proc);
        if (entry == NULL)
            return 0;
        if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
            continue;
        sfs_err r = look_into(dirfd(proc), entry->d_name, device, most, ret);
        if (r < 0)
            return r;
        if (ret->more)
            return 0;
    }
}

void sfs_holders_release(struct sfs_holders *holders)
{
    for (size_t i = 0; i < holders->count; i++)
        free(holders->items[i].path);
    free(holders->items);
    *holders = (struct sfs_holders)SFS_HOLDERS_INIT;
}

sfs_err sfs_holders_print(const struct sfs_holders *holders, struct sfs_strbuf *out)
{
    sfs_err r = 0;
    for (size_t i = 0; i < holders->count && r == 0; i++) {
        const struct sfs_holder *holder = &holders->items[i];
        r = sfs_strbuf_addf(out, "%s%ld (%s, %s)", i > 0 ? ", " : "", (long)holder->pid, holder->command,
                            holder->path);
    }
    if (r == 0 && holders->more)
        r = sfs_strbuf_add_string(out, ", \xe2\x80\xa6");
    return r;
}
