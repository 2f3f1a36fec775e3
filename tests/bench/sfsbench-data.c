/* SPDX-License-Identifier: MIT */
/*
 * Reading and writing one large file, and loading it as a library.
 *
 * Opening and closing are a part of what is timed where the whole file is read or written once, as cp(1) does it; for
 * random places they are not.  Places come from a fixed seed.  Written data is not all zero, and read data is summed
 * up, so that nobody can leave it out.
 */
#include "config.h"

#include "sfsbench.h"

#include <dlfcn.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static void *make_block(size_t size)
{
    void *block = aligned_alloc(4096, (size + 4095) / 4096 * 4096);

    if (!block)
        err(1, "block");
    memset(block, 'b', size);
    return block;
}

static int open_file(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC, 0666);

    if (fd < 0)
        err(1, "open %s", path);
    return fd;
}

static void close_file(const char *path, int fd)
{
    if (close(fd) < 0)
        err(1, "close %s", path);
}

static size_t size_of(const char *path, int fd)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        err(1, "fstat %s", path);
    return (size_t)st.st_size;
}

static void write_all(const struct job *job, int flags, size_t size, struct tally *tally)
{
    void *block = make_block(job->block);
    int fd;

    clock_starts(tally);
    fd = open_file(job->path, flags);
    while (tally->bytes < size) {
        if (write(fd, block, job->block) != (ssize_t)job->block)
            err(1, "write %s", job->path);
        tally->bytes += job->block;
        tally->ops++;
    }
    close_file(job->path, fd);
    clock_stops(tally);
    free(block);
}

void bench_seqwrite(const struct job *job, struct tally *tally)
{
    write_all(job, O_WRONLY | O_CREAT | O_TRUNC, job->size, tally);
}

void bench_overwrite(const struct job *job, struct tally *tally)
{
    int fd = open_file(job->path, O_RDONLY);
    size_t size = size_of(job->path, fd);

    close_file(job->path, fd);
    write_all(job, O_WRONLY, size, tally);
}

void bench_seqread(const struct job *job, struct tally *tally)
{
    void *block = make_block(job->block);
    ssize_t got;
    int fd;

    clock_starts(tally);
    fd = open_file(job->path, O_RDONLY);
    while ((got = read(fd, block, job->block)) > 0) {
        tally->bytes += (uint64_t)got;
        tally->ops++;
    }
    if (got < 0)
        err(1, "read %s", job->path);
    close_file(job->path, fd);
    clock_stops(tally);
    free(block);
}

/* One of the file's blocks: xorshift, the same row in every run. */
static off_t next_place(uint64_t *state, size_t blocks, size_t block)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (off_t)(*state % blocks * block);
}

static void at_random(const struct job *job, int flags, struct tally *tally)
{
    void *block = make_block(job->block);
    int fd = open_file(job->path, flags);
    size_t blocks = size_of(job->path, fd) / job->block;
    uint64_t state = UINT64_C(88172645463325252);

    if (blocks == 0)
        errx(1, "%s: smaller than a block", job->path);
    clock_starts(tally);
    for (size_t i = 0; i < job->count; i++) {
        off_t place = next_place(&state, blocks, job->block);
        ssize_t done = flags == O_RDONLY ? pread(fd, block, job->block, place) : pwrite(fd, block, job->block, place);

        if (done != (ssize_t)job->block)
            err(1, "%s at %jd", job->path, (intmax_t)place);
    }
    clock_stops(tally);
    close_file(job->path, fd);
    tally->ops = job->count;
    tally->bytes = job->count * job->block;
    free(block);
}

void bench_randread(const struct job *job, struct tally *tally)
{
    at_random(job, O_RDONLY, tally);
}

void bench_randwrite(const struct job *job, struct tally *tally)
{
    at_random(job, O_RDWR, tally);
}

void bench_fsyncwrite(const struct job *job, struct tally *tally)
{
    void *block = make_block(job->block);
    int fd = open_file(job->path, O_WRONLY | O_CREAT | O_TRUNC);

    clock_starts(tally);
    for (size_t i = 0; i < job->count; i++) {
        if (write(fd, block, job->block) != (ssize_t)job->block)
            err(1, "write %s", job->path);
        if (fsync(fd) < 0)
            err(1, "fsync %s", job->path);
    }
    clock_stops(tally);
    close_file(job->path, fd);
    tally->ops = job->count;
    tally->bytes = job->count * job->block;
    free(block);
}

void bench_mmapread(const struct job *job, struct tally *tally)
{
    int fd = open_file(job->path, O_RDONLY);
    size_t size = size_of(job->path, fd);
    volatile unsigned char sum = 0;
    unsigned char *data;

    if (size == 0)
        errx(1, "%s: empty", job->path);
    clock_starts(tally);
    data = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
    if (data == MAP_FAILED)
        err(1, "mmap %s", job->path);
    for (size_t place = 0; place < size; place += 4096) {
        sum ^= data[place];
        tally->ops++;
    }
    munmap(data, size);
    clock_stops(tally);
    tally->bytes = size;
    close_file(job->path, fd);
}

void bench_dlopen(const struct job *job, struct tally *tally)
{
    uint64_t (*touch)(void);
    void *library;

    clock_starts(tally);
    library = dlopen(job->path, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        errx(1, "dlopen: %s", dlerror());
    *(void **)&touch = dlsym(library, "sfsbench_touch");
    if (!touch)
        errx(1, "dlsym: %s", dlerror());
    tally->bytes = touch();
    clock_stops(tally);
    tally->ops = 1;
    dlclose(library);
}
