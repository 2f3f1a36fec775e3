/* SPDX-License-Identifier: MIT */
/*
 * Making, renaming and removing names, in several threads.
 *
 * Every thread has a directory of its own below job->path, named by its number, so that the filesystem and not one
 * directory's lock is measured.  All threads wait for each other before the clock starts.  Files made by create are
 * "f0" and up, rename makes them "g0" and up, unlink removes those.
 */
#include "config.h"

#include "sfsbench.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct worker {
    pthread_t thread;
    pthread_barrier_t *barrier;
    const struct job *job;
    void (*one)(const struct worker *worker, size_t number);
    char **from, **to; /* absolute paths, job->count of each */
    const char *data;  /* job->size bytes for store */
};

static void *work(void *argument)
{
    const struct worker *worker = argument;

    pthread_barrier_wait(worker->barrier);
    for (size_t i = 0; i < worker->job->count; i++)
        worker->one(worker, i);
    return NULL;
}

static char **make_paths(const char *dir, char letter, size_t count)
{
    char **paths = calloc(count, sizeof(*paths));

    if (!paths)
        err(1, "names");
    for (size_t i = 0; i < count; i++) {
        if (asprintf(&paths[i], "%s/%c%zu", dir, letter, i) < 0)
            err(1, "names");
    }
    return paths;
}

static void free_paths(char **paths, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(paths[i]);
    free(paths);
}

static void prepare(struct worker *worker, const struct job *job, size_t number)
{
    char *dir;

    if (asprintf(&dir, "%s/%zu", job->path, number) < 0)
        err(1, "names");
    if (mkdir(dir, 0777) < 0 && errno != EEXIST)
        err(1, "mkdir %s", dir);
    worker->from = make_paths(dir, 'f', job->count);
    worker->to = make_paths(dir, 'g', job->count);
    free(dir);
}

static void run(const struct job *job, void (*one)(const struct worker *worker, size_t number), struct tally *tally)
{
    struct worker *workers = calloc(job->threads, sizeof(*workers));
    char *data = calloc(1, job->size);
    pthread_barrier_t barrier;

    if (!workers || !data)
        err(1, "workers");
    errno = pthread_barrier_init(&barrier, NULL, (unsigned)job->threads + 1);
    if (errno)
        err(1, "barrier");
    memset(data, 'x', job->size);
    for (size_t i = 0; i < job->threads; i++) {
        workers[i] = (struct worker){.barrier = &barrier, .job = job, .one = one, .data = data};
        prepare(&workers[i], job, i);
        errno = pthread_create(&workers[i].thread, NULL, work, &workers[i]);
        if (errno)
            err(1, "thread");
    }
    /* Before the barrier: the workers may be done before this thread runs again. */
    clock_starts(tally);
    pthread_barrier_wait(&barrier);
    for (size_t i = 0; i < job->threads; i++)
        pthread_join(workers[i].thread, NULL);
    clock_stops(tally);
    tally->ops = job->count * job->threads;

    for (size_t i = 0; i < job->threads; i++) {
        free_paths(workers[i].from, job->count);
        free_paths(workers[i].to, job->count);
    }
    pthread_barrier_destroy(&barrier);
    free(workers);
    free(data);
}

static void one_create(const struct worker *worker, size_t number)
{
    int fd = open(worker->from[number], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

    if (fd < 0)
        err(1, "create %s", worker->from[number]);
    if (close(fd) < 0)
        err(1, "close %s", worker->from[number]);
}

static void one_store(const struct worker *worker, size_t number)
{
    int fd = open(worker->from[number], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

    if (fd < 0)
        err(1, "create %s", worker->from[number]);
    if (write(fd, worker->data, worker->job->size) != (ssize_t)worker->job->size)
        err(1, "write %s", worker->from[number]);
    if (close(fd) < 0)
        err(1, "close %s", worker->from[number]);
}

static void one_rename(const struct worker *worker, size_t number)
{
    if (rename(worker->from[number], worker->to[number]) < 0)
        err(1, "rename %s", worker->from[number]);
}

static void one_unlink(const struct worker *worker, size_t number)
{
    if (unlink(worker->to[number]) < 0)
        err(1, "unlink %s", worker->to[number]);
}

static void one_mkdir(const struct worker *worker, size_t number)
{
    if (mkdir(worker->from[number], 0777) < 0)
        err(1, "mkdir %s", worker->from[number]);
}

static void one_rmdir(const struct worker *worker, size_t number)
{
    if (rmdir(worker->from[number]) < 0)
        err(1, "rmdir %s", worker->from[number]);
}

void bench_create(const struct job *job, struct tally *tally)
{
    run(job, one_create, tally);
}

void bench_rename(const struct job *job, struct tally *tally)
{
    run(job, one_rename, tally);
}

void bench_unlink(const struct job *job, struct tally *tally)
{
    run(job, one_unlink, tally);
}

void bench_mkdir(const struct job *job, struct tally *tally)
{
    run(job, one_mkdir, tally);
}

void bench_rmdir(const struct job *job, struct tally *tally)
{
    run(job, one_rmdir, tally);
}

void bench_store(const struct job *job, struct tally *tally)
{
    run(job, one_store, tally);
    tally->bytes = tally->ops * job->size;
}
