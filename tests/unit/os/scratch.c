/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/path.h"
#include "scratch.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void scratch_make(struct scratch *scratch)
{
    strcpy(scratch->path, "/tmp/sfs-unit.XXXXXX");
    cr_assert_not_null(mkdtemp(scratch->path));
    scratch->fd = open(scratch->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cr_assert_geq(scratch->fd, 0);
}

/* By descriptors, since the trees here may be deeper than PATH_MAX. Takes fd over. */
static void empty(int fd)
{
    DIR *dir = fdopendir(fd);
    cr_assert_not_null(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (sfs_path_is_dot(entry->d_name) || unlinkat(fd, entry->d_name, 0) == 0)
            continue;
        int below = openat(fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (below >= 0)
            empty(below);
        (void)unlinkat(fd, entry->d_name, AT_REMOVEDIR);
    }
    (void)closedir(dir);
}

void scratch_remove(struct scratch *scratch)
{
    empty(scratch->fd);
    cr_assert_eq(rmdir(scratch->path), 0, "%s is not empty", scratch->path);
}

void scratch_write(const struct scratch *scratch, const char *path, const char *text)
{
    int fd = openat(scratch->fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    cr_assert_geq(fd, 0, "%s", path);
    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    (void)close(fd);
}

const char *scratch_read(const struct scratch *scratch, const char *path)
{
    static char text[4096];
    int fd = openat(scratch->fd, path, O_RDONLY | O_CLOEXEC);
    cr_assert_geq(fd, 0, "%s", path);
    ssize_t n = read(fd, text, sizeof text - 1);
    cr_assert_geq(n, 0);
    text[n] = '\0';
    (void)close(fd);
    return text;
}
