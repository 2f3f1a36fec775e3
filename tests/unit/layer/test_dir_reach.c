/* SPDX-License-Identifier: MIT */
/* Reaching nodes again: after renames and removals, through the map and behind its back, and in very deep trees. */
#include "config.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "world.h"

static struct world w;

#define EVERY_WAY(test)                                                                                                \
    static void test##_body(enum way way);                                                                             \
    Test(reach, test, .timeout = 60)                                                                                   \
    {                                                                                                                  \
        for (enum way way = 0; way < WAYS; way++) {                                                                    \
            world_make(&w, way);                                                                                       \
            test##_body(way);                                                                                          \
            world_remove(&w);                                                                                          \
        }                                                                                                              \
    }                                                                                                                  \
    static void test##_body(enum way way)

static bool by_handle(void)
{
    return strcmp(w.layer->reopen_word(w.layer), "handle") == 0;
}

static void reads(struct sfs_node *node, const char *expected)
{
    sfs_err r;
    (void)sfs_fdcache_shrink(w.cache); /* no descriptor at hand: it has to be found anew */
    const char *text = world_read(&w, node, &r);
    cr_assert_not_null(text, "%s", strerror(-r));
    cr_assert_str_eq(text, expected);
}

static sfs_err stat_of(struct sfs_node *node)
{
    struct sfs_stat at;
    (void)sfs_fdcache_shrink(w.cache);
    return w.ops->getattr(node, NULL, &at);
}

EVERY_WAY(unlinked_while_referred_to)
{
    (void)way;
    scratch_write(&w.at, "file", "text");
    struct sfs_node *file = world_find(&w, "file");
    struct sfs_stat at;
    cr_assert_eq(w.ops->unlink(w.root, "file"), 0);
    (void)sfs_fdcache_shrink(w.cache);
    cr_assert_eq(w.ops->getattr(file, NULL, &at), 0);
    cr_assert_eq(at.st.st_nlink, 0u);
    reads(file, "text");
    world_forget(&w, file);
}

EVERY_WAY(one_of_two_names_removed)
{
    (void)way;
    scratch_write(&w.at, "one", "text");
    cr_assert_eq(linkat(w.at.fd, "one", w.at.fd, "two", 0), 0);
    struct sfs_node *file = world_find(&w, "two");
    cr_assert_eq(w.ops->unlink(w.root, "two"), 0);
    reads(file, "text");
    world_forget(&w, file);
}

EVERY_WAY(removed_directory)
{
    (void)way;
    cr_assert_eq(mkdirat(w.at.fd, "dir", 0755), 0);
    struct sfs_node *dir = world_find(&w, "dir"), *made;
    struct sfs_stat at;
    cr_assert_eq(w.ops->rmdir(w.root, "dir"), 0);
    cr_assert_eq(stat_of(dir), 0);
    cr_assert_eq(w.ops->mkdir(dir, "below", 0755, &w.me, &made, &at), -ENOENT);
    cr_assert_eq(world_lookup(&w, dir, "below"), -ENOENT);
    world_forget(&w, dir);
}

EVERY_WAY(renamed_through_the_map)
{
    (void)way;
    cr_assert_eq(mkdirat(w.at.fd, "a", 0755), 0);
    cr_assert_eq(mkdirat(w.at.fd, "a/sub", 0755), 0);
    cr_assert_eq(mkdirat(w.at.fd, "b", 0755), 0);
    scratch_write(&w.at, "a/sub/file", "text");
    struct sfs_node *file = world_find(&w, "a/sub/file"), *a = world_find(&w, "a"), *b = world_find(&w, "b");
    cr_assert_eq(w.ops->rename(a, "sub", b, "moved", 0, &w.me), 0);
    reads(file, "text");
    cr_assert_eq(w.ops->rename(w.root, "b", w.root, "c", 0, &w.me), 0);
    reads(file, "text");
    char *path;
    cr_assert_eq(w.layer->path(file, &path), 0);
    cr_assert_str_eq(path, "c/moved/file");
    free(path);
    world_forget(&w, a);
    world_forget(&w, b);
    world_forget(&w, file);
}

EVERY_WAY(renamed_behind_our_back)
{
    (void)way;
    cr_assert_eq(mkdirat(w.at.fd, "dir", 0755), 0);
    scratch_write(&w.at, "dir/file", "text");
    struct sfs_node *file = world_find(&w, "dir/file");
    cr_assert_eq(renameat(w.at.fd, "dir", w.at.fd, "else"), 0);
    if (by_handle())
        reads(file, "text");
    else
        cr_assert_eq(stat_of(file), -ESTALE);
    /* looked up anew it is known again */
    struct sfs_node *again = world_find(&w, "else/file");
    cr_assert_eq(file, again);
    reads(file, "text");
    w.ops->forget(file, 2);
}

/* The name leads to another file now: never the old node's. */
EVERY_WAY(replaced_behind_our_back)
{
    scratch_write(&w.at, "file", "old");
    struct sfs_node *file = world_find(&w, "file");
    scratch_write(&w.at, "draft", "new");
    cr_assert_eq(renameat(w.at.fd, "draft", w.at.fd, "file"), 0);
    cr_assert_eq(stat_of(file), -ESTALE);
    sfs_err r;
    cr_assert_null(world_read(&w, file, &r));
    cr_assert_eq(r, -ESTALE);
    struct sfs_borrowed borrowed;
    cr_assert_eq(w.ops->borrow(file, false, &borrowed), -ESTALE);
    struct sfs_node *later = world_find(&w, "file");
    cr_assert_neq(file, later);
    reads(later, "new");
    world_forget(&w, later);
    world_forget(&w, file);
    (void)way;
}

EVERY_WAY(an_open_file_stays_what_it_was)
{
    (void)way;
    scratch_write(&w.at, "file", "old");
    struct sfs_node *node = world_find(&w, "file");
    struct sfs_file *file;
    struct sfs_stat at;
    cr_assert_eq(w.ops->open(node, O_RDONLY, &w.me, &file, &at), 0);
    scratch_write(&w.at, "draft", "new!");
    cr_assert_eq(renameat(w.at.fd, "draft", w.at.fd, "file"), 0);
    char text[8];
    cr_assert_eq(w.ops->read(file, text, sizeof text, 0), 3);
    cr_assert_eq(memcmp(text, "old", 3), 0);
    cr_assert_eq(w.ops->getattr(node, NULL, &at), 0); /* reached by its open file */
    cr_assert_eq(at.st.st_size, 3);
    world_forget(&w, node);
    w.ops->release(file); /* held the node */
}

EVERY_WAY(a_directory_replaced_by_a_symlink)
{
    (void)way;
    cr_assert_eq(mkdirat(w.at.fd, "dir", 0755), 0);
    cr_assert_eq(mkdirat(w.at.fd, "other", 0755), 0);
    scratch_write(&w.at, "dir/file", "right");
    scratch_write(&w.at, "other/file", "wrong");
    struct sfs_node *file = world_find(&w, "dir/file");
    cr_assert_eq(renameat(w.at.fd, "dir", w.at.fd, "away"), 0);
    cr_assert_eq(symlinkat("other", w.at.fd, "dir"), 0);
    if (by_handle())
        reads(file, "right");
    else
        cr_assert_eq(stat_of(file), -ESTALE);
    world_forget(&w, file);
}

/* Filesystems reuse inode numbers: whoever had the number before is another file. */
EVERY_WAY(inode_numbers_used_again)
{
    (void)way;
    for (unsigned i = 0; i < 200; i++) {
        char old_text[16], new_text[16];
        (void)snprintf(old_text, sizeof old_text, "old %u", i);
        (void)snprintf(new_text, sizeof new_text, "new %u", i);
        scratch_write(&w.at, "file", old_text);
        struct sfs_node *old_node = world_find(&w, "file");
        cr_assert_eq(unlinkat(w.at.fd, "file", 0), 0);
        scratch_write(&w.at, "file", new_text);
        struct sfs_node *new_node = world_find(&w, "file");
        cr_assert_neq(old_node, new_node);
        sfs_err r;
        cr_assert_null(world_read(&w, old_node, &r));
        cr_assert_eq(r, -ESTALE);
        reads(new_node, new_text);
        world_forget(&w, old_node);
        world_forget(&w, new_node);
        cr_assert_eq(unlinkat(w.at.fd, "file", 0), 0);
    }
}

/* 200 directories deep with names of 255 bytes: far beyond PATH_MAX. */
EVERY_WAY(very_deep)
{
    enum { DEPTH = 200 };
    (void)way;
    char name[NAME_MAX + 1];
    memset(name, 'd', NAME_MAX);
    name[NAME_MAX] = '\0';
    struct sfs_node *nodes[DEPTH], *at = w.root;
    struct sfs_stat st;
    for (int i = 0; i < DEPTH; i++) {
        cr_assert_eq(w.ops->mkdir(at, name, 0755, &w.me, &nodes[i], &st), 0);
        at = nodes[i];
    }
    struct sfs_node *file;
    struct sfs_file *open_file;
    cr_assert_eq(w.ops->create(at, "file", 0644, O_WRONLY, &w.me, &file, &open_file, &st), 0);
    cr_assert_eq(w.ops->write(open_file, "deep", 4, 0, false, &w.me), 4);
    w.ops->release(open_file);
    reads(file, "deep");
    char *path;
    cr_assert_eq(w.layer->path(file, &path), 0);
    cr_assert_eq(strlen(path), (size_t)DEPTH * (NAME_MAX + 1) + 4);
    free(path);
    for (int i = 0; i < DEPTH; i++)
        world_forget(&w, nodes[i]);
    reads(file, "deep"); /* only its own chain of parents is left */
    world_forget(&w, file);
}

struct mover {
    struct sfs_node *a, *b;
    atomic_bool stop;
    atomic_uint moves;
};

static void *move(void *data)
{
    struct mover *mover = data;
    while (!atomic_load(&mover->stop)) {
        if (w.ops->rename(mover->a, "dir", mover->b, "dir", 0, &w.me) < 0 ||
            w.ops->rename(mover->b, "dir", mover->a, "dir", 0, &w.me) < 0)
            return data;
        atomic_fetch_add(&mover->moves, 1);
    }
    return NULL;
}

/* Renames through the map never make a node unreachable. */
EVERY_WAY(while_it_is_moved)
{
    (void)way;
    cr_assert_eq(mkdirat(w.at.fd, "a", 0755), 0);
    cr_assert_eq(mkdirat(w.at.fd, "b", 0755), 0);
    cr_assert_eq(mkdirat(w.at.fd, "a/dir", 0755), 0);
    scratch_write(&w.at, "a/dir/file", "text");
    struct sfs_node *file = world_find(&w, "a/dir/file");
    struct mover mover = {.a = world_find(&w, "a"), .b = world_find(&w, "b")};
    pthread_t thread;
    unsigned stale = 0;
    cr_assert_eq(pthread_create(&thread, NULL, move, &mover), 0);
    /* on a busy machine the other thread may begin late */
    for (unsigned i = 0; i < 3000 || atomic_load(&mover.moves) < 10; i++) {
        sfs_err r;
        if (i % 3 == 0)
            (void)sfs_fdcache_shrink(w.cache);
        const char *text = world_read(&w, file, &r);
        if (text == NULL && r == -ESTALE)
            stale++;
        else
            cr_assert_str_eq(text, "text");
    }
    atomic_store(&mover.stop, true);
    void *failed;
    cr_assert_eq(pthread_join(thread, &failed), 0);
    cr_assert_null(failed, "a rename failed");
    cr_assert_eq(stale, 0u, "%u were stale", stale);
    world_forget(&w, file);
    world_forget(&w, mover.a);
    world_forget(&w, mover.b);
}

/* One descriptor cached, a thousand directories walked: none is left open. */
EVERY_WAY(many_directories)
{
    char name[32];
    struct sfs_node *nodes[1000];
    struct sfs_stat at;
    for (unsigned i = 0; i < 1000; i++) {
        (void)snprintf(name, sizeof name, "d%u", i);
        cr_assert_eq(w.ops->mkdir(w.root, name, 0755, &w.me, &nodes[i], &at), 0);
        cr_assert_eq(world_lookup(&w, nodes[i], "missing"), -ENOENT);
    }
    cr_assert_leq(sfs_fdcache_count(w.cache), way == SMALL_CACHE ? 1u : 16u);
    for (unsigned i = 0; i < 1000; i++) {
        cr_assert_eq(world_lookup(&w, nodes[i], "missing"), -ENOENT);
        world_forget(&w, nodes[i]);
    }
}
