/* SPDX-License-Identifier: MIT */
/*
 * One measurement: sfsbench WORKLOAD ROOT LIST
 *
 * Does one kind of operation on a whole tree and prints one JSON object: how many operations, nanoseconds, bytes read.
 * ROOT is where the tree is seen, LIST a file with the tree's regular files, one path relative to ROOT per line.  All
 * paths are put together before the clock starts, so that nothing but system calls (and the C library's readdir) is
 * timed.  One thread, one pass: repeating, mounting and comparing are the business of tests/bench/run.
 *
 * Any unexpected result ends the program with status 1: a filesystem that is quick because it shows only a part of the
 * tree must not look good (run also compares the counts with the tree's manifest).
 */
#include "config.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* As cat(1) and most readers use. */
#define BUFFER_SIZE (128 * 1024)

struct tree {
    const char *root;
    char **paths; /* absolute */
    size_t count;
};

/* What one workload did. */
struct tally {
    uint64_t ops;
    uint64_t bytes;
};

typedef void workload_function(const struct tree *tree, struct tally *tally);

struct workload {
    const char *name;
    const char *suffix; /* put behind every path of the list; NULL: none */
    workload_function *function;
};

static uint64_t now_ns(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* The way find(1), rm(1) and fts(3) go: descriptors of directories, every entry lstat()ed. Takes over dir_fd. */
static void walk_directory(int dir_fd, struct tally *tally)
{
    DIR *dir = fdopendir(dir_fd);
    struct dirent *entry;

    if (!dir)
        err(1, "fdopendir");
    while (errno = 0, (entry = readdir(dir)) != NULL) {
        struct stat st;
        int fd;

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (fstatat(dir_fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
            err(1, "lstat %s", entry->d_name);
        tally->ops++;
        if (!S_ISDIR(st.st_mode))
            continue;
        fd = openat(dir_fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
            err(1, "open %s", entry->d_name);
        walk_directory(fd, tally);
    }
    if (errno)
        err(1, "readdir");
    closedir(dir);
}

static void do_walk(const struct tree *tree, struct tally *tally)
{
    int fd = open(tree->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        err(1, "%s", tree->root);
    walk_directory(fd, tally);
}

static void do_stat(const struct tree *tree, struct tally *tally)
{
    for (size_t i = 0; i < tree->count; i++) {
        struct stat st;

        if (stat(tree->paths[i], &st) < 0)
            err(1, "stat %s", tree->paths[i]);
        tally->ops++;
    }
}

static void do_open(const struct tree *tree, struct tally *tally)
{
    for (size_t i = 0; i < tree->count; i++) {
        int fd = open(tree->paths[i], O_RDONLY | O_CLOEXEC);

        if (fd < 0)
            err(1, "open %s", tree->paths[i]);
        close(fd);
        tally->ops++;
    }
}

static void do_read(const struct tree *tree, struct tally *tally)
{
    static char buffer[BUFFER_SIZE];

    for (size_t i = 0; i < tree->count; i++) {
        int fd = open(tree->paths[i], O_RDONLY | O_CLOEXEC);
        ssize_t got;

        if (fd < 0)
            err(1, "open %s", tree->paths[i]);
        while ((got = read(fd, buffer, sizeof(buffer))) > 0)
            tally->bytes += (uint64_t)got;
        if (got < 0)
            err(1, "read %s", tree->paths[i]);
        close(fd);
        tally->ops++;
    }
}

static void do_missing(const struct tree *tree, struct tally *tally)
{
    for (size_t i = 0; i < tree->count; i++) {
        struct stat st;

        if (stat(tree->paths[i], &st) == 0)
            errx(1, "%s exists", tree->paths[i]);
        if (errno != ENOENT)
            err(1, "stat %s", tree->paths[i]);
        tally->ops++;
    }
}

static const struct workload workloads[] = {
    {"walk", NULL, do_walk},
    {"stat", NULL, do_stat},
    {"open", NULL, do_open},
    {"read", NULL, do_read},
    {"missing", ".missing", do_missing},
};

static const struct workload *find_workload(const char *name)
{
    for (size_t i = 0; i < sizeof(workloads) / sizeof(workloads[0]); i++) {
        if (strcmp(workloads[i].name, name) == 0)
            return &workloads[i];
    }
    return NULL;
}

static void load_tree(const char *root, const char *list, const char *suffix, struct tree *ret)
{
    FILE *file = fopen(list, "re");
    size_t room = 0, line_room = 0;
    char *line = NULL;
    ssize_t length;

    if (!file)
        err(1, "%s", list);
    ret->root = root;
    while ((length = getline(&line, &line_room, file)) > 0) {
        if (line[length - 1] == '\n')
            line[length - 1] = '\0';
        if (ret->count == room) {
            room = room ? room * 2 : 1024;
            ret->paths = reallocarray(ret->paths, room, sizeof(*ret->paths));
            if (!ret->paths)
                err(1, "%s", list);
        }
        if (asprintf(&ret->paths[ret->count++], "%s/%s%s", root, line, suffix ? suffix : "") < 0)
            err(1, "%s", list);
    }
    free(line);
    fclose(file);
    if (ret->count == 0)
        errx(1, "%s: no path in it", list);
}

static void free_tree(struct tree *tree)
{
    for (size_t i = 0; i < tree->count; i++)
        free(tree->paths[i]);
    free(tree->paths);
}

int main(int argc, char **argv)
{
    const struct workload *workload;
    struct tree tree = {0};
    struct tally tally = {0};
    uint64_t start, spent;

    if (argc != 4)
        errx(2, "usage: sfsbench WORKLOAD ROOT LIST");
    workload = find_workload(argv[1]);
    if (!workload)
        errx(2, "%s: no such workload (walk, stat, open, read, missing)", argv[1]);
    load_tree(argv[2], argv[3], workload->suffix, &tree);

    start = now_ns();
    workload->function(&tree, &tally);
    spent = now_ns() - start;

    printf("{\"workload\": \"%s\", \"ops\": %" PRIu64 ", \"ns\": %" PRIu64 ", \"bytes\": %" PRIu64 "}\n",
           workload->name, tally.ops, spent, tally.bytes);
    free_tree(&tree);
    return 0;
}
