/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "layer/node.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>

#include "base/hash.h"
#include "base/strbuf.h"
#include "layer/layer.h"
#include "os/fd.h"

enum { BUCKETS_LEAST = 256 };

sfs_err sfs_node_table_init(struct sfs_node_table *table, sfs_node_dispose *dispose)
{
    memset(table, 0, sizeof *table);
    table->buckets = calloc(BUCKETS_LEAST, sizeof(struct sfs_node *));
    if (table->buckets == NULL)
        return -ENOMEM;
    table->bucket_count = BUCKETS_LEAST;
    table->dispose = dispose;
    if (getrandom(&table->seed, sizeof table->seed, GRND_NONBLOCK) != (ssize_t)sizeof table->seed)
        table->seed = (uint64_t)time(NULL) * UINT64_C(0x9e3779b97f4a7c15); /* early at boot: better than nothing */
    (void)pthread_mutex_init(&table->lock, NULL);
    return 0;
}

static struct sfs_node **bucket_of(struct sfs_node_table *table, uint64_t ino, uint16_t device)
{
    return &table->buckets[sfs_hash_pair(ino, device, table->seed) & (table->bucket_count - 1)];
}

static void node_free(struct sfs_node *node)
{
    sfs_close(node->pinned_fd);
    free(node->name);
    free(node);
}

static void dispose_list(struct sfs_node_table *table, struct sfs_node *list)
{
    while (list != NULL) {
        struct sfs_node *next = list->hash_next;
        table->dispose(list);
        node_free(list);
        list = next;
    }
}

void sfs_node_table_release(struct sfs_node_table *table)
{
    for (size_t i = 0; i < table->bucket_count; i++)
        dispose_list(table, table->buckets[i]);
    free(table->buckets);
    table->buckets = NULL;
    (void)pthread_mutex_destroy(&table->lock);
}

/* Grow at a load of one, shrink at an eighth; when memory is short the chains just get longer. */
static void resize_locked(struct sfs_node_table *table)
{
    size_t wanted = table->bucket_count;
    if (table->count > wanted)
        wanted *= 2;
    else if (table->count < wanted / 8 && wanted > BUCKETS_LEAST)
        wanted /= 2;
    if (wanted == table->bucket_count)
        return;
    struct sfs_node **old = table->buckets;
    size_t old_count = table->bucket_count;
    struct sfs_node **buckets = calloc(wanted, sizeof(struct sfs_node *));
    if (buckets == NULL)
        return;
    table->buckets = buckets;
    table->bucket_count = wanted;
    for (size_t i = 0; i < old_count; i++) {
        struct sfs_node *next;
        for (struct sfs_node *node = old[i]; node != NULL; node = next) {
            next = node->hash_next;
            struct sfs_node **bucket = bucket_of(table, node->ino, node->device);
            node->hash_next = *bucket;
            *bucket = node;
        }
    }
    free(old);
}

static void hash_locked(struct sfs_node_table *table, struct sfs_node *node)
{
    struct sfs_node **bucket = bucket_of(table, node->ino, node->device);
    node->hash_next = *bucket;
    *bucket = node;
    if (++table->count > table->peak)
        table->peak = table->count;
    resize_locked(table);
}

static void unlink_locked(struct sfs_node_table *table, struct sfs_node *node)
{
    struct sfs_node **at = bucket_of(table, node->ino, node->device);
    while (*at != node)
        at = &(*at)->hash_next;
    *at = node->hash_next;
    node->hash_next = NULL;
    table->count--;
    resize_locked(table);
}

static struct sfs_node *find_locked(struct sfs_node_table *table, const struct sfs_identity *identity)
{
    struct sfs_node *node = *bucket_of(table, identity->ino, identity->device);
    while (node != NULL && (node->ino != identity->ino || node->device != identity->device ||
                            node->mount != identity->mount || node->replaced))
        node = node->hash_next;
    return node;
}

static bool handles_differ(const struct sfs_node *node, const struct sfs_handle *handle)
{
    if (node->handle_length == 0 || handle->length == 0)
        return false; /* nothing to compare */
    return node->handle_length != handle->length || node->handle_type != handle->type ||
           memcmp(node->handle, handle->bytes, handle->length) != 0;
}

static bool times_differ(const struct sfs_node *node, const struct sfs_identity *identity)
{
    return node->btime != identity->btime || node->type != identity->type;
}

static struct sfs_node *node_new(struct sfs_layer *layer, const struct sfs_identity *identity)
{
    struct sfs_node *node = malloc(sizeof *node + identity->handle.length);
    if (node == NULL)
        return NULL;
    memset(node, 0, sizeof *node);
    node->layer = layer;
    node->ino = identity->ino;
    node->btime = identity->btime;
    node->mount = identity->mount;
    node->device = identity->device;
    node->type = identity->type;
    node->slot = -1;
    node->pinned_fd = -1;
    node->by_handle = identity->by_handle;
    node->handle_type = identity->handle.type;
    node->handle_length = identity->handle.length;
    memcpy(node->handle, identity->handle.bytes, identity->handle.length);
    return node;
}

static bool has_name_locked(const struct sfs_node *node, const struct sfs_node *dir, const char *name)
{
    return node->parent == dir && node->name != NULL && strcmp(node->name, name) == 0;
}

/*
 * Directories that were moved behind our back may claim to lie in each other.  What was seen last is right: the
 * directory on the way from dir up to the root that is said to lie in node has lost that name.
 */
static void break_cycle_locked(const struct sfs_node *node, struct sfs_node *dir)
{
    if (node->children == 0)
        return;
    for (struct sfs_node *at = dir; at->parent != NULL; at = at->parent) {
        if (at->parent != node)
            continue;
        at->parent->children--;
        at->parent = NULL;
        free(at->name);
        at->name = NULL;
        return;
    }
}

/* Set the name (taken over; NULL: none); the old parent, which lost a child, is returned for the caller to check. */
static struct sfs_node *exchange_name_locked(struct sfs_node_table *table, struct sfs_node *node, struct sfs_node *dir,
                                             char *name)
{
    struct sfs_node *old_parent = node->parent;
    if (name == NULL)
        dir = NULL;
    if (dir == node) {
        /* what was renamed was another one by then: of this one no name is known */
        free(name);
        name = NULL;
        dir = NULL;
    }
    if (dir != NULL)
        break_cycle_locked(node, dir);
    free(node->name);
    node->name = name;
    node->parent = dir;
    if (dir != NULL)
        dir->children++;
    if (old_parent != NULL)
        old_parent->children--;
    table->changes++;
    return old_parent;
}

/* A node without references, children and open files has nobody left. */
static bool unused_locked(const struct sfs_node *node)
{
    return node->references == 0 && node->children == 0 && node->files == NULL;
}

/* Take an unused node, and the parents that become unused with it, out of the table; a list linked by hash_next. */
static void collect_locked(struct sfs_node_table *table, struct sfs_node *node, struct sfs_node **list)
{
    while (node != NULL && unused_locked(node)) {
        struct sfs_node *parent = node->parent;
        unlink_locked(table, node);
        node->parent = NULL;
        node->hash_next = *list;
        *list = node;
        if (parent != NULL)
            parent->children--;
        node = parent;
    }
}

/* Unlock, and dispose of node (may be NULL) and its parents if they are unused. */
static void unlock_and_collect(struct sfs_node_table *table, struct sfs_node *node)
{
    struct sfs_node *list = NULL;
    collect_locked(table, node, &list);
    (void)pthread_mutex_unlock(&table->lock);
    dispose_list(table, list);
}

/*
 * The node of identity if the table has it.  One that is another file by now is not found any more, but stays in its
 * bucket and lives on until it is forgotten.
 */
static struct sfs_node *match_locked(struct sfs_node_table *table, const struct sfs_identity *identity)
{
    struct sfs_node *node = find_locked(table, identity);
    if (node == NULL || (!times_differ(node, identity) && !handles_differ(node, &identity->handle)))
        return node;
    node->replaced = true;
    return NULL;
}

/* Only the handles speak against it: the caller may have mixed up two files in a race. */
static bool mismatch_locked(struct sfs_node_table *table, const struct sfs_identity *identity)
{
    const struct sfs_node *node = find_locked(table, identity);
    return node != NULL && !times_differ(node, identity) && handles_differ(node, &identity->handle);
}

/* Whether, since its name was last seen, a directory was renamed in the same place, perhaps to that name. */
static bool may_be_overwritten_locked(const struct sfs_node *node)
{
    return node->parent == NULL || (int32_t)(node->parent->received - node->named) > 0;
}

/*
 * A directory that somebody has is found with another name, and was not renamed to that here: false if it must not be
 * used any more, because the kernel may take it for removed.
 */
static bool may_be_moved_locked(struct sfs_node *node)
{
    if (!S_ISDIR(node->type) || node->references == 0)
        return true;
    atomic_store_explicit(&node->moved, true, memory_order_relaxed);
    node->replaced = may_be_overwritten_locked(node);
    return !node->replaced;
}

sfs_err sfs_node_intern(struct sfs_node_table *table, struct sfs_layer *layer, struct sfs_node *parent,
                        const char *name, const struct sfs_identity *identity, bool *ret_mismatch,
                        struct sfs_node **ret)
{
    (void)pthread_mutex_lock(&table->lock);
    if (ret_mismatch != NULL && (*ret_mismatch = mismatch_locked(table, identity))) {
        (void)pthread_mutex_unlock(&table->lock);
        return 0;
    }
    struct sfs_node *node = match_locked(table, identity);
    struct sfs_node *orphan = NULL;
    char *name_copy = NULL;
    bool rename = name != NULL && (node == NULL || !has_name_locked(node, parent, name));
    if (node != NULL && node == layer->root)
        rename = false; /* it is where it is, whatever loops back to it */
    if (node != NULL && rename && !may_be_moved_locked(node))
        node = NULL;
    if (rename)
        name_copy = strdup(name);
    if (node == NULL && (!rename || name_copy != NULL) && (node = node_new(layer, identity)) != NULL)
        hash_locked(table, node);
    if (node == NULL || (rename && name_copy == NULL)) {
        (void)pthread_mutex_unlock(&table->lock);
        free(name_copy);
        return -ENOMEM;
    }
    node->references++;
    node->named = table->renames;
    if (rename)
        orphan = exchange_name_locked(table, node, parent, name_copy);
    unlock_and_collect(table, orphan);
    *ret = node;
    return 0;
}

struct sfs_node *sfs_node_find(struct sfs_node_table *table, const struct sfs_identity *identity)
{
    (void)pthread_mutex_lock(&table->lock);
    struct sfs_node *node = find_locked(table, identity);
    if (node != NULL && (times_differ(node, identity) || handles_differ(node, &identity->handle)))
        node = NULL;
    if (node != NULL)
        node->references++;
    (void)pthread_mutex_unlock(&table->lock);
    return node;
}

void sfs_node_ref(struct sfs_node_table *table, struct sfs_node *node)
{
    (void)pthread_mutex_lock(&table->lock);
    node->references++;
    (void)pthread_mutex_unlock(&table->lock);
}

void sfs_node_unref(struct sfs_node_table *table, struct sfs_node *node, uint64_t references)
{
    (void)pthread_mutex_lock(&table->lock);
    /* a kernel that forgets more than it was given is not followed below zero */
    node->references -= references < node->references ? references : node->references;
    unlock_and_collect(table, node);
}

void sfs_node_add_file(struct sfs_node_table *table, struct sfs_node *node, struct sfs_file *file)
{
    (void)pthread_mutex_lock(&table->lock);
    file->node = node;
    file->next = node->files;
    node->files = file;
    (void)pthread_mutex_unlock(&table->lock);
}

void sfs_node_remove_file(struct sfs_node_table *table, struct sfs_node *node, struct sfs_file *file)
{
    (void)pthread_mutex_lock(&table->lock);
    struct sfs_file **at = &node->files;
    while (*at != file)
        at = &(*at)->next;
    *at = file->next;
    unlock_and_collect(table, node);
}

static void disown_locked(struct sfs_node_table *table, const struct sfs_node *dir, const char *name)
{
    for (size_t i = 0; i < table->bucket_count; i++)
        for (struct sfs_node *node = table->buckets[i]; node != NULL; node = node->hash_next)
            if (S_ISDIR(node->type) && has_name_locked(node, dir, name))
                node->replaced = true;
}

sfs_err sfs_node_rename(struct sfs_node_table *table, struct sfs_node *node, const struct sfs_node_name *from,
                        const struct sfs_node_name *to)
{
    char *copy = strdup(to->name);
    (void)pthread_mutex_lock(&table->lock);
    if (S_ISDIR(node->type)) {
        to->dir->received = node->named = ++table->renames;
        if (!has_name_locked(node, from->dir, from->name)) {
            atomic_store_explicit(&node->moved, true, memory_order_relaxed);
            disown_locked(table, from->dir, from->name);
        }
    }
    struct sfs_node *orphan = exchange_name_locked(table, node, to->dir, copy);
    unlock_and_collect(table, orphan);
    return copy != NULL ? 0 : -ENOMEM;
}

bool sfs_node_drop_name(struct sfs_node_table *table, struct sfs_node *node, struct sfs_node *dir, const char *name)
{
    (void)pthread_mutex_lock(&table->lock);
    struct sfs_node *orphan = NULL;
    bool had = has_name_locked(node, dir, name);
    if (had)
        orphan = exchange_name_locked(table, node, NULL, NULL);
    unlock_and_collect(table, orphan);
    return had;
}

void sfs_node_disown(struct sfs_node_table *table, struct sfs_node *dir, const char *name)
{
    (void)pthread_mutex_lock(&table->lock);
    disown_locked(table, dir, name);
    (void)pthread_mutex_unlock(&table->lock);
}

bool sfs_node_pin(struct sfs_node_table *table, struct sfs_node *node, int fd)
{
    (void)pthread_mutex_lock(&table->lock);
    bool kept = node->pinned_fd < 0 && fd >= 0;
    if (kept)
        node->pinned_fd = fd;
    (void)pthread_mutex_unlock(&table->lock);
    if (!kept)
        sfs_close(fd);
    return kept;
}

sfs_err sfs_node_path_locked(const struct sfs_node *node, const struct sfs_node *from, struct sfs_strbuf *path)
{
    size_t depth = 0;
    for (const struct sfs_node *at = node; at != from && at->parent != NULL; at = at->parent)
        depth++;
    const struct sfs_node **chain = calloc(depth + 1, sizeof(struct sfs_node *));
    if (chain == NULL)
        return -ENOMEM;
    size_t i = depth;
    const struct sfs_node *top = node;
    for (; top != from && top->parent != NULL; top = top->parent)
        chain[--i] = top;
    /* the chain ends at something that lost its name */
    sfs_err r = top == from ? 0 : -ENOENT;
    for (i = 0; i < depth && r >= 0; i++) {
        if (i > 0)
            r = sfs_strbuf_add_char(path, '/');
        if (r >= 0)
            r = sfs_strbuf_add_string(path, chain[i]->name);
    }
    free(chain);
    return r;
}

sfs_err sfs_node_path(struct sfs_node_table *table, struct sfs_node *node, char **ret)
{
    SFS_CLEANUP_STRBUF struct sfs_strbuf path = SFS_STRBUF_INIT;
    (void)pthread_mutex_lock(&table->lock);
    sfs_err r = sfs_node_path_locked(node, node->layer->root, &path);
    (void)pthread_mutex_unlock(&table->lock);
    if (r < 0)
        return r;
    *ret = sfs_strbuf_take(&path);
    return *ret != NULL ? 0 : -ENOMEM;
}
