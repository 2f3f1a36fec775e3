/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "layer/fdcache.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static struct sfs_fdcache *cache;
static struct sfs_node nodes[8];

static void make(void)
{
    cr_assert_eq(sfs_fdcache_new(2, 1000, &cache), 0);
    for (size_t i = 0; i < 8; i++)
        nodes[i] = (struct sfs_node){.slot = -1, .pinned_fd = -1};
}

static void unmake(void)
{
    sfs_fdcache_free(cache);
    sfs_fdcache_free(NULL);
}

TestSuite(fdcache, .init = make, .fini = unmake);

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

/* A new descriptor, offered as the node's; on loan or owned. */
static struct sfs_fdref put(struct sfs_node *node)
{
    struct sfs_fdref ref = {open("/dev/null", O_RDONLY | O_CLOEXEC), SFS_FDREF_OWNED};
    cr_assert_geq(ref.fd, 0);
    sfs_fdcache_put(cache, node, &ref);
    return ref;
}

static void put_and_release(struct sfs_node *node)
{
    struct sfs_fdref ref = put(node);
    cr_assert_geq(ref.slot, 0);
    sfs_fdcache_release(cache, &ref);
    cr_assert_eq(ref.fd, -1);
}

static bool holds(struct sfs_node *node)
{
    struct sfs_fdref ref;
    if (!sfs_fdcache_get(cache, node, &ref))
        return false;
    cr_assert(is_open(ref.fd));
    sfs_fdcache_release(cache, &ref);
    return true;
}

Test(fdcache, keeps_and_gives_back)
{
    cr_assert_eq(sfs_fdcache_size(cache), 2u);
    cr_assert_not(holds(&nodes[0]));
    struct sfs_fdref ref = put(&nodes[0]), again;
    int fd = ref.fd;
    sfs_fdcache_release(cache, &ref);
    cr_assert(is_open(fd));
    cr_assert(sfs_fdcache_get(cache, &nodes[0], &again));
    cr_assert_eq(again.fd, fd);
    sfs_fdcache_release(cache, &again);
    cr_assert_eq(sfs_fdcache_count(cache), 1u);
}

Test(fdcache, the_least_recent_goes)
{
    put_and_release(&nodes[0]);
    put_and_release(&nodes[1]);
    cr_assert(holds(&nodes[0])); /* now 1 is the least recent */
    put_and_release(&nodes[2]);
    cr_assert(holds(&nodes[0]));
    cr_assert_not(holds(&nodes[1]));
    cr_assert(holds(&nodes[2]));
    cr_assert_eq(sfs_fdcache_count(cache), 2u);
    cr_assert_eq(nodes[1].slot, -1);
}

Test(fdcache, loans_are_not_evicted)
{
    struct sfs_fdref one = put(&nodes[0]), two = put(&nodes[1]), three = put(&nodes[2]);
    cr_assert_eq(three.slot, SFS_FDREF_OWNED); /* no place was free */
    int fd = three.fd;
    cr_assert(is_open(fd));
    sfs_fdcache_release(cache, &three);
    cr_assert_not(is_open(fd));
    cr_assert(is_open(one.fd) && is_open(two.fd));
    cr_assert_eq(sfs_fdcache_shrink(cache), 0u);
    /* lent twice: only the second release makes it idle */
    struct sfs_fdref again;
    cr_assert(sfs_fdcache_get(cache, &nodes[0], &again));
    fd = one.fd;
    sfs_fdcache_release(cache, &one);
    cr_assert_eq(sfs_fdcache_shrink(cache), 0u);
    sfs_fdcache_release(cache, &again);
    cr_assert_eq(sfs_fdcache_shrink(cache), 1u);
    cr_assert_not(is_open(fd));
    sfs_fdcache_release(cache, &two);
}

Test(fdcache, second_descriptor_of_a_node_stays_owned)
{
    put_and_release(&nodes[0]);
    struct sfs_fdref ref = put(&nodes[0]);
    cr_assert_eq(ref.slot, SFS_FDREF_OWNED);
    sfs_fdcache_release(cache, &ref);
    cr_assert(holds(&nodes[0]));
}

Test(fdcache, exchange)
{
    /* nothing there: as put */
    struct sfs_fdref first = {open("/dev/null", O_RDONLY | O_CLOEXEC), SFS_FDREF_OWNED};
    sfs_fdcache_exchange(cache, &nodes[0], &first);
    cr_assert_geq(first.slot, 0);
    /* on loan: stays, and the new one is the caller's */
    struct sfs_fdref second = {open("/dev/null", O_RDWR | O_CLOEXEC), SFS_FDREF_OWNED};
    sfs_fdcache_exchange(cache, &nodes[0], &second);
    cr_assert_eq(second.slot, SFS_FDREF_OWNED);
    int old = first.fd;
    sfs_fdcache_release(cache, &first);
    cr_assert(is_open(old));
    /* idle: closed, and the new one is found */
    sfs_fdcache_exchange(cache, &nodes[0], &second);
    cr_assert_geq(second.slot, 0);
    cr_assert_not(is_open(old));
    int fd = second.fd;
    sfs_fdcache_release(cache, &second);
    struct sfs_fdref found;
    cr_assert(sfs_fdcache_get(cache, &nodes[0], &found));
    cr_assert_eq(found.fd, fd);
    sfs_fdcache_release(cache, &found);
    cr_assert_eq(sfs_fdcache_count(cache), 1);
}

Test(fdcache, borrowed_is_left_alone)
{
    int fd = open("/dev/null", O_RDONLY);
    struct sfs_fdref ref = {fd, SFS_FDREF_BORROWED};
    sfs_fdcache_release(cache, &ref);
    cr_assert(is_open(fd));
    (void)close(fd);
}

Test(fdcache, drop)
{
    struct sfs_fdref ref = put(&nodes[0]);
    int fd = ref.fd;
    sfs_fdcache_release(cache, &ref);
    sfs_fdcache_drop(cache, &nodes[0]);
    sfs_fdcache_drop(cache, &nodes[0]);
    sfs_fdcache_drop(cache, &nodes[3]);
    cr_assert_not(is_open(fd));
    cr_assert_not(holds(&nodes[0]));
    cr_assert_eq(sfs_fdcache_count(cache), 0u);
}

Test(fdcache, shrink_empties)
{
    put_and_release(&nodes[0]);
    put_and_release(&nodes[1]);
    cr_assert_eq(sfs_fdcache_shrink(cache), 2u);
    cr_assert_eq(sfs_fdcache_count(cache), 0u);
    cr_assert_not(holds(&nodes[0]));
    put_and_release(&nodes[0]);
    put_and_release(&nodes[1]);
    cr_assert_eq(sfs_fdcache_count(cache), 2u);
}

Test(fdcache, no_size_is_one)
{
    struct sfs_fdcache *small;
    cr_assert_eq(sfs_fdcache_new(0, 1000, &small), 0);
    cr_assert_eq(sfs_fdcache_size(small), 1u);
    sfs_fdcache_free(small);
}

/* Clients' open files are counted; the cache gives way to them, and some descriptors are never given out. */
Test(fdcache, claims)
{
    struct sfs_fdcache *small;
    cr_assert_eq(sfs_fdcache_new(8, 64, &small), 0);
    struct sfs_fdref refs[8];
    for (size_t i = 0; i < 8; i++) {
        refs[i] = (struct sfs_fdref){open("/dev/null", O_RDONLY | O_CLOEXEC), SFS_FDREF_OWNED};
        sfs_fdcache_put(small, &nodes[i], &refs[i]);
        cr_assert_geq(refs[i].slot, 0);
    }
    struct sfs_fdref lent = refs[0];
    for (size_t i = 1; i < 8; i++)
        sfs_fdcache_release(small, &refs[i]);
    size_t claims = 0;
    while (sfs_fdcache_claim(small) == 0)
        cr_assert_lt(++claims, 64u);
    cr_assert_gt(claims, 20u);
    cr_assert_eq(sfs_fdcache_count(small), 1u); /* what is on loan stays */
    cr_assert(is_open(lent.fd));
    cr_assert_eq(sfs_fdcache_claim(small), -ENFILE);
    sfs_fdcache_release(small, &lent);
    cr_assert_eq(sfs_fdcache_claim(small), 0); /* now that goes, too */
    cr_assert_eq(sfs_fdcache_count(small), 0u);
    /* and while all is claimed nothing is kept */
    struct sfs_fdref ref = {open("/dev/null", O_RDONLY | O_CLOEXEC), SFS_FDREF_OWNED};
    sfs_fdcache_put(small, &nodes[0], &ref);
    cr_assert_eq(ref.slot, SFS_FDREF_OWNED);
    sfs_fdcache_release(small, &ref);
    sfs_fdcache_unclaim(small);
    cr_assert_eq(sfs_fdcache_claim(small), 0);
    sfs_fdcache_free(small);
}

static void *use(void *data)
{
    unsigned random = *(unsigned *)data;
    static _Atomic unsigned wrong;
    for (unsigned i = 0; i < 20000; i++) {
        random = random * 1103515245 + 12345;
        struct sfs_node *node = &nodes[random >> 16 & 7];
        struct sfs_fdref ref;
        if (!sfs_fdcache_get(cache, node, &ref)) {
            ref = (struct sfs_fdref){open("/dev/null", O_RDONLY | O_CLOEXEC), SFS_FDREF_OWNED};
            sfs_fdcache_put(cache, node, &ref);
        }
        if (!is_open(ref.fd))
            wrong++;
        sfs_fdcache_release(cache, &ref);
        if (random % 100 == 0)
            (void)sfs_fdcache_shrink(cache);
    }
    return (void *)&wrong;
}

static size_t open_descriptors(void)
{
    size_t count = 0;
    for (int fd = 0; fd < 1024; fd++)
        count += is_open(fd);
    return count;
}

Test(fdcache, several_threads)
{
    size_t before = open_descriptors();
    unsigned seeds[4] = {1, 2, 3, 4};
    pthread_t threads[4];
    void *wrong = NULL;
    for (size_t i = 0; i < 4; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, use, &seeds[i]), 0);
    for (size_t i = 0; i < 4; i++)
        cr_assert_eq(pthread_join(threads[i], &wrong), 0);
    cr_assert_eq(*(_Atomic unsigned *)wrong, 0u);
    cr_assert_leq(sfs_fdcache_count(cache), 2u);
    (void)sfs_fdcache_shrink(cache);
    cr_assert_eq(open_descriptors(), before);
}
