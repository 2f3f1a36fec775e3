/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "os/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

void sfs_close(int fd)
{
    if (fd < 0)
        return;
    int errno_before = errno;
    (void)close(fd);
    errno = errno_before;
}

void sfs_closep(int *fd)
{
    sfs_close(*fd);
}

void sfs_closedirp(DIR **dir)
{
    if (*dir != NULL)
        (void)closedir(*dir);
}

struct sfs_fd_path sfs_fd_path(int fd)
{
    struct sfs_fd_path path;
    (void)snprintf(path.text, sizeof path.text, "/proc/self/fd/%d", fd);
    return path;
}

sfs_err sfs_fd_reopen(int fd, int flags)
{
    int opened = open(sfs_fd_path(fd).text, (flags & ~(O_NOFOLLOW | O_CREAT | O_EXCL)) | O_CLOEXEC | O_NOCTTY);
    return opened >= 0 ? opened : -errno;
}

size_t sfs_fd_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return 256;
    return limit.rlim_cur == RLIM_INFINITY ? 1 << 20 : (size_t)limit.rlim_cur;
}

size_t sfs_fd_limit_raise(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
    return sfs_fd_limit();
}

sfs_err sfs_fd_write_all(int fd, const void *data, size_t length)
{
    const char *at = data;
    while (length > 0) {
        ssize_t n = write(fd, at, length);
        if (n < 0) {
            if (errno == EINTR)
                continue;
            return -errno;
        }
        at += n;
        length -= (size_t)n;
    }
    return 0;
}
