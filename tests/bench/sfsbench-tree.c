/* SPDX-License-Identifier: MIT */
/*
 * Reading a tree of files: every entry or every file once, in one thread.
 *
 * All paths are put together before the clock starts, so that nothing but system calls (and the C library's readdir) is
 * timed.
 */
#include "config.h"

#include "sfsbench.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* As cat(1) and most readers use. */
#define BUFFER_SIZE (128 * 1024)

struct tree {
    const char *root;
    char **paths; /* absolute */
    size_t count;
};

typedef void tree_function(const struct tree *tree, struct tally *tally);

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

/* Every path of the list below root, with suffix behind it. */
static void load_tree(const char *root, const char *list, const char *suffix, struct tree *ret)
{
    size_t room = 0, line_room = 0;
    char *line = NULL;
    ssize_t length;
    FILE *file;

    if (!list)
        errx(2, "this workload needs -l LIST");
    file = fopen(list, "re");
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
        if (asprintf(&ret->paths[ret->count++], "%s/%s%s", root, line, suffix) < 0)
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

static void run(const struct job *job, const char *suffix, tree_function *function, struct tally *tally)
{
    struct tree tree = {0};

    load_tree(job->path, job->list, suffix, &tree);
    clock_starts(tally);
    function(&tree, tally);
    clock_stops(tally);
    free_tree(&tree);
}

void bench_walk(const struct job *job, struct tally *tally)
{
    struct tree tree = {.root = job->path};

    clock_starts(tally);
    do_walk(&tree, tally);
    clock_stops(tally);
}

void bench_stat(const struct job *job, struct tally *tally)
{
    run(job, "", do_stat, tally);
}

void bench_open(const struct job *job, struct tally *tally)
{
    run(job, "", do_open, tally);
}

void bench_read(const struct job *job, struct tally *tally)
{
    run(job, "", do_read, tally);
}

void bench_missing(const struct job *job, struct tally *tally)
{
    run(job, ".missing", do_missing, tally);
}
