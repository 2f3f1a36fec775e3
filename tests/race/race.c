/* SPDX-License-Identifier: MIT */
/*
 * race MAP [--source DIR] [--seconds N] [--seed N] [--threads N] [--stale N]
 *
 * Random operations by several threads through a mounted map, each against a model of its own subtree (own.c), all
 * together in a shared one with invariants (shared.c), and, with --source, while the source changes behind the map's
 * back (behind.c).  Ends with 0, or with 1 and a line that says what is wrong and the seed.  A plain program, because
 * the thread sanitizer cannot run Criterion.
 */
#include "config.h"

#include "race.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"

static atomic_bool over;
static uint64_t the_seed;
static pthread_mutex_t fail_lock = PTHREAD_MUTEX_INITIALIZER;

uint64_t race_random(struct thread *thread, uint64_t limit)
{
    thread->random += UINT64_C(0x9e3779b97f4a7c15);
    return sfs_hash_mix(thread->random) % limit;
}

bool race_over(void)
{
    return atomic_load_explicit(&over, memory_order_relaxed);
}

void race_fail(const struct thread *thread, const char *format, ...)
{
    int errnum = errno;
    (void)pthread_mutex_lock(&fail_lock); /* for good: the first failure is the one to tell */
    va_list args;
    va_start(args, format);
    (void)fprintf(stderr, "race: %s %u, step %" PRIu64 ": ", thread->part, thread->index, thread->steps);
    (void)vfprintf(stderr, format, args);
    va_end(args);
    (void)fprintf(stderr, " (errno %d %s; again with --seed %" PRIu64 ")\n", errnum, strerror(errnum), the_seed);
    _exit(1);
}

void race_pattern(unsigned char *buffer, size_t size, uint64_t key)
{
    for (size_t i = 0; i < size; i += 8) {
        uint64_t word = sfs_hash_pair(key, i, 1);
        memcpy(buffer + i, &word, size - i < 8 ? size - i : 8);
    }
}

size_t version_make(struct thread *thread, unsigned char *buffer, uint64_t name)
{
    struct version head = {.name = name, .key = race_random(thread, UINT64_MAX)};
    uint64_t rest = race_random(thread, race_random(thread, 8) == 0 ? VERSION_MOST - sizeof head : 3000);
    head.size = sizeof head + rest;
    head.check = sfs_hash_pair(head.name ^ head.key, head.size, 2);
    memcpy(buffer, &head, sizeof head);
    race_pattern(buffer + sizeof head, rest, head.key);
    return head.size;
}

const char *version_check(const unsigned char *buffer, size_t size, uint64_t name)
{
    struct version head;
    static _Thread_local unsigned char expected[VERSION_MOST];
    if (size < sizeof head)
        return "shorter than any version";
    memcpy(&head, buffer, sizeof head);
    if (head.check != sfs_hash_pair(head.name ^ head.key, head.size, 2))
        return "no version's head";
    if (head.name != name)
        return "a version of another name";
    if (head.size != size)
        return "the head of one version and the length of another";
    race_pattern(expected, size - sizeof head, head.key);
    return memcmp(buffer + sizeof head, expected, size - sizeof head) == 0 ? NULL : "a mixture of versions";
}

static void *thread_main(void *data)
{
    struct thread *thread = data;
    if (strcmp(thread->part, "own") == 0)
        own_run(thread);
    else if (strcmp(thread->part, "shared") == 0)
        shared_run(thread);
    else if (thread->index == 0)
        behind_change(thread);
    else
        behind_read(thread);
    return NULL;
}

static void usage(void)
{
    (void)fprintf(stderr, "usage: race MAP [--source DIR] [--seconds N] [--seed N] [--threads N] [--stale N]\n");
    exit(2);
}

enum { THREADS_MOST = 64 };

static size_t add_threads(struct thread *threads, size_t count, struct race *race, const char *part, unsigned of_part)
{
    for (unsigned i = 0; i < of_part && count < THREADS_MOST; i++, count++)
        threads[count] = (struct thread){
            .race = race, .part = part, .index = i, .random = sfs_hash_pair(race->seed, count, 3)};
    return count;
}

int main(int argc, char **argv)
{
    struct race race = {.seed = (uint64_t)time(NULL) ^ (uint64_t)getpid() << 32};
    unsigned seconds = 5, own = 4;
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] != '-')
            race.map = argv[i];
        else if (i + 1 >= argc)
            usage();
        else if (strcmp(argv[i], "--source") == 0)
            race.source = argv[++i];
        else if (strcmp(argv[i], "--seconds") == 0)
            seconds = (unsigned)strtoul(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--seed") == 0)
            race.seed = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--threads") == 0)
            own = (unsigned)strtoul(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--stale") == 0)
            race.stale_most = (unsigned)strtoul(argv[++i], NULL, 10);
        else
            usage();
    }
    if (race.map == NULL || own > THREADS_MOST / 2)
        usage();
    the_seed = race.seed;
    race.map_fd = open(race.map, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (race.map_fd < 0) {
        (void)fprintf(stderr, "race: %s: %s\n", race.map, strerror(errno));
        return 1;
    }
    shared_prepare(&race);
    if (race.source != NULL)
        behind_prepare(&race);
    struct thread threads[THREADS_MOST];
    pthread_t ids[THREADS_MOST];
    size_t count = add_threads(threads, 0, &race, "own", own);
    count = add_threads(threads, count, &race, "shared", own);
    if (race.source != NULL)
        count = add_threads(threads, count, &race, "behind", 3);
    for (size_t i = 0; i < count; i++) {
        if (pthread_create(&ids[i], NULL, thread_main, &threads[i]) != 0) {
            (void)fprintf(stderr, "race: cannot make a thread\n");
            return 1;
        }
    }
    for (unsigned left = seconds; left > 0;)
        left = sleep(left);
    atomic_store(&over, true);
    uint64_t steps = 0;
    for (size_t i = 0; i < count; i++) {
        (void)pthread_join(ids[i], NULL);
        steps += threads[i].steps;
    }
    shared_finish(&race);
    (void)close(race.map_fd);
    (void)printf("race: %" PRIu64 " steps by %zu threads in %u s, seed %" PRIu64 "\n", steps, count, seconds,
                 race.seed);
    return 0;
}
