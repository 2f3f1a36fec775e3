/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "layer/dir-statahead.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "layer/dir-internal.h"
#include "os/fd.h"

enum {
    RECENT = 8,           /* directories that are remembered as just listed */
    STEPS = 3,            /* so many listings, each in a directory that was listed just before, are a walk */
    PAUSE_MS = 2000,      /* a walk that makes no step for so long has ended */
    WINDOW = 64,          /* directories: so far ahead, and no further */
    JUDGED = 32,          /* listings after which it is clear whether the walk goes the way that was guessed */
    DEPTH_MOST = 24,      /* directories that are open at a time */
    LIMIT_LEAST = 1024,   /* of descriptors, so that those hardly count */
    SAMPLE = 256,         /* entries: after so many it is clear whether the source is in memory */
    WARM_NS = 3000,       /* for each entry, when it is; a disk takes 10 us and more, a network 100 */
    REST_LISTINGS = 512,
};

struct dir_statahead {
    pthread_mutex_t lock;
    pthread_cond_t changed; /* [L] for the thread: a walk to follow, a step of it, or the end */
    pthread_t thread;       /* [L] */
    bool made;              /* [L] there is one to join */
    bool ends;              /* [L] */
    struct sfs_node *from;  /* [L] where the walk was seen, with a reference; NULL: the thread has nothing to do */
    uint64_t listed;        /* [L] listings since then */
    uint64_t met;           /* [L] those of directories that had been looked at */
    uint64_t numbers[2 * WINDOW]; /* [L] inode numbers of the last ones that have */
    int64_t listed_at;      /* [L] milliseconds of CLOCK_MONOTONIC */
    unsigned steps;         /* [L] of a walk that may be one, without another listing between them */
    unsigned rest;          /* [L] listings for which nothing is done */
    const struct sfs_node *recent[RECENT]; /* [L] only compared: they may be gone */
    unsigned next;          /* [L] the one in recent to be replaced next */
    /* of the thread's walk; set back under the lock while it has nothing to do */
    uint64_t looked;        /* directories */
    uint64_t entries;       /* of them */
    int64_t spent_ns;       /* for them */
    _Atomic uint64_t count; /* [a] directories in all walks */
};

static int64_t now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* --- the thread --------------------------------------------------------------------------------------------------- */

static void wait_for_step_locked(struct dir_statahead *ahead)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PAUSE_MS / 1000;
    int r = 0;
    while (r == 0 && !ahead->ends && ahead->looked >= ahead->listed + WINDOW)
        r = pthread_cond_timedwait(&ahead->changed, &ahead->lock, &until);
}

/* The source is in memory, or the walk is faster, or goes another way. */
static bool is_of_no_use_locked(const struct dir_statahead *ahead)
{
    bool warm = ahead->entries >= SAMPLE && ahead->spent_ns < (int64_t)ahead->entries * WARM_NS;
    bool overtaken = ahead->listed > ahead->looked + WINDOW;
    bool elsewhere = ahead->listed >= JUDGED && ahead->met < ahead->listed / 2;
    return warm || overtaken || elsewhere;
}

/* Wait until the walk is near enough. False: follow it no further. */
static bool may_go_on(struct dir_statahead *ahead)
{
    (void)pthread_mutex_lock(&ahead->lock);
    wait_for_step_locked(ahead);
    bool paused = ahead->looked >= ahead->listed + WINDOW;
    if (is_of_no_use_locked(ahead))
        ahead->rest = REST_LISTINGS;
    bool on = !ahead->ends && !paused && ahead->rest == 0;
    (void)pthread_mutex_unlock(&ahead->lock);
    return on;
}

static bool is_dot(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Ask for the attributes of all entries. number: of the directory. */
static void look(struct dir_statahead *ahead, const struct dir_layer *layer, DIR *dir, ino_t number)
{
    int64_t begin = now_ns();
    const struct dirent *entry;
    while ((entry = readdir(dir)) != NULL) {
        struct sfs_stat at;
        if (!is_dot(entry->d_name))
            (void)dir_stat_entry(layer, dirfd(dir), entry->d_name, &at);
        ahead->entries++;
    }
    ahead->spent_ns += now_ns() - begin;
    (void)pthread_mutex_lock(&ahead->lock);
    ahead->numbers[ahead->looked++ % (2 * WINDOW)] = number;
    (void)pthread_mutex_unlock(&ahead->lock);
    atomic_fetch_add_explicit(&ahead->count, 1, memory_order_relaxed);
}

/* A stream for fd, which may be -errno; NULL when there is none to be had, and fd is closed. */
static DIR *stream_of(int fd)
{
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (dir == NULL)
        sfs_close(fd);
    return dir;
}

/* Access times are left alone as dir-list.c leaves them. */
static int opening_flags(const struct dir_layer *layer)
{
    return O_RDONLY | O_DIRECTORY | O_CLOEXEC | (layer->options.read_only ? O_NOATIME : 0);
}

/* Open a directory below dfd, if it is one, on the mount that the layer begins on: others may be slow, or our own. */
static DIR *open_below(const struct dir_layer *layer, int dfd, const char *name, ino_t *ret_number)
{
    struct sfs_stat at;
    if (dir_stat_entry(layer, dfd, name, &at) < 0 || !S_ISDIR(at.st.st_mode) || at.mount != layer->root_mount)
        return NULL;
    *ret_number = at.st.st_ino;
    return stream_of(openat(dfd, name, opening_flags(layer) | O_NOFOLLOW));
}

static DIR *open_node(struct sfs_node *node)
{
    struct sfs_stat at;
    if (node->mount != 0)
        return NULL;
    return stream_of(dir_open_quietly(node, opening_flags(dir_of(node)), &at));
}

static bool walk(struct dir_statahead *ahead, const struct dir_layer *layer, DIR *dir, const char *after, int depth);

static bool walk_below(struct dir_statahead *ahead, const struct dir_layer *layer, int dfd, const char *name, int depth)
{
    if (!may_go_on(ahead))
        return false;
    ino_t number;
    SFS_CLEANUP_DIR DIR *dir = open_below(layer, dfd, name, &number);
    if (dir == NULL)
        return true;
    look(ahead, layer, dir, number);
    rewinddir(dir);
    return walk(ahead, layer, dir, NULL, depth + 1);
}

/* Through the directories in dir, as the source lists them; after: only those behind that name. False: end it all. */
static bool walk(struct dir_statahead *ahead, const struct dir_layer *layer, DIR *dir, const char *after, int depth)
{
    const struct dirent *entry;
    bool on = true;
    while (on && depth < DEPTH_MOST && (entry = readdir(dir)) != NULL) {
        if (after != NULL) {
            if (strcmp(entry->d_name, after) == 0)
                after = NULL;
        } else if (entry->d_type == DT_DIR && !is_dot(entry->d_name)) {
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
        DIR *dir = on ? open_node(node) : NULL;
        on = dir != NULL && walk(ahead, layer, dir, after, 1);
        sfs_closedirp(&dir);
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

/* One listing more. Whether it is a step of a walk that is to be followed. */
static bool note_locked(struct dir_statahead *ahead, const struct sfs_node *dir, const struct sfs_node *parent)
{
    int64_t now = now_ns() / 1000000;
    bool follows = parent != NULL && now - ahead->listed_at < PAUSE_MS && is_recent_locked(ahead, parent);
    ahead->steps = follows ? ahead->steps + 1 : 0;
    ahead->listed_at = now;
    ahead->listed++;
    ahead->met += was_looked_at_locked(ahead, dir->ino) ? 1 : 0;
    ahead->recent[ahead->next++ % RECENT] = dir;
    if (ahead->rest == 0)
        return ahead->steps >= STEPS;
    ahead->rest--;
    return false;
}

static void follow_locked(struct dir_statahead *ahead, struct sfs_node *dir)
{
    if (!ahead->made)
        ahead->made = pthread_create(&ahead->thread, NULL, statahead_main, ahead) == 0;
    if (!ahead->made)
        return;
    sfs_node_ref(&dir_of(dir)->table, dir);
    ahead->from = dir;
    ahead->listed = ahead->met = ahead->looked = ahead->entries = 0;
    ahead->spent_ns = 0;
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
    (void)pthread_cond_init(&ahead->changed, NULL);
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
