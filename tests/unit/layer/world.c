/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "world.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void world_make_with(struct world *world, const struct sfs_dir_options *options, size_t descriptors)
{
    memset(world, 0, sizeof *world);
    scratch_make(&world->at);
    cr_assert_eq(sfs_cred_init(), 0);
    (void)umask(0);
    cr_assert_eq(sfs_fdcache_new(descriptors, 1000, &world->cache), 0);
    int fd = open(world->at.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    cr_assert_geq(fd, 0);
    cr_assert_eq(sfs_dir_layer_new(fd, options, world->cache, &world->layer), 0);
    world->root = world->layer->root;
    world->ops = world->layer->ops;
    world->me = (struct sfs_caller){.uid = geteuid(), .gid = getegid(), .umask = 022};
}

void world_make(struct world *world, enum way way)
{
    struct sfs_dir_options options = {.frozen = way != BY_HANDLE};
    world_make_with(world, &options, way == SMALL_CACHE ? 1 : 16);
    if (way != BY_HANDLE)
        cr_assert_str_eq(world->layer->reopen_word(world->layer), "path");
}

void world_remove(struct world *world)
{
    cr_assert_eq(world->layer->node_count(world->layer), 1u, "%ju nodes are left",
                 (uintmax_t)world->layer->node_count(world->layer));
    world_drop(world);
}

void world_drop(struct world *world)
{
    sfs_layer_free(world->layer);
    cr_assert_eq(sfs_fdcache_count(world->cache), 0u);
    sfs_fdcache_free(world->cache);
    scratch_remove(&world->at);
}

struct sfs_node *world_find(struct world *world, const char *path)
{
    struct sfs_node *at = world->root;
    while (*path != '\0') {
        char name[300];
        size_t length = strcspn(path, "/");
        memcpy(name, path, length);
        name[length] = '\0';
        struct sfs_node *next;
        struct sfs_stat st;
        sfs_err r = world->ops->lookup(at, name, &next, &st);
        cr_assert_eq(r, 0, "%s: %s", name, strerror(-r));
        if (at != world->root)
            world_forget(world, at);
        at = next;
        path += length + strspn(path + length, "/");
    }
    return at;
}

sfs_err world_lookup(struct world *world, struct sfs_node *dir, const char *name)
{
    struct sfs_node *node;
    struct sfs_stat st;
    sfs_err r = world->ops->lookup(dir, name, &node, &st);
    if (r >= 0)
        world_forget(world, node);
    return r;
}

void world_forget(struct world *world, struct sfs_node *node)
{
    world->ops->forget(node, 1);
}

const char *world_read(struct world *world, struct sfs_node *node, sfs_err *ret_error)
{
    static char text[256];
    struct sfs_file *file;
    struct sfs_stat st;
    *ret_error = world->ops->open(node, O_RDONLY, &world->me, &file, &st);
    if (*ret_error < 0)
        return NULL;
    ssize_t n = world->ops->read(file, text, sizeof text - 1, 0);
    cr_assert_geq(n, 0);
    text[n] = '\0';
    world->ops->release(file);
    return text;
}

bool listing_add(void *arg, const char *name, ino_t ino, unsigned char type, off_t next)
{
    struct listing *listing = arg;
    (void)type;
    cr_assert_neq(ino, 0u);
    if (listing->most > 0 && listing->count >= listing->most)
        return false;
    strcat(listing->text, name);
    strcat(listing->text, " ");
    listing->count++;
    listing->next = next;
    return true;
}
