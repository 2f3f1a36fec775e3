/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "layer/dir-statahead.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/path.h"
#include "layer/dir-internal.h"
#include "os/clock.h"
#include "os/fd.h"
#include "os/open.h"

enum {
    RECENT = 8,           /* directories that are remembered as just listed */
    STEPS = 3,            /* so many listings, each in a directory that was listed just before, are a walk */
    PAUSE_MS = 2000,      /* a walk that makes no step for so long has ended */
    WINDOW = 64,          /* directories: so far ahead, and no further */
    JUDGED = 32,          /* of so many listings, half at least must be of directories that have been looked at */
    DEPTH_MOST = 24,      /* directories that are open at a time */
    OPEN_MOST = 48,       /* the same, by all layers of the process: it comes from fdcache.c's reserve */
    LIMIT_LEAST = 1024,   /* of descriptors, so that there is that much of it */
    SAMPLE = 256,         /* entries: after so many it is clear whether the source is in memory */
    WARM_NS = 3000,       /* for each entry, when it is; a disk takes 10 us and more, a network 100 */
    REST_LISTINGS = 512,
};

/* Directories open by all layers. */
static _Atomic int open_count;

/*
 * Members, by what protects them:
 *   L  the lock
 *   t  the thread, while it has something to do; else the lock
 *   a  atomic
 */
struct dir_statahead {
    pthread_mutex_t lock;
    pthread_cond_t changed; /* [L] for the thread: a walk to follow, a step of it, or the end */
    pthread_t thread;       /* [L] */
    bool made;              /* [L] there is one to join */
    atomic_bool ends;       /* [a] set under the lock */
    struct sfs_node *from;  /* [L] where the walk was seen, with a reference; NULL: the thread has nothing to do */
    uint64_t listed;        /* [L] listings since then */
    uint64_t looked;        /* [L] directories that were looked at, or could not be */
    uint64_t numbers[2 * WINDOW]; /* [L] inode numbers of the last ones */
    unsigned judged, met;   /* [L] listings since they were judged last, and those of directories in numbers */
    bool astray;            /* [L] the walk goes another way */
    int64_t listed_at;      /* [L] milliseconds of CLOCK_MONOTONIC */
    unsigned steps;         /* [L] of what may be a walk, without another listing between them */
    unsigned rest;          /* [L] listings for which nothing is done */
    const struct sfs_node *recent[RECENT]; /* [L] only compared: they may be gone */
    unsigned next;          /* [L] the one in recent to be replaced next */
    uint64_t entries;       /* [t] looked at since it was last seen whether they are in memory */
    int64_t spent_ns;       /* [t] for them */
    _Atomic uint64_t count; /* [a] directories looked at in all walks */
};

/* --- the thread --------------------------------------------------------------------------------------------------- */

static void wait_for_step_locked(struct dir_statahead *ahead)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += PAUSE_MS / 1000;
    int r = 0;
    while (r == 0 && !ahead->ends && ahead->looked >= ahead->listed + WINDOW)
        r = pthread_cond_timedwait(&ahead->changed, &ahead->lock, &until);
}

/* The source is in memory, by the last SAMPLE entries or more; then others are counted. */
static bool sample_is_warm(struct dir_statahead *ahead)
{
    if (ahead->entries < SAMPLE)
        return false;
    bool warm = ahead->spent_ns < (int64_t)ahead->entries * WARM_NS;
    ahead->entries = 0;
    ahead->spent_ns = 0;
    return warm;
}

/* Wait until the walk is near enough. False: follow it no further. */
static bool may_go_on(struct dir_statahead *ahead)
{
    (void)pthread_mutex_lock(&ahead->lock);
    wait_for_step_locked(ahead);
    bool paused = ahead->looked >= ahead->listed + WINDOW;
    bool overtaken = ahead->listed > ahead->looked + WINDOW;
    if (overtaken || ahead->astray || sample_is_warm(ahead))
        ahead->rest = REST_LISTINGS;
    bool on = !ahead->ends && !paused && ahead->rest == 0;
    (void)pthread_mutex_unlock(&ahead->lock);
    return on;
}

/* One directory more, with that inode number; opened: it can be looked at. */
static void note_looked(struct dir_statahead *ahead, uint64_t number, bool opened)
{
    (void)pthread_mutex_lock(&ahead->lock);
    ahead->numbers[ahead->looked++ % (2 * WINDOW)] = number;
    (void)pthread_mutex_unlock(&ahead->lock);
    if (opened)
        atomic_fetch_add_explicit(&ahead->count, 1, memory_order_relaxed);
}

/* Whether it is a directory, or may be one: not every filesystem says it in a listing. */
static bool may_be_directory(const struct dirent *entry)
{
    return (entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN) && !sfs_path_is_dot(entry->d_name);
}

/* Ask for the attributes of an entry, but of nothing that is mounted there: it may be slow, or our own. */
static void look_at(int dfd, const struct dirent *entry)
{
    if (may_be_directory(entry)) {
        sfs_close(sfs_open_unmounted(dfd, entry->d_name));
    } else if (!sfs_path_is_dot(entry->d_name)) {
        struct sfs_stat at;
        (void)sfs_stat_at_unasked(dfd, entry->d_name, &at);
    }
}

static void look(struct dir_statahead *ahead, DIR *dir)
{
    int64_t begin = sfs_clock_ns(CLOCK_MONOTONIC);
    const struct dirent *entry;
    while (!ahead->ends && (entry = readdir(dir)) != NULL) {
        look_at(dirfd(dir), entry);
        ahead->entries += sfs_path_is_dot(entry->d_name) ? 0 : 1;
    }
    ahead->spent_ns += sfs_clock_ns(CLOCK_MONOTONIC) - begin;
    rewinddir(dir);
}

/* A stream for fd, which may be -errno; NULL when there is none to be had, and fd is closed. */
static DIR *stream_of(int fd)
{
    DIR *dir = NULL;
    if (fd >= 0 && atomic_fetch_add(&open_count, 1) < OPEN_MOST)
        dir = fdopendir(fd);
    if (fd >= 0 && dir == NULL) {
        atomic_fetch_sub(&open_count, 1);
        sfs_close(fd);
    }
    return dir;
}

static void stream_end(DIR *dir)
{
    (void)closedir(dir);
    atomic_fetch_sub(&open_count, 1);
}

/*
 * Open a directory in dfd, if it is one.  Its access time is left alone where that is permitted: nobody may ever come
 * here.  *ret_number: its inode number, 0 when it is none.
 */
static DIR *open_below(const struct dir_layer *layer, int dfd, const char *name, uint64_t *ret_number)
{
    struct sfs_stat at;
    *ret_number = 0;
    SFS_CLEANUP_FD int fd = sfs_open_unmounted(dfd, name);
    if (fd < 0 || sfs_stat_fd(fd, &at) < 0 || !S_ISDIR(at.st.st_mode) || at.st.st_dev != layer->root_device)
        return NULL;
    *ret_number = at.st.st_ino;
    sfs_err opened = sfs_fd_reopen(fd, O_RDONLY | O_DIRECTORY | O_NOATIME);
    if (opened == -EPERM)
        opened = sfs_fd_reopen(fd, O_RDONLY | O_DIRECTORY);
    return stream_of(opened);
}

static DIR *open_node(struct sfs_node *node)
{
    struct sfs_stat at;
    sfs_err fd = dir_open_quietly(node, O_RDONLY | O_DIRECTORY | O_NOATIME, &at);
    return stream_of(fd);
}

static bool walk(struct dir_statahead *ahead, const struct dir_layer *layer, DIR *dir, const char *after, int depth);

static bool walk_below(struct dir_statahead *ahead, const struct dir_layer *layer, int dfd, const char *name, int depth)
{
    if (!may_go_on(ahead))
        return false;
    uint64_t number;
    DIR *dir = open_below(layer, dfd, name, &number);
    if (number != 0)
        note_looked(ahead, number, dir != NULL);
    if (dir == NULL)
        return true;
    look(ahead, dir);
    bool on = walk(ahead, layer, dir, NULL, depth + 1);
    stream_end(dir);
    return on;
}

/* Through the directories in dir, as the source lists them; after: only those behind that name. False: end it all. */
static bool walk(struct dir_statahead *ahead, const struct dir_layer *layer, DIR *dir, const char *after, int depth)
{
    const struct dirent *entry;
    bool on = true;
    while (on && !ahead->ends && depth < DEPTH_MOST && (entry = readdir(dir)) != NULL) {
        if (after != NULL) {
            if (strcmp(entry->d_name, after) == 0)
                after = NULL;
        } else if (may_be_directory(entry)) {
            on = walk_below(ahead, layer, dirfd(dir), entry->d_name, depth);
        }
    }
    return on;
}

/* The directory that a node lies in, with a reference, and the node's name there. NULL: none is known. */
static struct sfs_node *parent_of(struct sfs_node *node, char **ret_name)
{
    struct dir_layer *layer = dir_of(node);
    (void)pthread_mutex_lock(&layer->table.lock);
    struct sfs_node *parent = node->name != NULL ? node->parent : NULL;
    *ret_name = parent != NULL ? strdup(node->name) : NULL;
    if (*ret_name == NULL)
        parent = NULL;
    if (parent != NULL)
        parent->references++;
    (void)pthread_mutex_unlock(&layer->table.lock);
    return parent;
}

/* What is below the directory where the walk was seen, then what comes after it, and so on upwards. */
static void walk_from(struct dir_statahead *ahead, struct sfs_node *node)
{
    struct dir_layer *layer = dir_of(node);
    char *after = NULL;
    bool on = true;
    while (node != NULL) {
        on = on && !ahead->ends;
        DIR *dir = on ? open_node(node) : NULL;
        on = dir != NULL && walk(ahead, layer, dir, after, 1);
        if (dir != NULL)
            stream_end(dir);
        free(after);
        after = NULL;
        struct sfs_node *parent = on ? parent_of(node, &after) : NULL;
        sfs_node_unref(&layer->table, node, 1);
        node = parent;
    }
    free(after);
}

static void *statahead_main(void *data)
{
    struct dir_statahead *ahead = data;
    (void)pthread_mutex_lock(&ahead->lock);
    while (!ahead->ends) {
        struct sfs_node *from = ahead->from;
        if (from == NULL) {
            (void)pthread_cond_wait(&ahead->changed, &ahead->lock);
            continue;
        }
        (void)pthread_mutex_unlock(&ahead->lock);
        walk_from(ahead, from);
        (void)pthread_mutex_lock(&ahead->lock);
        ahead->from = NULL;
        ahead->steps = 0;
        if (ahead->looked == 0) /* the way up was for nothing */
            ahead->rest = REST_LISTINGS;
    }
    (void)pthread_mutex_unlock(&ahead->lock);
    return NULL;
}

/* --- seeing a walk ------------------------------------------------------------------------------------------------ */

static bool is_recent_locked(const struct dir_statahead *ahead, const struct sfs_node *node)
{
    for (unsigned i = 0; i < RECENT; i++) {
        if (ahead->recent[i] == node)
            return true;
    }
    return false;
}

static bool was_looked_at_locked(const struct dir_statahead *ahead, uint64_t number)
{
    for (size_t i = 0; i < sizeof ahead->numbers / sizeof ahead->numbers[0]; i++) {
        if (ahead->numbers[i] == number)
            return true;
    }
    return false;
}

static void judge_locked(struct dir_statahead *ahead, const struct sfs_node *dir)
{
    ahead->met += was_looked_at_locked(ahead, dir->ino) ? 1 : 0;
    if (++ahead->judged < JUDGED)
        return;
    ahead->astray = ahead->met < JUDGED / 2;
    ahead->judged = ahead->met = 0;
}

/* One listing more. Whether it is a step of a walk that is to be followed. */
static bool note_locked(struct dir_statahead *ahead, const struct sfs_node *dir, const struct sfs_node *parent)
{
    int64_t now = sfs_clock_ms(CLOCK_MONOTONIC);
    bool follows = parent != NULL && now - ahead->listed_at < PAUSE_MS && is_recent_locked(ahead, parent) &&
                   !is_recent_locked(ahead, dir);
    ahead->steps = follows ? ahead->steps + 1 : 0;
    ahead->listed_at = now;
    ahead->listed++;
    if (ahead->from != NULL)
        judge_locked(ahead, dir);
    ahead->recent[ahead->next++ % RECENT] = dir;
    if (ahead->rest == 0)
        return ahead->steps >= STEPS;
    ahead->rest--;
    return false;
}

/* A thread inherits the processors of its maker, and one that serves an io_uring is bound to one. */
static int make_thread(struct dir_statahead *ahead)
{
    cpu_set_t all;
    pthread_attr_t attributes;
    int r = pthread_attr_init(&attributes);
    if (r != 0)
        return r;
    if (sched_getaffinity(getpid(), sizeof all, &all) == 0) /* of the main thread */
        (void)pthread_attr_setaffinity_np(&attributes, sizeof all, &all);
    r = pthread_create(&ahead->thread, &attributes, statahead_main, ahead);
    (void)pthread_attr_destroy(&attributes);
    return r;
}

static void follow_locked(struct dir_statahead *ahead, struct sfs_node *dir)
{
    ahead->made = ahead->made || make_thread(ahead) == 0;
    if (!ahead->made) {
        ahead->rest = REST_LISTINGS;
        return;
    }
    sfs_node_ref(&dir_of(dir)->table, dir);
    ahead->from = dir;
    ahead->listed = ahead->looked = 0;
    ahead->judged = ahead->met = 0;
    ahead->astray = false;
    memset(ahead->numbers, 0, sizeof ahead->numbers);
}

void dir_statahead_listed(struct dir_statahead *ahead, struct sfs_node *dir)
{
    if (ahead == NULL)
        return;
    struct sfs_node_table *table = &dir_of(dir)->table;
    (void)pthread_mutex_lock(&table->lock);
    const struct sfs_node *parent = dir->name != NULL ? dir->parent : NULL;
    (void)pthread_mutex_unlock(&table->lock);
    (void)pthread_mutex_lock(&ahead->lock);
    if (note_locked(ahead, dir, parent) && ahead->from == NULL)
        follow_locked(ahead, dir);
    (void)pthread_cond_signal(&ahead->changed);
    (void)pthread_mutex_unlock(&ahead->lock);
}

uint64_t dir_statahead_count(const struct dir_statahead *ahead)
{
    return ahead != NULL ? atomic_load_explicit(&ahead->count, memory_order_relaxed) : 0;
}

struct dir_statahead *dir_statahead_new(void)
{
    struct dir_statahead *ahead = sfs_fd_limit() >= LIMIT_LEAST ? calloc(1, sizeof *ahead) : NULL;
    if (ahead == NULL)
        return NULL;
    (void)pthread_mutex_init(&ahead->lock, NULL);
    pthread_condattr_t monotonic;
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&ahead->changed, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    return ahead;
}

void dir_statahead_free(struct dir_statahead *ahead)
{
    if (ahead == NULL)
        return;
    (void)pthread_mutex_lock(&ahead->lock);
    ahead->ends = true;
    (void)pthread_cond_signal(&ahead->changed);
    (void)pthread_mutex_unlock(&ahead->lock);
    if (ahead->made)
        (void)pthread_join(ahead->thread, NULL);
    if (ahead->from != NULL)
        sfs_node_unref(&dir_of(ahead->from)->table, ahead->from, 1);
    (void)pthread_cond_destroy(&ahead->changed);
    (void)pthread_mutex_destroy(&ahead->lock);
    free(ahead);
}
