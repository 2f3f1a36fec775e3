/* SPDX-License-Identifier: MIT */
/*
 * One measurement: sfsbench [OPTIONS] WORKLOAD PATH
 *
 * Does one kind of operation many times and prints one JSON object: how many operations, nanoseconds, bytes.  One pass:
 * repeating, mounting and comparing are the business of tests/bench/run.
 */
#include "config.h"

#include "sfsbench.h"

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct workload {
    const char *name;
    bench_function *function;
    const char *what;
};

static const struct workload workloads[] = {
    {"walk", bench_walk, "readdir and lstat of everything below PATH"},
    {"stat", bench_stat, "stat every file of LIST"},
    {"open", bench_open, "open and close every file of LIST"},
    {"read", bench_read, "read every file of LIST"},
    {"missing", bench_missing, "stat a name that is not there beside every file of LIST"},
    {"create", bench_create, "create COUNT empty files in each of THREADS directories of PATH"},
    {"rename", bench_rename, "rename what create has made"},
    {"unlink", bench_unlink, "unlink what rename has renamed"},
    {"mkdir", bench_mkdir, "make COUNT directories in each of THREADS directories of PATH"},
    {"rmdir", bench_rmdir, "remove what mkdir has made"},
    {"store", bench_store, "write COUNT new files of SIZE bytes in each of THREADS directories of PATH"},
    {"seqwrite", bench_seqwrite, "write a new file PATH of SIZE bytes, BLOCK at a time"},
    {"overwrite", bench_overwrite, "write all of the file PATH again, BLOCK at a time"},
    {"seqread", bench_seqread, "read all of the file PATH, BLOCK at a time"},
    {"randread", bench_randread, "read COUNT times a BLOCK at a random place of the file PATH"},
    {"randwrite", bench_randwrite, "write COUNT times a BLOCK at a random place of the file PATH"},
    {"fsyncwrite", bench_fsyncwrite, "append COUNT times a BLOCK to a new file PATH, each with fsync"},
    {"mmapread", bench_mmapread, "map the file PATH and read every page"},
    {"dlopen", bench_dlopen, "dlopen the library PATH and call its sfsbench_touch()"},
    {"processes", bench_processes, "start COMMAND COUNT times at once and wait for all"},
};

static uint64_t now_ns(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

void clock_starts(struct tally *tally)
{
    tally->started = now_ns();
}

void clock_stops(struct tally *tally)
{
    tally->ns += now_ns() - tally->started;
}

static const struct workload *find_workload(const char *name)
{
    for (size_t i = 0; i < sizeof(workloads) / sizeof(workloads[0]); i++) {
        if (strcmp(workloads[i].name, name) == 0)
            return &workloads[i];
    }
    return NULL;
}

static void usage(FILE *file)
{
    fprintf(file,
            "usage: sfsbench [-l LIST] [-n COUNT] [-s SIZE] [-b BLOCK] [-t THREADS] WORKLOAD PATH [COMMAND...]\n");
    for (size_t i = 0; i < sizeof(workloads) / sizeof(workloads[0]); i++)
        fprintf(file, "  %-11s %s\n", workloads[i].name, workloads[i].what);
}

static size_t number(char option, const char *text)
{
    unsigned long long value;
    char *end;

    errno = 0;
    value = strtoull(text, &end, 10);
    if (errno || end == text || *end || value == 0)
        errx(2, "-%c %s: not a number above 0", option, text);
    return (size_t)value;
}

int main(int argc, char **argv)
{
    struct job job = {.count = 1000, .size = 4096, .block = 4096, .threads = 1};
    const struct workload *workload;
    struct tally tally = {0};
    int option;

    while ((option = getopt(argc, argv, "+l:n:s:b:t:h")) != -1) {
        switch (option) {
        case 'l':
            job.list = optarg;
            break;
        case 'n':
            job.count = number('n', optarg);
            break;
        case 's':
            job.size = number('s', optarg);
            break;
        case 'b':
            job.block = number('b', optarg);
            break;
        case 't':
            job.threads = number('t', optarg);
            break;
        case 'h':
            usage(stdout);
            return 0;
        default:
            usage(stderr);
            return 2;
        }
    }
    if (argc - optind < 2) {
        usage(stderr);
        return 2;
    }
    workload = find_workload(argv[optind]);
    if (!workload)
        errx(2, "%s: no such workload (sfsbench -h names them)", argv[optind]);
    job.path = argv[optind + 1];
    job.command = argv + optind + 2;

    workload->function(&job, &tally);

    printf("{\"workload\": \"%s\", \"ops\": %" PRIu64 ", \"ns\": %" PRIu64 ", \"bytes\": %" PRIu64 "}\n",
           workload->name, tally.ops, tally.ns, tally.bytes);
    return 0;
}
