/* SPDX-License-Identifier: MIT */
/*
 * All threads in one subtree.  Nobody knows what is there, but some things must hold:
 *
 *   version-*  replaced by rename: whoever reads finds one whole version of that very name
 *   flock, ofd a counter, changed only under a lock that is waited for: no count is lost
 *   list/      names that stay are in every listing once, names that come and go at most once
 *   links/     the link count is what it must be when all have gone
 *   pidfile    made with O_EXCL: one holder at a time
 *   move-*     a directory that moves about: what is in it is always the same
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "race.h"

enum { VERSIONS = 6, STAYING = 60, NAME_ROOM = 64, LINK_TRIES = 100 };

static atomic_uint holders;       /* of the pidfile */
static atomic_uint_fast64_t adds[2]; /* to the counters */
static const char *const counters[2] = {"shared/flock", "shared/ofd"};

static void make_file(struct thread *thread, const char *path, const void *data, size_t size)
{
    int fd = openat(thread->race->map_fd, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0)
        race_fail(thread, "create %s", path);
    if (write(fd, data, size) != (ssize_t)size)
        race_fail(thread, "write %s", path);
    if (close(fd) < 0)
        race_fail(thread, "close %s", path);
}

static void make_dir(struct thread *thread, const char *path)
{
    if (mkdirat(thread->race->map_fd, path, 0755) < 0)
        race_fail(thread, "mkdir %s", path);
}

void shared_prepare(struct race *race)
{
    struct thread thread = {.race = race, .part = "prepare", .random = race->seed};
    static const char *const dirs[] = {"shared",        "shared/list",   "shared/links",
                                       "shared/move-a", "shared/move-b", "shared/move-a/dir"};
    static unsigned char buffer[VERSION_MOST];
    char path[NAME_ROOM];
    for (size_t i = 0; i < sizeof dirs / sizeof dirs[0]; i++)
        make_dir(&thread, dirs[i]);
    for (unsigned i = 0; i < VERSIONS; i++) {
        (void)snprintf(path, sizeof path, "shared/version-%u", i);
        make_file(&thread, path, buffer, version_make(&thread, buffer, i));
    }
    for (unsigned i = 0; i < STAYING; i++) {
        (void)snprintf(path, sizeof path, "shared/list/stays-%u", i);
        make_file(&thread, path, "", 0);
    }
    uint64_t zero = 0;
    make_file(&thread, counters[0], &zero, sizeof zero);
    make_file(&thread, counters[1], &zero, sizeof zero);
    make_file(&thread, "shared/links/file", "linked", 6);
    make_file(&thread, "shared/move-a/dir/inner", buffer, version_make(&thread, buffer, 1000));
}

/* --- versions ------------------------------------------------------------------------------------------------------ */

static void version_write(struct thread *thread)
{
    static _Thread_local unsigned char buffer[VERSION_MOST];
    char draft[NAME_ROOM], path[NAME_ROOM];
    unsigned i = (unsigned)race_random(thread, VERSIONS);
    (void)snprintf(draft, sizeof draft, "shared/draft-%u-%" PRIu64, thread->index, thread->steps);
    (void)snprintf(path, sizeof path, "shared/version-%u", i);
    make_file(thread, draft, buffer, version_make(thread, buffer, i));
    if (renameat(thread->race->map_fd, draft, thread->race->map_fd, path) < 0)
        race_fail(thread, "rename %s to %s", draft, path);
}

/* Whatever file path leads to is one whole version; false when there is none. */
static bool version_read_at(struct thread *thread, const char *path, uint64_t name)
{
    static _Thread_local unsigned char buffer[VERSION_MOST + 1];
    int fd;
    unsigned stale = 0;
    do
        fd = openat(thread->race->map_fd, path, O_RDONLY | O_CLOEXEC);
    while (fd < 0 && errno == ESTALE && stale++ < thread->race->stale_most);
    if (fd < 0 && errno == ENOENT)
        return false;
    if (fd < 0)
        race_fail(thread, "open %s", path);
    size_t got = 0;
    for (ssize_t n; (n = read(fd, buffer + got, sizeof buffer - got)) != 0; got += (size_t)n)
        if (n < 0)
            race_fail(thread, "read %s", path);
    const char *why = version_check(buffer, got, name);
    if (why != NULL)
        race_fail(thread, "%s: %zu bytes: %s", path, got, why);
    struct stat st;
    if (fstat(fd, &st) < 0 || (size_t)st.st_size != got)
        race_fail(thread, "%s: fstat says %jd bytes of %zu", path, (intmax_t)st.st_size, got);
    (void)close(fd);
    return true;
}

static void version_read(struct thread *thread)
{
    char path[NAME_ROOM];
    unsigned i = (unsigned)race_random(thread, VERSIONS);
    (void)snprintf(path, sizeof path, "shared/version-%u", i);
    if (!version_read_at(thread, path, i))
        race_fail(thread, "%s has gone, though it was only ever replaced", path);
}

/* --- counters ------------------------------------------------------------------------------------------------------ */

static void counter_lock(struct thread *thread, unsigned which, int fd, bool on)
{
    struct flock range = {.l_type = on ? F_WRLCK : F_UNLCK, .l_whence = SEEK_SET};
    int r;
    do
        r = which == 0 ? flock(fd, on ? LOCK_EX : LOCK_UN) : fcntl(fd, F_OFD_SETLKW, &range);
    while (r < 0 && errno == EINTR);
    if (r < 0)
        race_fail(thread, "%s of %s", on ? "lock" : "unlock", counters[which]);
}

static void counter_add(struct thread *thread)
{
    unsigned which = (unsigned)race_random(thread, 2);
    int fd = openat(thread->race->map_fd, counters[which], O_RDWR | O_CLOEXEC);
    if (fd < 0)
        race_fail(thread, "open %s", counters[which]);
    counter_lock(thread, which, fd, true);
    uint64_t count;
    if (pread(fd, &count, sizeof count, 0) != sizeof count)
        race_fail(thread, "read %s", counters[which]);
    count++;
    if (pwrite(fd, &count, sizeof count, 0) != sizeof count)
        race_fail(thread, "write %s", counters[which]);
    atomic_fetch_add(&adds[which], 1);
    if (race_random(thread, 2) == 0)
        counter_lock(thread, which, fd, false);
    (void)close(fd); /* ends the lock, too */
}

/* --- names --------------------------------------------------------------------------------------------------------- */

static void list_change(struct thread *thread)
{
    char path[NAME_ROOM], other[NAME_ROOM];
    (void)snprintf(path, sizeof path, "shared/list/comes-%u-%" PRIu64, thread->index, thread->steps);
    make_file(thread, path, "", 0);
    if (race_random(thread, 2) == 0) {
        (void)snprintf(other, sizeof other, "shared/list/renamed-%u-%" PRIu64, thread->index, thread->steps);
        if (renameat(thread->race->map_fd, path, thread->race->map_fd, other) < 0)
            race_fail(thread, "rename %s to %s", path, other);
        memcpy(path, other, sizeof path);
    }
    if (unlinkat(thread->race->map_fd, path, 0) < 0)
        race_fail(thread, "unlink %s", path);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void list_read(struct thread *thread)
{
    enum { MOST = 1024 };
    static _Thread_local char names[MOST][NAME_ROOM];
    int fd = openat(thread->race->map_fd, "shared/list", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (dir == NULL)
        race_fail(thread, "open shared/list");
    size_t count = 0, staying = 0;
    errno = 0;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL && count < MOST;) {
        (void)snprintf(names[count++], NAME_ROOM, "%.60s", entry->d_name);
        staying += strncmp(entry->d_name, "stays-", 6) == 0;
        if (race_random(thread, 400) == 0)
            seekdir(dir, telldir(dir)); /* the offsets stay good */
    }
    if (errno != 0)
        race_fail(thread, "read shared/list");
    (void)closedir(dir);
    qsort(names, count, NAME_ROOM, compare_names);
    for (size_t i = 1; i < count; i++)
        if (strcmp(names[i - 1], names[i]) == 0)
            race_fail(thread, "shared/list shows %s twice", names[i]);
    if (staying != STAYING)
        race_fail(thread, "shared/list shows %zu of %d names that stay", staying, STAYING);
}

static void link_file(struct thread *thread)
{
    int map_fd = thread->race->map_fd;
    char path[NAME_ROOM];
    (void)snprintf(path, sizeof path, "shared/links/link-%u", thread->index);
    /*
     * The kernel refuses to link a file without links by what it has cached.  While several names of it come and go that
     * count can be too low until the attributes are asked for again, since FUSE counts down by itself and up by the
     * answers, which may be overtaken (fs/namei.c, vfs_link(); fs/fuse/dir.c, fuse_entry_unlinked()).
     */
    int linked = -1;
    for (int tries = 0; linked < 0 && tries < LINK_TRIES; tries++) {
        struct statx fresh;
        if (tries > 0 && statx(map_fd, "shared/links/file", AT_STATX_FORCE_SYNC, STATX_NLINK, &fresh) < 0)
            break;
        linked = linkat(map_fd, "shared/links/file", map_fd, path, 0);
        if (linked < 0 && errno != ENOENT)
            break;
    }
    if (linked < 0)
        race_fail(thread, "link %s", path);
    struct stat st;
    if (fstatat(map_fd, path, &st, 0) < 0 || st.st_nlink < 2)
        race_fail(thread, "%s: %ju links", path, (uintmax_t)st.st_nlink);
    if (unlinkat(map_fd, path, 0) < 0)
        race_fail(thread, "unlink %s", path);
}

static void hold_pidfile(struct thread *thread)
{
    int fd = openat(thread->race->map_fd, "shared/pidfile", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
    if (fd < 0 && errno != EEXIST)
        race_fail(thread, "create shared/pidfile");
    if (fd < 0)
        return;
    if (atomic_fetch_add(&holders, 1) != 0)
        race_fail(thread, "shared/pidfile was made twice");
    if (write(fd, "x", 1) != 1)
        race_fail(thread, "write shared/pidfile");
    atomic_fetch_sub(&holders, 1);
    if (unlinkat(thread->race->map_fd, "shared/pidfile", 0) < 0)
        race_fail(thread, "unlink shared/pidfile");
    (void)close(fd);
}

static void move_dir(struct thread *thread)
{
    int map_fd = thread->race->map_fd;
    static const char *const places[] = {"shared/move-a/dir", "shared/move-b/dir"};
    char inner[NAME_ROOM];
    unsigned from = (unsigned)race_random(thread, 2);
    if (race_random(thread, 3) == 0) {
        if (renameat2(map_fd, places[from], map_fd, places[1 - from], RENAME_NOREPLACE) < 0 && errno != ENOENT &&
            errno != EEXIST)
            race_fail(thread, "move %s", places[from]);
        return;
    }
    (void)snprintf(inner, sizeof inner, "%s/inner", places[from]);
    (void)version_read_at(thread, inner, 1000);
}

/* --- the thread ---------------------------------------------------------------------------------------------------- */

void shared_run(struct thread *thread)
{
    static void (*const steps[])(struct thread *) = {
        version_write, version_read, version_read, counter_add,  list_change, list_change,
        list_read,     link_file,    hold_pidfile, move_dir,     move_dir,
    };
    for (; !race_over(); thread->steps++)
        steps[race_random(thread, sizeof steps / sizeof steps[0])](thread);
}

void shared_finish(struct race *race)
{
    struct thread thread = {.race = race, .part = "finish"};
    for (unsigned i = 0; i < 2; i++) {
        uint64_t count = 0;
        int fd = openat(race->map_fd, counters[i], O_RDONLY | O_CLOEXEC);
        if (fd < 0 || read(fd, &count, sizeof count) != sizeof count)
            race_fail(&thread, "read %s", counters[i]);
        (void)close(fd);
        if (count != atomic_load(&adds[i]))
            race_fail(&thread, "%s: %" PRIu64 " counted of %" PRIuFAST64, counters[i], count, atomic_load(&adds[i]));
    }
    struct stat st;
    if (fstatat(race->map_fd, "shared/links/file", &st, 0) < 0 || st.st_nlink != 1)
        race_fail(&thread, "shared/links/file: %ju links instead of 1", (uintmax_t)st.st_nlink);
}
