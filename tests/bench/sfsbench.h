/* SPDX-License-Identifier: MIT */
/*
 * What the workloads of sfsbench share.
 *
 * A workload prepares, calls clock_starts(), does its work, calls clock_stops() and cleans up.  It counts operations
 * and bytes.  Any unexpected result ends the program with status 1: a filesystem that is quick because it shows or
 * keeps only a part must not look good.
 */
#ifndef SFSBENCH_H
#define SFSBENCH_H

#include <stddef.h>
#include <stdint.h>

/* What the command line asks for. */
struct job {
    const char *path; /* the tree, directory or file to work on */
    const char *list; /* -l: a file with paths relative to path, or NULL */
    size_t count;     /* -n: how many */
    size_t size;      /* -s: bytes of the file */
    size_t block;     /* -b: bytes of one operation */
    size_t threads;   /* -t */
    char **command;   /* after --: for workloads that start programs; ends with NULL */
};

/* What a workload did. */
struct tally {
    uint64_t ops;
    uint64_t bytes;
    uint64_t started;
    uint64_t ns;
};

typedef void bench_function(const struct job *job, struct tally *tally);

void clock_starts(struct tally *tally);
void clock_stops(struct tally *tally);

/* sfsbench-tree.c: job->list names the files */
bench_function bench_walk, bench_stat, bench_open, bench_read, bench_missing;

/* sfsbench-names.c: job->count names, in one directory for each of job->threads */
bench_function bench_create, bench_rename, bench_unlink, bench_mkdir, bench_rmdir, bench_store;

/* sfsbench-data.c: the one file job->path */
bench_function bench_seqwrite, bench_overwrite, bench_seqread, bench_randread, bench_randwrite, bench_fsyncwrite;
bench_function bench_mmapread, bench_dlopen;

/* sfsbench-process.c: job->command, job->count times at once */
bench_function bench_processes;

#endif
