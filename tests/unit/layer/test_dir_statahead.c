/* SPDX-License-Identifier: MIT */
/*
 * Statahead follows a walk, in its order, so far and no further.  It may rest after 256 entries when they are in memory,
 * which is a question of time: the trees here are smaller.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "world.h"

enum { NAMES_MOST = 200 };

static struct world w;

static void make_world(bool statahead)
{
    struct sfs_dir_options options = {.statahead = statahead};
    world_make_with(&w, &options, 16);
}

static void make(void)
{
    struct rlimit limit;
    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = limit.rlim_max < 1024 ? limit.rlim_max : 1024;
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    make_world(true);
}

static void unmake(void)
{
    world_drop(&w); /* also while the thread is at work */
}

TestSuite(statahead, .init = make, .fini = unmake);

static void make_dir(const char *path)
{
    cr_assert_eq(mkdirat(w.at.fd, path, 0755), 0, "%s", path);
}

static uint64_t looked(void)
{
    return w.layer->looked_ahead(w.layer);
}

static void pause_ms(long milliseconds)
{
    struct timespec time = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000};
    (void)nanosleep(&time, NULL);
}

/* Wait until so many have been looked at, and see that it stays so. */
static void assert_looked(uint64_t count)
{
    for (int i = 0; i < 500 && looked() < count; i++)
        pause_ms(10);
    pause_ms(100);
    cr_assert_eq(looked(), count, "%ju directories, not %ju", (uintmax_t)looked(), (uintmax_t)count);
}

static bool take_name(void *arg, const char *name, ino_t ino, unsigned char type, off_t next)
{
    (void)arg, (void)name, (void)ino, (void)type, (void)next;
    return true;
}

/* List a directory that is looked up, and kept, as the kernel does. */
static void list(const char *path)
{
    cr_assert_eq(w.ops->readdir(world_find(&w, path), NULL, 0, 4096, take_name, NULL), 0);
}

/* The root's directories "p0", "p1" ..., in the order in which the filesystem lists them. */
struct names {
    char text[NAMES_MOST][16];
    size_t count;
};

static void read_names(struct names *ret)
{
    DIR *dir = opendir(w.at.path);
    const struct dirent *entry;
    ret->count = 0;
    while ((entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == 'p')
            (void)snprintf(ret->text[ret->count++], sizeof ret->text[0], "%.15s", entry->d_name);
    }
    (void)closedir(dir);
}

/* So many of them; the first one that is listed has directories a/b in it. */
static void make_tree(size_t count, struct names *ret)
{
    char name[32];
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(name, sizeof name, "p%zu", i);
        make_dir(name);
    }
    read_names(ret);
    cr_assert_eq(ret->count, count);
    (void)snprintf(name, sizeof name, "%s/a", ret->text[0]);
    make_dir(name);
    (void)snprintf(name, sizeof name, "%s/a/b", ret->text[0]);
    make_dir(name);
}

/* A walk that is three steps long: then it is one. */
static void go_down(const char *first)
{
    char path[32];
    list("");
    list(first);
    (void)snprintf(path, sizeof path, "%s/a", first);
    list(path);
    cr_assert_eq(looked(), 0u);
    (void)snprintf(path, sizeof path, "%s/a/b", first);
    list(path);
}

Test(statahead, follows_upwards)
{
    struct names names;
    make_tree(20, &names);
    char path[32];
    (void)snprintf(path, sizeof path, "%s/sub", names.text[7]);
    make_dir(path);
    (void)snprintf(path, sizeof path, "%s/sub/sub", names.text[7]);
    make_dir(path);
    go_down(names.text[0]);
    assert_looked(19 + 2);
}

Test(statahead, goes_only_so_far)
{
    struct names names;
    make_tree(100, &names);
    go_down(names.text[0]);
    assert_looked(64);
    for (size_t i = 1; i <= 10; i++)
        list(names.text[i]);
    assert_looked(74);
}

Test(statahead, does_not_follow_another_way)
{
    struct names names;
    make_tree(160, &names);
    go_down(names.text[0]);
    assert_looked(64);
    for (size_t i = 159; i > 120; i--)
        list(names.text[i]);
    pause_ms(100);
    uint64_t given_up = looked();
    cr_assert_leq(given_up, 64u + 32);
    for (size_t i = 1; i < 60; i++)
        list(names.text[i]);
    assert_looked(given_up);
}

Test(statahead, no_walk)
{
    struct names names;
    make_tree(30, &names);
    for (size_t i = 0; i < names.count; i++)
        list(names.text[i]);
    for (size_t i = 0; i < 10; i++) {
        list("");
        list(names.text[0]);
    }
    pause_ms(50);
    cr_assert_eq(looked(), 0u, "none of them lies in one that was listed before, or it was listed itself");
}

Test(statahead, leaves_links_alone)
{
    struct names names;
    make_tree(6, &names);
    make_dir("elsewhere");
    make_dir("elsewhere/one");
    for (size_t i = 1; i < names.count; i++) {
        char path[32];
        (void)snprintf(path, sizeof path, "%s/link", names.text[i]);
        cr_assert_eq(symlinkat("../elsewhere", w.at.fd, path), 0);
        (void)snprintf(path, sizeof path, "%s/up", names.text[i]);
        cr_assert_eq(symlinkat("..", w.at.fd, path), 0);
    }
    go_down(names.text[0]);
    pause_ms(300);
    cr_assert_leq(looked(), 5u + 2);
    cr_assert_geq(looked(), 5u);
}

/* What it cannot open counts as a directory that it is ahead by. */
Test(statahead, unreadable)
{
    if (geteuid() == 0)
        cr_skip_test("SKIP-OK: nothing is unreadable for root");
    struct names names;
    make_tree(100, &names);
    for (size_t i = 1; i < names.count; i++)
        cr_assert_eq(fchmodat(w.at.fd, names.text[i], i % 2 == 0 ? 0755 : 0, 0), 0);
    go_down(names.text[0]);
    assert_looked(32);
}

/* A layer of its own, beside the suite's. */
static void assert_nothing_ahead(bool statahead)
{
    struct world suite = w;
    struct names names;
    make_world(statahead);
    make_tree(10, &names);
    go_down(names.text[0]);
    pause_ms(50);
    cr_assert_eq(looked(), 0u);
    world_drop(&w);
    w = suite;
}

Test(statahead, off)
{
    assert_nothing_ahead(false);
}

Test(statahead, few_descriptors)
{
    struct rlimit limit;
    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = 512;
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_nothing_ahead(true);
}
