/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "os/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "os/process.h"

#define TABLE_MOST ((size_t)64 << 20)

/* Undo the kernel's "\040" for space, tab, newline, '#' and backslash, in place. */
static void unescape(char *text)
{
    char *to = text;
    for (const char *at = text; *at != '\0';) {
        if (at[0] == '\\' && at[1] >= '0' && at[1] <= '3' && at[2] >= '0' && at[2] <= '7' && at[3] >= '0' &&
            at[3] <= '7') {
            *to++ = (char)((at[1] - '0') * 64 + (at[2] - '0') * 8 + (at[3] - '0'));
            at += 4;
        } else {
            *to++ = *at++;
        }
    }
    *to = '\0';
}

/* The next field of a line, cut off; fields may be empty, so one space is one border. NULL behind the last. */
static char *next_field(char **line)
{
    char *field = *line;
    if (field == NULL)
        return NULL;
    char *space = strchr(field, ' ');
    if (space != NULL)
        *space++ = '\0';
    *line = space;
    return field;
}

static bool parse_number(const char *text, char end, unsigned long most, unsigned long *ret, const char **ret_rest)
{
    if (text[0] < '0' || text[0] > '9')
        return false;
    char *rest;
    errno = 0;
    unsigned long value = strtoul(text, &rest, 10);
    if (errno != 0 || value > most || *rest != end)
        return false;
    *ret = value;
    *ret_rest = rest;
    return true;
}

static bool parse_line(char *line, struct sfs_mount *ret)
{
    char *id = next_field(&line);
    char *parent = next_field(&line);
    char *device = next_field(&line);
    char *root = next_field(&line);
    char *point = next_field(&line);
    char *options = next_field(&line);
    if (options == NULL)
        return false;
    /* optional fields ("shared:1") up to a lone hyphen */
    for (;;) {
        const char *optional = next_field(&line);
        if (optional == NULL)
            return false;
        if (strcmp(optional, "-") == 0)
            break;
    }
    char *type = next_field(&line);
    char *source = next_field(&line);
    char *super_options = next_field(&line);
    if (super_options == NULL)
        return false;

    unsigned long id_number, parent_number, major_number, minor_number;
    const char *rest;
    if (!parse_number(id, '\0', INT_MAX, &id_number, &rest) ||
        !parse_number(parent, '\0', INT_MAX, &parent_number, &rest) ||
        !parse_number(device, ':', UINT_MAX, &major_number, &rest) ||
        !parse_number(rest + 1, '\0', UINT_MAX, &minor_number, &rest))
        return false;
    unescape(root);
    unescape(point);
    unescape(options);
    unescape(type);
    unescape(source);
    unescape(super_options);
    *ret = (struct sfs_mount){
        .id = (int)id_number,
        .parent = (int)parent_number,
        .device = makedev((unsigned)major_number, (unsigned)minor_number),
        .root = root,
        .point = point,
        .options = options,
        .type = type,
        .source = source,
        .super_options = super_options,
    };
    return true;
}

sfs_err sfs_mounts_parse(const char *text, size_t length, struct sfs_mounts *ret)
{
    if (memchr(text, '\0', length) != NULL)
        return -EINVAL;
    SFS_CLEANUP_MOUNTS struct sfs_mounts mounts = SFS_MOUNTS_INIT;
    mounts.text = strndup(text, length);
    if (mounts.text == NULL)
        return -ENOMEM;
    size_t room = 0;
    for (char *line = mounts.text; *line != '\0';) {
        char *end = strchrnul(line, '\n');
        bool last = *end == '\0';
        *end = '\0';
        if (mounts.count == room) {
            room = room == 0 ? 64 : room * 2;
            struct sfs_mount *items = reallocarray(mounts.items, room, sizeof *items);
            if (items == NULL)
                return -ENOMEM;
            mounts.items = items;
        }
        if (!parse_line(line, &mounts.items[mounts.count]))
            return -EINVAL;
        mounts.count++;
        line = last ? end : end + 1;
    }
    *ret = mounts;
    mounts = (struct sfs_mounts)SFS_MOUNTS_INIT;
    return 0;
}

static sfs_err read_table(int dfd, const char *path, struct sfs_mounts *ret)
{
    SFS_CLEANUP_STRBUF struct sfs_strbuf text = SFS_STRBUF_INIT;
    sfs_err r = sfs_process_read_file(dfd, path, TABLE_MOST, &text);
    return r < 0 ? r : sfs_mounts_parse(text.data, text.length, ret);
}

sfs_err sfs_mounts_read(struct sfs_mounts *ret)
{
    return read_table(AT_FDCWD, "/proc/self/mountinfo", ret);
}

sfs_err sfs_mounts_read_of(int proc, struct sfs_mounts *ret)
{
    return read_table(proc, "mountinfo", ret);
}

void sfs_mounts_release(struct sfs_mounts *mounts)
{
    free(mounts->items);
    free(mounts->text);
    *mounts = (struct sfs_mounts)SFS_MOUNTS_INIT;
}

static bool has_id(const struct sfs_mounts *mounts, int id)
{
    for (size_t i = 0; i < mounts->count; i++) {
        if (mounts->items[i].id == id)
            return true;
    }
    return false;
}

/* The first mount that a walk along path meets when it is in the mount current (NULL: above all in the table). */
static const struct sfs_mount *step(const struct sfs_mounts *mounts, const struct sfs_mount *current, const char *path)
{
    const struct sfs_mount *best = NULL;
    for (size_t i = 0; i < mounts->count; i++) {
        const struct sfs_mount *mount = &mounts->items[i];
        /* the root mount of a namespace has a parent that is not in the table, or is its own parent */
        bool child = current != NULL ? mount->parent == current->id && mount != current
                                     : mount->parent == mount->id || !has_id(mounts, mount->parent);
        if (!child || !sfs_path_is_absolute(mount->point) || sfs_path_below(path, mount->point) == NULL)
            continue;
        if (best == NULL || strlen(mount->point) < strlen(best->point))
            best = mount;
    }
    return best;
}

const struct sfs_mount *sfs_mounts_holding(const struct sfs_mounts *mounts, const char *path)
{
    const struct sfs_mount *current = NULL;
    /* a table read while it changed could hold a ring */
    for (size_t steps = 0; steps <= mounts->count; steps++) {
        const struct sfs_mount *next = step(mounts, current, path);
        if (next == NULL)
            break;
        current = next;
    }
    return current;
}

const struct sfs_mount *sfs_mounts_at(const struct sfs_mounts *mounts, const char *path)
{
    const struct sfs_mount *mount = sfs_mounts_holding(mounts, path);
    return mount != NULL && strcmp(mount->point, path) == 0 ? mount : NULL;
}

bool sfs_mount_is_ours(const struct sfs_mount *mount)
{
    return strcmp(mount->type, SFS_MOUNT_TYPE) == 0;
}

long sfs_mount_option_number(const struct sfs_mount *mount, const char *key)
{
    size_t length = strlen(key);
    for (const char *at = mount->super_options; *at != '\0';) {
        size_t option = strcspn(at, ",");
        if (option > length && strncmp(at, key, length) == 0) {
            char *end;
            errno = 0;
            long value = strtol(at + length, &end, 10);
            return errno == 0 && end == at + option && value >= 0 ? value : -1;
        }
        at += option + (at[option] == ',');
    }
    return -1;
}

sfs_err sfs_device_of(int dirfd, const char *path, bool follow, dev_t *ret)
{
    struct statx stat;
    /* asking for nothing and not minding old values: st_dev is answered by the kernel alone (fuse_getattr()) */
    int flags = AT_EMPTY_PATH | AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT | (follow ? 0 : AT_SYMLINK_NOFOLLOW);
    if (statx(dirfd, path, flags, 0, &stat) < 0)
        return -errno;
    *ret = makedev(stat.stx_dev_major, stat.stx_dev_minor);
    return 0;
}

sfs_err sfs_mount_probe(const char *path, dev_t *ret)
{
    struct statx stat;
    if (statx(AT_FDCWD, path, AT_STATX_FORCE_SYNC | AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &stat) < 0)
        return -errno;
    *ret = makedev(stat.stx_dev_major, stat.stx_dev_minor);
    return 0;
}

sfs_err sfs_mount_probe_patiently(const char *path, int timeout)
{
    pid_t pid = fork();
    if (pid < 0)
        return -errno;
    if (pid == 0) {
        dev_t device;
        sfs_err r = sfs_mount_probe(path, &device);
        /* an exit status has room for the errno values that matter */
        _exit(-r <= 255 ? -r : 255);
    }
    sfs_err r = sfs_process_wait_gone(pid, timeout);
    if (r < 0)
        (void)kill(pid, SIGKILL);
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (r < 0)
        return r;
    return WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
}
