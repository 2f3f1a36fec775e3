/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "view/stubs.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "layer/dir.h"
#include "layer/inode-number.h"
#include "../os/scratch.h"

static struct scratch scratch;
static struct sfs_fdcache *cache;
static struct sfs_layer *layer;
static struct sfs_stubs *stubs;

/* The source has "has" and "has/hidden"; all else on the ways is missing there. */
static void make(void)
{
    struct sfs_dir_options options = {0};
    char *path = NULL;
    scratch_make(&scratch);
    cr_assert_eq(mkdirat(scratch.fd, "has", 0755), 0);
    cr_assert_eq(mkdirat(scratch.fd, "has/hidden", 0755), 0);
    cr_assert_eq(sfs_fdcache_new(4, 1000, &cache), 0);
    int fd = open(scratch.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    cr_assert_eq(sfs_dir_layer_new(fd, &options, cache, &layer), 0);
    cr_assert_eq(sfs_stubs_new(&stubs), 0);
    cr_assert_eq(sfs_stubs_add(stubs, "a/b/c", false), 0);
    cr_assert_eq(sfs_stubs_add(stubs, "a/d", true), 0);
    cr_assert_eq(sfs_stubs_add(stubs, "ab", false), 0);
    cr_assert_eq(sfs_stubs_add(stubs, "a/b/c", false), 0);
    cr_assert_eq(sfs_stubs_add(stubs, "has/point", false), 0);
    cr_assert_eq(sfs_stubs_add(stubs, "has/hidden", true), 0);
    cr_assert_eq(sfs_stubs_add(stubs, "has/hidden", false), 0); /* still hidden */
    cr_assert_eq(sfs_stubs_settle(stubs, layer, &path), 0);
    cr_assert_null(path);
}

static void unmake(void)
{
    sfs_stubs_free(stubs);
    sfs_stubs_free(NULL);
    sfs_layer_free(layer);
    sfs_fdcache_free(cache);
    scratch_remove(&scratch);
}

TestSuite(stubs, .init = make, .fini = unmake);

/* The place at a path, or NULL where no way leads. */
static const struct sfs_stub *place(const char *path)
{
    char copy[64], *rest = NULL;
    const struct sfs_stub *at = sfs_stubs_place(stubs, layer->root);
    cr_assert_not_null(at);
    (void)snprintf(copy, sizeof copy, "%s", path);
    for (char *name = strtok_r(copy, "/", &rest); name != NULL && at != NULL; name = strtok_r(NULL, "/", &rest))
        at = sfs_stub_child(at, name);
    return at;
}

static struct sfs_node *shown(const char *path)
{
    const struct sfs_stub *stub = place(path);
    cr_assert_not_null(stub, "%s", path);
    return sfs_stub_node(stub);
}

Test(stubs, found_by_path)
{
    cr_assert_not_null(place("a"));
    cr_assert_not_null(place("a/b/c"));
    cr_assert_null(place("a/b/c/d"));
    cr_assert_null(place("a/c"));
    cr_assert_null(place("b"));
    cr_assert_null(place("abc"));
    cr_assert_str_eq(sfs_stub_name(place("a/b/c")), "c");
    cr_assert_eq(sfs_stubs_place(stubs, shown("a/b")), place("a/b"));
    cr_assert_eq(sfs_stub_child_at(place("a"), 1), place("a/d"));
    cr_assert_null(sfs_stub_child_at(place("a"), 2));
}

Test(stubs, the_source_comes_first_unless_hidden)
{
    cr_assert_eq(shown("has")->layer, layer);
    cr_assert_neq(shown("has/point")->layer, layer);
    cr_assert_neq(shown("has/hidden")->layer, layer);
    cr_assert_neq(shown("a")->layer, layer);
    cr_assert_eq(sfs_stubs_place(stubs, shown("has")), place("has"));
}

/* Decided once: what the source gets later does not change what is shown. */
Test(stubs, settled_for_good)
{
    cr_assert_eq(mkdirat(scratch.fd, "a", 0755), 0);
    cr_assert_neq(shown("a")->layer, layer);
    cr_assert_eq(renameat(scratch.fd, "has", scratch.fd, "moved"), 0);
    cr_assert_eq(shown("has")->layer, layer);
}

Test(stubs, something_in_the_way)
{
    struct sfs_stubs *other;
    char *path = NULL;
    scratch_write(&scratch, "has/file", "");
    cr_assert_eq(sfs_stubs_new(&other), 0);
    cr_assert_eq(sfs_stubs_add(other, "has/file/below", false), 0);
    cr_assert_eq(sfs_stubs_settle(other, layer, &path), -ENOTDIR);
    cr_assert_str_eq(path, "has/file");
    free(path);
    sfs_stubs_free(other);
}

static void stat_of(struct sfs_node *node, struct sfs_stat *ret)
{
    cr_assert_eq(sfs_node_ops(node)->getattr(node, NULL, ret), 0);
}

Test(stubs, attributes)
{
    struct sfs_stat a, b;
    stat_of(shown("a"), &a);
    stat_of(shown("a/b"), &b);
    cr_assert(S_ISDIR(a.st.st_mode));
    cr_assert_eq(a.st.st_mode & 07777, 0555u);
    cr_assert_neq(a.st.st_ino, b.st.st_ino);
    cr_assert_geq(a.st.st_ino, SFS_INODE_NUMBER_SYNTHETIC);
    cr_assert_geq(a.st.st_nlink, 2u);
}

struct names {
    char text[256];
    size_t room;
    off_t next;
};

static bool add_name(void *arg, const char *name, ino_t ino, unsigned char type, off_t next)
{
    struct names *names = arg;
    cr_assert_neq(ino, 0u);
    cr_assert_eq(type, DT_DIR);
    if (names->room-- == 0)
        return false;
    strcat(names->text, name);
    strcat(names->text, " ");
    names->next = next;
    return true;
}

Test(stubs, listed_from_any_offset)
{
    struct sfs_node *a = shown("a");
    const struct sfs_layer_ops *ops = sfs_node_ops(a);
    struct names all = {.room = 100};
    cr_assert_eq(ops->readdir(a, NULL, 0, 4096, add_name, &all), 0);
    cr_assert_str_eq(all.text, ". .. "); /* the rest is for the map to add (view/map.c) */
    struct names steps = {.room = 0};
    for (int i = 0; i < 6; i++) {
        steps.room = 1;
        cr_assert_eq(ops->readdir(a, NULL, steps.next, 4096, add_name, &steps), 0);
    }
    cr_assert_str_eq(steps.text, all.text);
}

Test(stubs, operations)
{
    struct sfs_node *a = shown("a"), *node;
    const struct sfs_layer_ops *ops = sfs_node_ops(a);
    struct sfs_caller caller = {0};
    struct sfs_stat at;
    struct sfs_file *file;
    struct stat to = {0};
    char buffer[16];
    cr_assert_eq(ops->lookup(a, "x", &node, &at), -ENOENT);
    ops->forget(a, 1);
    cr_assert_eq(ops->getattr(a, NULL, &at), 0);
    cr_assert_eq(ops->mkdir(a, "x", 0755, &caller, &node, &at), -EROFS);
    cr_assert_eq(ops->mknod(a, "x", S_IFREG, 0, &caller, &node, &at), -EROFS);
    cr_assert_eq(ops->symlink(a, "x", "y", &caller, &node, &at), -EROFS);
    cr_assert_eq(ops->create(a, "x", 0644, 0, &caller, &node, &file, &at), -EROFS);
    cr_assert_eq(ops->tmpfile(a, 0644, 0, &caller, &node, &file, &at), -EROFS);
    cr_assert_eq(ops->link(a, a, "x", &node, &at), -EROFS);
    cr_assert_eq(ops->unlink(a, "b"), -EROFS);
    cr_assert_eq(ops->rmdir(a, "b"), -EROFS);
    cr_assert_eq(ops->rename(a, "b", a, "x", 0, &caller), -EROFS);
    cr_assert_eq(ops->setattr(a, NULL, &to, SFS_SET_MODE, &caller, &at), -EROFS);
    cr_assert_eq(ops->setxattr(a, "user.a", "v", 1, 0, &caller), -EROFS);
    cr_assert_eq(ops->removexattr(a, "user.a"), -EROFS);
    cr_assert_eq(ops->getxattr(a, "user.a", buffer, sizeof buffer), -ENODATA);
    cr_assert_eq(ops->listxattr(a, buffer, sizeof buffer), 0);
    cr_assert_eq(ops->readlink(a, buffer, sizeof buffer), -EINVAL);
    cr_assert_eq(ops->open(a, 0, &caller, &file, &at), -EISDIR);
    struct sfs_borrowed borrowed;
    cr_assert_eq(ops->borrow(a, false, &borrowed), -EISDIR);
    cr_assert_eq(ops->inode_flags(a, NULL, 1, buffer, &caller), -ENOTTY);
    cr_assert_eq(ops->opendir(a, &file, &at), 0);
    cr_assert_eq(ops->fsyncdir(a, file, true), 0);
    ops->release(file);
}
