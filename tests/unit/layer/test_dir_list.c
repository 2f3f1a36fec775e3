/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "world.h"

static struct world w;

static void make(void)
{
    world_make(&w, BY_HANDLE);
}

static void unmake(void)
{
    world_remove(&w);
}

TestSuite(list, .init = make, .fini = unmake);

/* How often the name is in the listing. */
static unsigned times(const struct listing *listing, const char *name)
{
    char padded[300];
    unsigned count = 0;
    (void)snprintf(padded, sizeof padded, "%s ", name);
    for (const char *at = listing->text; (at = strstr(at, padded)) != NULL; at++)
        count += at == listing->text || at[-1] == ' ';
    return count;
}

static struct sfs_file *open_root(void)
{
    struct sfs_file *file;
    struct sfs_stat at;
    cr_assert_eq(w.ops->opendir(w.root, &file, &at), 0);
    cr_assert(S_ISDIR(at.st.st_mode));
    return file;
}

static void make_files(unsigned count)
{
    char name[32];
    for (unsigned i = 0; i < count; i++) {
        (void)snprintf(name, sizeof name, "file-%u", i);
        scratch_write(&w.at, name, "");
    }
}

Test(list, empty_has_dots)
{
    struct listing all = {.most = 0};
    cr_assert_eq(w.ops->readdir(w.root, NULL, 0, 4096, listing_add, &all), 0);
    cr_assert_eq(all.count, 2u);
    cr_assert_eq(times(&all, "."), 1u);
    cr_assert_eq(times(&all, ".."), 1u);
}

static void everything_once(struct sfs_file *file, size_t step)
{
    struct listing all = {.most = step};
    for (size_t before = 1; before != all.count;) {
        before = all.count;
        all.most = before + step;
        cr_assert_eq(w.ops->readdir(w.root, file, all.next, 1024, listing_add, &all), 0);
    }
    char name[32];
    for (unsigned i = 0; i < 300; i++) {
        (void)snprintf(name, sizeof name, "file-%u", i);
        cr_assert_eq(times(&all, name), 1u, "%s", name);
    }
    cr_assert_eq(all.count, 302u);
}

Test(list, in_steps)
{
    make_files(300);
    struct sfs_file *file = open_root();
    static const size_t steps[] = {1, 3, 7, 50, 1000};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        everything_once(file, steps[i]);
        everything_once(NULL, steps[i]);
    }
    w.ops->release(file);
}

/* When clients hold all there is to be had, a directory opens without a descriptor, and is listed all the same. */
Test(list, without_descriptor)
{
    make_files(300);
    size_t claims = 0;
    while (sfs_fdcache_claim(w.cache) == 0)
        claims++;
    struct sfs_file *file = open_root(), *more = open_root();
    cr_assert_eq(file->fd, -1);
    everything_once(file, 7);
    struct sfs_stat at;
    cr_assert_eq(w.ops->getattr(w.root, file, &at), 0);
    cr_assert_eq(w.ops->fsyncdir(w.root, file, false), 0);
    world_forget(&w, world_find(&w, "file-7"));
    w.ops->release(file);
    cr_assert_eq(sfs_fdcache_claim(w.cache), -ENFILE); /* it had claimed nothing, and gives nothing back */
    sfs_fdcache_unclaim(w.cache);
    claims--;
    cr_assert_eq(sfs_fdcache_claim(w.cache), 0);
    w.ops->release(more);
    for (claims++; claims > 0; claims--)
        sfs_fdcache_unclaim(w.cache);
}

Test(list, seek_back)
{
    make_files(100);
    struct sfs_file *file = open_root();
    struct listing first = {.most = 30}, rest = {.most = 0}, again = {.most = 0};
    cr_assert_eq(w.ops->readdir(w.root, file, 0, 4096, listing_add, &first), 0);
    off_t middle = first.next;
    cr_assert_eq(w.ops->readdir(w.root, file, middle, 4096, listing_add, &rest), 0);
    cr_assert_eq(rest.count, 72u);
    cr_assert_eq(w.ops->readdir(w.root, file, middle, 4096, listing_add, &again), 0);
    cr_assert_str_eq(again.text, rest.text);
    /* at the end there is nothing, again and again */
    struct listing end = {.most = 0};
    cr_assert_eq(w.ops->readdir(w.root, file, rest.next, 4096, listing_add, &end), 0);
    cr_assert_eq(end.count, 0u);
    w.ops->release(file);
}

Test(list, starting_over_shows_what_is_new)
{
    make_files(3);
    struct sfs_file *file = open_root();
    struct listing first = {.most = 0}, second = {.most = 0};
    cr_assert_eq(w.ops->readdir(w.root, file, 0, 4096, listing_add, &first), 0);
    scratch_write(&w.at, "later", "");
    cr_assert_eq(unlinkat(w.at.fd, "file-1", 0), 0);
    cr_assert_eq(w.ops->readdir(w.root, file, 0, 4096, listing_add, &second), 0);
    cr_assert_eq(times(&second, "later"), 1u);
    cr_assert_eq(times(&second, "file-1"), 0u);
    w.ops->release(file);
}

/* What stays is listed exactly once, whatever comes and goes between the calls. */
static void while_changing(struct sfs_file *file)
{
    struct listing all = {.most = 0};
    char name[32];
    unsigned round = 0;
    for (size_t before = 1; before != all.count; round++) {
        before = all.count;
        all.most = before + 9;
        cr_assert_eq(w.ops->readdir(w.root, file, all.next, 512, listing_add, &all), 0);
        for (unsigned i = 0; i < 5; i++) {
            (void)snprintf(name, sizeof name, "new-%u-%u", round, i);
            scratch_write(&w.at, name, "");
        }
        (void)snprintf(name, sizeof name, "file-%u", 100 + round);
        (void)unlinkat(w.at.fd, name, 0);
        cr_assert_lt(all.count, 350u);
    }
    for (unsigned i = 0; i < 100; i++) {
        (void)snprintf(name, sizeof name, "file-%u", i);
        cr_assert_eq(times(&all, name), 1u, "%s: %u times", name, times(&all, name));
    }
    for (unsigned r = 0; r < round; r++) {
        for (unsigned i = 0; i < 5; i++) {
            (void)snprintf(name, sizeof name, "new-%u-%u", r, i);
            cr_assert_leq(times(&all, name), 1u);
            (void)unlinkat(w.at.fd, name, 0);
        }
    }
}

Test(list, while_entries_come_and_go)
{
    make_files(130);
    struct sfs_file *file = open_root();
    while_changing(file);
    w.ops->release(file);
    make_files(130);
    while_changing(NULL);
}

Test(list, a_removed_directory_is_empty)
{
    struct sfs_node *dir;
    struct sfs_file *file;
    struct sfs_stat at;
    cr_assert_eq(w.ops->mkdir(w.root, "dir", 0755, &w.me, &dir, &at), 0);
    cr_assert_eq(w.ops->opendir(dir, &file, &at), 0);
    cr_assert_eq(w.ops->rmdir(w.root, "dir"), 0);
    struct listing all = {.most = 0};
    sfs_err r = w.ops->readdir(dir, file, 0, 4096, listing_add, &all);
    cr_assert(r == 0 || r == -ENOENT);
    cr_assert_eq(all.count, 0u);
    cr_assert_eq(w.ops->fsyncdir(dir, file, true), 0);
    w.ops->release(file);
    world_forget(&w, dir);
}

Test(list, only_of_directories)
{
    scratch_write(&w.at, "file", "");
    struct sfs_node *node = world_find(&w, "file");
    struct sfs_file *file;
    struct sfs_stat at;
    struct listing all = {.most = 0};
    cr_assert_eq(w.ops->opendir(node, &file, &at), -ENOTDIR);
    cr_assert_eq(w.ops->readdir(node, NULL, 0, 4096, listing_add, &all), -ENOTDIR);
    world_forget(&w, node);
}
