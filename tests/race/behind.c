/* SPDX-License-Identifier: MIT */
/*
 * One thread changes the source itself while others read and write through the map.  Every file holds a whole version of
 * its own name and is only ever replaced, so through the map a name may be missing or stale, but never shows the
 * content of another file or half of one.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "race.h"

enum { PLACES = 12, DIRS = 3, PATH_ROOM = 256 };

static int source_fd = -1; /* set before the threads start */

void behind_prepare(struct race *race)
{
    struct thread thread = {.race = race, .part = "prepare"};
    source_fd = open(race->source, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (source_fd < 0 || mkdirat(source_fd, "behind", 0755) < 0)
        race_fail(&thread, "mkdir behind in %s", race->source);
}

/* The name number tells what must be in a file, wherever its directory has been moved. */
static uint64_t pick(struct thread *thread, char *ret_path, char *ret_dir)
{
    unsigned dir = (unsigned)race_random(thread, DIRS), place = (unsigned)race_random(thread, PLACES);
    (void)snprintf(ret_dir, PATH_ROOM, "behind/dir-%u", dir);
    (void)snprintf(ret_path, PATH_ROOM, "behind/dir-%u/file-%u", dir, place);
    return place;
}

static void write_version(struct thread *thread, int dfd, const char *path, uint64_t name)
{
    static _Thread_local unsigned char buffer[VERSION_MOST];
    char draft[PATH_ROOM];
    (void)snprintf(draft, sizeof draft, "behind/draft-%s-%u-%" PRIu64, thread->part, thread->index, thread->steps);
    size_t size = version_make(thread, buffer, name);
    int fd = openat(dfd, draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0)
        race_fail(thread, "create %s", draft);
    if (write(fd, buffer, size) != (ssize_t)size)
        race_fail(thread, "write %s", draft);
    (void)close(fd);
    if (renameat(dfd, draft, dfd, path) < 0)
        (void)unlinkat(dfd, draft, 0);
}

/* By one thread, on the source. What fails, fails: the next step does something else. */
static void change_once(struct thread *thread)
{
    char path[PATH_ROOM], dir[PATH_ROOM], other[PATH_ROOM + 8], other_dir[PATH_ROOM];
    uint64_t name = pick(thread, path, dir);
    (void)pick(thread, other, other_dir);
    switch (race_random(thread, 12)) {
    case 0:
        (void)unlinkat(source_fd, path, 0);
        break;
    case 1: /* a directory in place of a file */
        (void)unlinkat(source_fd, path, 0);
        (void)mkdirat(source_fd, path, 0755);
        break;
    case 2:
        (void)unlinkat(source_fd, path, AT_REMOVEDIR);
        break;
    case 3:
        (void)unlinkat(source_fd, path, 0);
        (void)symlinkat("nowhere", source_fd, path);
        break;
    case 4:
        (void)renameat2(source_fd, dir, source_fd, other_dir, RENAME_EXCHANGE);
        break;
    case 5: /* a directory goes with all that is in it, and comes back elsewhere in the tree */
        (void)renameat2(source_fd, dir, source_fd, other_dir, RENAME_NOREPLACE);
        (void)mkdirat(source_fd, dir, 0755);
        break;
    case 6: /* one directory into another and out again: parents turn round */
        (void)snprintf(other, sizeof other, "%s/moved", other_dir);
        (void)renameat(source_fd, dir, source_fd, other);
        (void)usleep(200);
        (void)renameat(source_fd, other, source_fd, dir);
        break;
    default:
        (void)mkdirat(source_fd, dir, 0755);
        write_version(thread, source_fd, path, name);
    }
}

void behind_change(struct thread *thread)
{
    for (; !race_over(); thread->steps++) {
        change_once(thread);
        if (race_random(thread, 4) == 0)
            (void)usleep((useconds_t)race_random(thread, 3000));
    }
}

/* What a name may answer when it changes under the reader. */
static bool is_tolerated(int errnum)
{
    return errnum == ENOENT || errnum == ESTALE || errnum == ENOTDIR || errnum == EISDIR || errnum == ELOOP;
}

static void read_once(struct thread *thread, const char *path, uint64_t name)
{
    static _Thread_local unsigned char buffer[VERSION_MOST + 1];
    int fd = openat(thread->race->map_fd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && is_tolerated(errno))
        return;
    if (fd < 0)
        race_fail(thread, "open %s", path);
    struct stat st;
    if (fstat(fd, &st) < 0)
        race_fail(thread, "fstat of the open file %s", path);
    if (!S_ISREG(st.st_mode)) {
        (void)close(fd);
        return;
    }
    size_t got = 0;
    for (ssize_t n; (n = read(fd, buffer + got, sizeof buffer - got)) != 0; got += (size_t)n)
        if (n < 0)
            race_fail(thread, "read of the open file %s", path);
    const char *why = version_check(buffer, got, name);
    if (why != NULL)
        race_fail(thread, "%s: %zu bytes (fstat says %jd): %s", path, got, (intmax_t)st.st_size, why);
    (void)close(fd);
}

void behind_read(struct thread *thread)
{
    char path[PATH_ROOM], dir[PATH_ROOM];
    for (; !race_over(); thread->steps++) {
        uint64_t name = pick(thread, path, dir);
        if (race_random(thread, 20) == 0) /* the map's own names come and go among the others */
            write_version(thread, thread->race->map_fd, path, name);
        else
            read_once(thread, path, name);
    }
}
