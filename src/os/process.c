/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "os/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "os/clock.h"
#include "os/fd.h"

/* What is kept of the words of a helper program. */
#define SAID_MOST 4096

extern char **environ;

sfs_err sfs_process_read_file(int dirfd, const char *path, size_t most, struct sfs_strbuf *out)
{
    int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return -errno;
    sfs_err r = 0;
    for (size_t total = 0; r == 0;) {
        r = sfs_strbuf_reserve(out, 16384);
        if (r < 0)
            break;
        ssize_t got = read(fd, out->data + out->length, 16384);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            r = -errno;
        if (got <= 0)
            break;
        out->length += (size_t)got;
        out->data[out->length] = '\0';
        total += (size_t)got;
        if (total > most)
            r = -EFBIG;
    }
    sfs_close(fd);
    return r;
}

/* The environment with LC_ALL=C in front: the words of the helper are compared with strerror()'s English ones. */
static char **english_environment(void)
{
    size_t count = 0;
    while (environ != NULL && environ[count] != NULL)
        count++;
    char **made = calloc(count + 2, sizeof *made);
    if (made == NULL)
        return NULL;
    size_t used = 0;
    made[used++] = (char *)"LC_ALL=C";
    for (size_t i = 0; i < count; i++) {
        if (strncmp(environ[i], "LC_ALL=", 7) != 0)
            made[used++] = environ[i];
    }
    return made;
}

static sfs_err spawn(const char *const argv[], int output, pid_t *ret_pid)
{
    SFS_CLEANUP_FREE char **environment = english_environment();
    if (environment == NULL)
        return -ENOMEM;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int r = posix_spawn_file_actions_init(&actions);
    if (r != 0)
        return -r;
    r = posix_spawnattr_init(&attributes);
    if (r != 0) {
        (void)posix_spawn_file_actions_destroy(&actions);
        return -r;
    }
    sigset_t none, all;
    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    (void)posix_spawnattr_setsigmask(&attributes, &none);
    (void)posix_spawnattr_setsigdefault(&attributes, &all);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    r = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (r == 0)
        r = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    if (r == 0)
        r = posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
    if (r == 0)
        r = posix_spawnp(ret_pid, argv[0], &actions, &attributes, (char *const *)argv, environment);
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&actions);
    return -r;
}

static sfs_err wait_status(pid_t pid, int *ret_status)
{
    int status;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return -errno;
    }
    *ret_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return 0;
}

sfs_err sfs_process_run(const char *const argv[], struct sfs_strbuf *said, int *ret_status)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    pid_t pid;
    sfs_err r = spawn(argv, ends[1], &pid);
    sfs_close(ends[1]);
    if (r < 0) {
        sfs_close(ends[0]);
        return r;
    }
    size_t kept = 0;
    for (;;) {
        char piece[512];
        ssize_t got = read(ends[0], piece, sizeof piece);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        /* the rest is read too, or the program would wait for us for ever */
        size_t keep = (size_t)got < SAID_MOST - kept ? (size_t)got : SAID_MOST - kept;
        if (sfs_strbuf_add(said, piece, keep) == 0)
            kept += keep;
    }
    sfs_close(ends[0]);
    return wait_status(pid, ret_status);
}

char *sfs_process_find(const char *program)
{
    const char *path = getenv("PATH");
    if (path == NULL)
        path = "/bin:/usr/bin";
    while (*path != '\0') {
        size_t length = strcspn(path, ":");
        SFS_CLEANUP_FREE char *dir = strndup(path, length);
        SFS_CLEANUP_FREE char *file = dir != NULL ? sfs_path_join(length > 0 ? dir : ".", program) : NULL;
        if (file != NULL && access(file, X_OK) == 0)
            return SFS_TAKE_PTR(file);
        path += length + (path[length] == ':');
    }
    return NULL;
}

void sfs_process_command(pid_t pid, char ret[SFS_PROCESS_COMMAND_SIZE])
{
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%ld/comm", (long)pid);
    SFS_CLEANUP_STRBUF struct sfs_strbuf name = SFS_STRBUF_INIT;
    if (sfs_process_read_file(AT_FDCWD, path, 4096, &name) < 0 || name.length == 0)
        (void)sfs_strbuf_add_char(&name, '?');
    /* a process chooses its own name: no control characters on the reader's terminal */
    size_t length = 0;
    for (; length < SFS_PROCESS_COMMAND_SIZE - 1 && name.data[length] != '\0' && name.data[length] != '\n'; length++) {
        unsigned char character = (unsigned char)name.data[length];
        ret[length] = character < 0x20 || character == 0x7f ? '?' : name.data[length];
    }
    ret[length] = '\0';
}

sfs_err sfs_process_wait_gone(pid_t pid, int timeout)
{
    long long deadline = sfs_clock_ms(CLOCK_MONOTONIC) + timeout;
    int fd = pidfd_open(pid, 0);
    if (fd < 0 && errno == ESRCH)
        return 0;
    for (;;) {
        long long left = deadline - sfs_clock_ms(CLOCK_MONOTONIC);
        if (left < 0)
            left = 0;
        if (fd >= 0) {
            struct pollfd wait = {.fd = fd, .events = POLLIN};
            int r = poll(&wait, 1, (int)left);
            if (r < 0 && errno == EINTR)
                continue;
            sfs_close(fd);
            return r > 0 ? 0 : -ETIMEDOUT;
        }
        /* no pidfd (a seccomp filter of the container): look again and again */
        if (kill(pid, 0) < 0 && errno == ESRCH)
            return 0;
        if (left == 0)
            return -ETIMEDOUT;
        (void)poll(NULL, 0, 20);
    }
}

static int compare_numbers(const void *one, const void *other)
{
    int a = *(const int *)one, b = *(const int *)other;
    return (a > b) - (a < b);
}

void sfs_process_close_all_but(int keep[], size_t count)
{
    qsort(keep, count, sizeof keep[0], compare_numbers);
    unsigned from = STDERR_FILENO + 1;
    for (size_t i = 0; i < count; i++) {
        if (keep[i] < (int)from)
            continue;
        if ((unsigned)keep[i] > from)
            (void)close_range(from, (unsigned)keep[i] - 1, 0);
        from = (unsigned)keep[i] + 1;
    }
    (void)close_range(from, ~0U, 0);
}

sfs_err sfs_process_enter_mount_namespace(const char *target)
{
    char path[64];
    if (target[0] != '\0' && strspn(target, "0123456789") == strlen(target) && strlen(target) < 20) {
        (void)snprintf(path, sizeof path, "/proc/%s/ns/mnt", target);
        target = path;
    }
    int fd = open(target, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    sfs_err r = setns(fd, CLONE_NEWNS) < 0 ? -errno : 0;
    sfs_close(fd);
    return r;
}
