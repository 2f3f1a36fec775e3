/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "layer/node.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "layer/layer.h"

static struct sfs_node_table table;
static struct sfs_layer layer;
static atomic_size_t disposed;

static void dispose(struct sfs_node *node)
{
    cr_assert_eq(node->references, 0u);
    atomic_fetch_add(&disposed, 1);
}

/* At the end some still have references. */
static void dispose_any(struct sfs_node *node)
{
    (void)node;
}

static struct sfs_identity identity_of(uint64_t ino, uint16_t type)
{
    return (struct sfs_identity){.ino = ino, .btime = 1000, .type = type};
}

static struct sfs_node *intern(struct sfs_node *parent, const char *name, uint64_t ino, uint16_t type)
{
    struct sfs_identity identity = identity_of(ino, type);
    struct sfs_node *node = NULL;
    cr_assert_eq(sfs_node_intern(&table, &layer, parent, name, &identity, NULL, &node), 0);
    cr_assert_not_null(node);
    return node;
}

static void unref(struct sfs_node *node)
{
    sfs_node_unref(&table, node, 1);
}

static int renamed(struct sfs_node *node, struct sfs_node *dir, const char *name)
{
    struct sfs_node_name from = {node->parent, node->name != NULL ? node->name : ""}, to = {dir, name};
    return sfs_node_rename(&table, node, &from, &to);
}

static void make(void)
{
    disposed = 0;
    layer = (struct sfs_layer){0};
    cr_assert_eq(sfs_node_table_init(&table, dispose), 0);
    layer.root = intern(NULL, NULL, 1, S_IFDIR);
}

static void unmake(void)
{
    table.dispose = dispose_any;
    sfs_node_table_release(&table);
}

TestSuite(node, .init = make, .fini = unmake);

static void lies_at(struct sfs_node *node, const char *expected)
{
    char *path = NULL;
    sfs_err r = sfs_node_path(&table, node, &path);
    if (expected == NULL) {
        cr_assert_eq(r, -ENOENT);
        return;
    }
    cr_assert_eq(r, 0);
    cr_assert_str_eq(path, expected);
    free(path);
}

Test(node, same_identity_same_node)
{
    struct sfs_node *a = intern(layer.root, "a", 2, S_IFREG), *again = intern(layer.root, "a", 2, S_IFREG);
    cr_assert_eq(a, again);
    cr_assert_eq(a->references, 2u);
    cr_assert_eq(table.count, 2u);
    struct sfs_identity identity = identity_of(2, S_IFREG);
    cr_assert_eq(sfs_node_find(&table, &identity), a);
    identity.ino = 3;
    cr_assert_null(sfs_node_find(&table, &identity));
    sfs_node_unref(&table, a, 3);
    cr_assert_eq(disposed, 1u);
    cr_assert_eq(table.count, 1u);
}

Test(node, more_forgotten_than_given)
{
    struct sfs_node *a = intern(layer.root, "a", 2, S_IFREG);
    sfs_node_unref(&table, a, 1000);
    cr_assert_eq(disposed, 1u);
}

Test(node, another_device_or_mount_is_another_node)
{
    struct sfs_identity identity = identity_of(2, S_IFDIR);
    struct sfs_node *a = intern(layer.root, "a", 2, S_IFDIR), *b, *c;
    identity.device = 1;
    cr_assert_eq(sfs_node_intern(&table, &layer, layer.root, "b", &identity, NULL, &b), 0);
    identity.device = 0;
    identity.mount = 7;
    cr_assert_eq(sfs_node_intern(&table, &layer, layer.root, "c", &identity, NULL, &c), 0);
    cr_assert(a != b && b != c && a != c);
}

/* The kernel gives the inode number of a deleted file to the next one. */
Test(node, number_taken_over_by_another_file)
{
    struct sfs_node *a = intern(layer.root, "a", 2, S_IFREG);
    struct sfs_identity later = identity_of(2, S_IFREG);
    later.btime = 2000;
    cr_assert_null(sfs_node_find(&table, &later));
    struct sfs_node *b;
    cr_assert_eq(sfs_node_intern(&table, &layer, layer.root, "a", &later, NULL, &b), 0);
    cr_assert_neq(a, b);
    cr_assert_eq(sfs_node_find(&table, &later), b);
    struct sfs_identity earlier = identity_of(2, S_IFREG);
    cr_assert_null(sfs_node_find(&table, &earlier)); /* detached: not found, but alive */
    lies_at(a, "a");
    unref(a);
    cr_assert_eq(disposed, 1u);
    unref(b);
    unref(b);
    cr_assert_eq(table.count, 1u);
}

Test(node, only_the_handles_differ)
{
    struct sfs_identity identity = identity_of(2, S_IFREG);
    identity.handle = (struct sfs_handle){.type = 1, .length = 4, .bytes = "one"};
    struct sfs_node *a, *b = NULL;
    bool mismatch = true;
    cr_assert_eq(sfs_node_intern(&table, &layer, layer.root, "a", &identity, &mismatch, &a), 0);
    cr_assert_not(mismatch);
    memcpy(identity.handle.bytes, "two", 4);
    cr_assert_eq(sfs_node_intern(&table, &layer, layer.root, "a", &identity, &mismatch, &b), 0);
    cr_assert(mismatch);
    cr_assert_null(b); /* the caller looks again first */
    cr_assert_eq(sfs_node_intern(&table, &layer, layer.root, "a", &identity, NULL, &b), 0);
    cr_assert_neq(a, b);
    identity.handle.length = 0; /* nothing to compare: the same */
    struct sfs_node *c;
    cr_assert_eq(sfs_node_intern(&table, &layer, layer.root, "a", &identity, &mismatch, &c), 0);
    cr_assert_eq(b, c);
}

Test(node, parents_live_as_long_as_their_children)
{
    struct sfs_node *dir = intern(layer.root, "dir", 2, S_IFDIR), *sub = intern(dir, "sub", 3, S_IFDIR);
    struct sfs_node *file = intern(sub, "file", 4, S_IFREG);
    lies_at(file, "dir/sub/file");
    lies_at(layer.root, "");
    unref(dir);
    unref(sub);
    cr_assert_eq(disposed, 0u);
    lies_at(file, "dir/sub/file");
    unref(file);
    cr_assert_eq(disposed, 3u);
    cr_assert_eq(table.count, 1u);
    cr_assert_eq(layer.root->children, 0u);
}

Test(node, renamed)
{
    struct sfs_node *one = intern(layer.root, "one", 2, S_IFDIR), *two = intern(layer.root, "two", 3, S_IFDIR);
    struct sfs_node *file = intern(one, "file", 4, S_IFREG);
    uint64_t changes = table.changes;
    cr_assert_eq(renamed(file, two, "other"), 0);
    cr_assert_gt(table.changes, changes);
    lies_at(file, "two/other");
    cr_assert_eq(one->children, 0u);
    cr_assert_eq(two->children, 1u);
    unref(one);
    cr_assert_eq(disposed, 1u);
    sfs_node_drop_name(&table, file, two, "not this one");
    lies_at(file, "two/other");
    sfs_node_drop_name(&table, file, two, "other");
    lies_at(file, NULL);
    cr_assert_eq(two->children, 0u);
    /* a second name brings it back */
    cr_assert_eq(intern(two, "again", 4, S_IFREG), file);
    lies_at(file, "two/again");
}

Test(node, last_child_goes_by_rename)
{
    struct sfs_node *one = intern(layer.root, "one", 2, S_IFDIR), *file = intern(one, "file", 4, S_IFREG);
    unref(one); /* kept by its child only */
    cr_assert_eq(renamed(file, layer.root, "file"), 0);
    cr_assert_eq(disposed, 1u);
    lies_at(file, "file");
}

/* Where the kernel has a directory is known as long as only the map renames it (see node.h). */
Test(node, directory_moved_in_the_source)
{
    struct sfs_node *a = intern(layer.root, "a", 2, S_IFDIR), *child = intern(a, "child", 3, S_IFREG);
    cr_assert_eq(intern(layer.root, "a", 2, S_IFDIR), a);
    cr_assert_not(a->moved);
    /* forgotten, but for a child: nobody has it */
    sfs_node_unref(&table, a, 2);
    cr_assert_eq(intern(layer.root, "b", 2, S_IFDIR), a);
    cr_assert_not(a->moved);
    cr_assert_eq(intern(layer.root, "c", 2, S_IFDIR), a);
    cr_assert(a->moved);
    lies_at(child, "c/child");
    /* a file may have many names */
    cr_assert_eq(intern(layer.root, "child", 3, S_IFREG), child);
    cr_assert_not(child->moved);
}

Test(node, directory_renamed)
{
    struct sfs_node *a = intern(layer.root, "a", 2, S_IFDIR);
    cr_assert_eq(renamed(a, layer.root, "b"), 0);
    cr_assert_eq(intern(layer.root, "b", 2, S_IFDIR), a);
    cr_assert_not(a->moved);
}

/* Something was renamed to a name in the directory: it may have been the old one of what is found elsewhere now. */
Test(node, directory_that_may_have_been_replaced)
{
    struct sfs_node *dir = intern(layer.root, "dir", 2, S_IFDIR), *a = intern(dir, "a", 3, S_IFDIR);
    struct sfs_node *b = intern(layer.root, "b", 4, S_IFDIR), *file = intern(layer.root, "file", 5, S_IFREG);
    cr_assert_eq(renamed(file, dir, "a"), 0);
    cr_assert_eq(intern(layer.root, "a", 3, S_IFDIR), a);
    cr_assert_eq(intern(dir, "a", 3, S_IFDIR), a);
    /* a lookup that was overtaken by a rename is not taken for that */
    cr_assert_eq(renamed(a, dir, "other"), 0);
    cr_assert_eq(intern(dir, "a", 3, S_IFDIR), a);
    cr_assert_eq(renamed(b, dir, "a"), 0);
    struct sfs_node *again = intern(layer.root, "a", 3, S_IFDIR);
    cr_assert_neq(again, a);
    lies_at(again, "a");
    sfs_node_unref(&table, a, 4);
    unref(again);
    unref(file);
    unref(b);
    unref(dir);
    cr_assert_eq(table.count, 1u);
}

/* A name that is not known any more was removed. */
Test(node, directory_without_a_name)
{
    struct sfs_node *a = intern(layer.root, "a", 2, S_IFDIR);
    cr_assert(sfs_node_drop_name(&table, a, layer.root, "a"));
    cr_assert_neq(intern(layer.root, "a", 2, S_IFDIR), a);
}

Test(node, directory_renamed_or_removed_by_mistake)
{
    struct sfs_node *a = intern(layer.root, "a", 2, S_IFDIR), *b = intern(layer.root, "b", 3, S_IFDIR);
    struct sfs_node *c = intern(layer.root, "c", 4, S_IFDIR), *file = intern(layer.root, "file", 5, S_IFREG);
    struct sfs_node_name from = {layer.root, "b"}, to = {layer.root, "new"};
    /* in the source a was called b by then; the kernel has renamed b */
    cr_assert_eq(sfs_node_rename(&table, a, &from, &to), 0);
    lies_at(a, "new");
    cr_assert(a->moved);
    cr_assert_neq(intern(layer.root, "b", 3, S_IFDIR), b);
    /* what was called c is removed, and was not known there */
    cr_assert_not(sfs_node_drop_name(&table, a, layer.root, "c"));
    sfs_node_disown(&table, layer.root, "c");
    sfs_node_disown(&table, layer.root, "file"); /* of files the kernel learns it from the number of links */
    cr_assert_neq(intern(layer.root, "c", 4, S_IFDIR), c);
    cr_assert_eq(intern(layer.root, "new", 2, S_IFDIR), a);
    cr_assert_eq(intern(layer.root, "file", 5, S_IFREG), file);
}

/* Seen behind our back: a/b, then b at the top, then a in b. The names must never form a ring. */
Test(node, cycles_are_broken)
{
    struct sfs_node *a = intern(layer.root, "a", 2, S_IFDIR), *b = intern(a, "b", 3, S_IFDIR);
    struct sfs_node *c = intern(b, "c", 4, S_IFDIR);
    cr_assert_eq(intern(c, "a", 2, S_IFDIR), a);
    lies_at(a, NULL);
    lies_at(c, NULL);
    lies_at(b, NULL);
    /* b has lost its name: it may have been removed */
    struct sfs_node *b_again = intern(layer.root, "b", 3, S_IFDIR);
    cr_assert_neq(b_again, b);
    cr_assert_eq(intern(b_again, "c", 4, S_IFDIR), c);
    lies_at(a, "b/c/a");
    sfs_node_unref(&table, a, 2);
    sfs_node_unref(&table, c, 2);
    unref(b);
    unref(b_again);
    cr_assert_eq(table.count, 1u);
}

Test(node, the_root_stays_where_it_is)
{
    struct sfs_node *a = intern(layer.root, "a", 2, S_IFDIR);
    cr_assert_eq(intern(a, "loop", 1, S_IFDIR), layer.root);
    lies_at(layer.root, "");
    lies_at(a, "a");
    unref(layer.root);
}

Test(node, pinned_once)
{
    struct sfs_node *a = intern(layer.root, "a", 2, S_IFREG);
    int one = open("/dev/null", O_RDONLY), two = open("/dev/null", O_RDONLY);
    cr_assert(sfs_node_pin(&table, a, one));
    cr_assert_not(sfs_node_pin(&table, a, two));
    cr_assert_not(sfs_node_pin(&table, a, -1));
    cr_assert_eq(fcntl(two, F_GETFD), -1); /* not wanted, closed */
    cr_assert_neq(fcntl(one, F_GETFD), -1);
    unref(a);
    cr_assert_eq(fcntl(one, F_GETFD), -1);
}

Test(node, open_files_hold_their_node)
{
    struct sfs_node *a = intern(layer.root, "a", 2, S_IFREG);
    struct sfs_file one = {0}, two = {0};
    sfs_node_add_file(&table, a, &one);
    sfs_node_add_file(&table, a, &two);
    cr_assert_eq(one.node, a);
    unref(a);
    sfs_node_remove_file(&table, a, &one);
    cr_assert_eq(disposed, 0u);
    cr_assert_eq(a->files, &two);
    sfs_node_remove_file(&table, a, &two);
    cr_assert_eq(disposed, 1u);
}

Test(node, many_grow_and_shrink)
{
    enum { MANY = 100000 };
    struct sfs_node **nodes = calloc(MANY, sizeof(struct sfs_node *));
    size_t least = table.bucket_count;
    char name[32];
    for (size_t i = 0; i < MANY; i++) {
        (void)snprintf(name, sizeof name, "n%zu", i);
        nodes[i] = intern(layer.root, name, i + 2, S_IFREG);
    }
    cr_assert_geq(table.bucket_count, (size_t)MANY / 2);
    cr_assert_eq(table.count, (size_t)MANY + 1);
    for (size_t i = 0; i < MANY; i++) {
        struct sfs_identity identity = identity_of(i + 2, S_IFREG);
        cr_assert_eq(sfs_node_find(&table, &identity), nodes[i]);
        sfs_node_unref(&table, nodes[i], 2);
    }
    cr_assert_eq(disposed, (size_t)MANY);
    cr_assert_eq(table.count, 1u);
    cr_assert_eq(table.bucket_count, least);
    free(nodes);
}

/* A rename that raced with another behind our back may say that a directory now lies in itself. */
Test(node, never_lies_in_itself)
{
    struct sfs_node *a = intern(layer.root, "a", 2, S_IFDIR);
    struct sfs_node *b = intern(a, "b", 3, S_IFDIR);
    cr_assert_eq(renamed(b, b, "c"), 0);
    char *path;
    cr_assert_eq(sfs_node_path(&table, b, &path), -ENOENT);
    cr_assert_eq(renamed(a, a, "d"), 0);
    cr_assert_eq(renamed(b, a, "b"), 0); /* and nothing looks for its way up for ever */
    cr_assert_eq(renamed(a, layer.root, "a"), 0);
    lies_at(b, "a/b");
    unref(b);
    unref(a);
    cr_assert_eq(table.count, 1u);
}

/* Memory per known file is a promise (stablefs-semantics(7)): 200 bytes beside the name. */
Test(node, is_small)
{
    cr_assert_leq(sizeof(struct sfs_node) + 24 /* handle */ + 16 /* malloc */, 200u);
}

struct worker {
    pthread_t id;
    uint64_t random;
    bool wrong;
};

static void *work(void *data)
{
    struct worker *worker = data;
    char name[32];
    for (unsigned i = 0; i < 20000; i++) {
        worker->random = worker->random * UINT64_C(6364136223846793005) + 1442695040888963407;
        uint64_t ino = 2 + (worker->random >> 33) % 50;
        struct sfs_identity identity = identity_of(ino, S_IFDIR);
        struct sfs_node *node, *other;
        (void)snprintf(name, sizeof name, "n%u", (unsigned)(worker->random >> 20) % 5);
        if (sfs_node_intern(&table, &layer, layer.root, name, &identity, NULL, &node) < 0)
            worker->wrong = true;
        identity.ino = 2 + (worker->random >> 40) % 50;
        if (identity.ino != ino && sfs_node_intern(&table, &layer, node, name, &identity, NULL, &other) == 0) {
            char *path = NULL;
            if (sfs_node_path(&table, other, &path) == 0)
                free(path);
            sfs_node_unref(&table, other, 1);
        }
        if (node->ino != ino)
            worker->wrong = true;
        sfs_node_unref(&table, node, 1);
    }
    return NULL;
}

Test(node, several_threads)
{
    struct worker workers[4];
    for (size_t i = 0; i < 4; i++) {
        workers[i] = (struct worker){.random = i + 1};
        cr_assert_eq(pthread_create(&workers[i].id, NULL, work, &workers[i]), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        (void)pthread_join(workers[i].id, NULL);
        cr_assert_not(workers[i].wrong);
    }
    cr_assert_eq(table.count, 1u);
    cr_assert_eq(layer.root->children, 0u);
}
