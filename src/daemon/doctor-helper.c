/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/doctor-helper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "os/fd.h"
#include "os/namespace.h"
#include "os/process.h"

#define HELPER "fusermount3"

static bool gains_rights(const char *path)
{
    struct stat file;
    struct statvfs around;
    return stat(path, &file) == 0 && file.st_uid == 0 && (file.st_mode & S_ISUID) != 0 && statvfs(path, &around) == 0 &&
           (around.f_flag & ST_NOSUID) == 0;
}

/* A new empty directory; false when there is no place for one. */
static bool make_directory(char *path, size_t size)
{
    const char *places[] = {getenv("XDG_RUNTIME_DIR"), getenv("TMPDIR"), "/tmp"};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (places[i] == NULL || places[i][0] != '/')
            continue;
        int length = snprintf(path, size, "%s/stablefs-doctor-XXXXXX", places[i]);
        if (length > 0 && (size_t)length < size && mkdtemp(path) != NULL)
            return true;
    }
    return false;
}

/* The first line of what it said, without its name, or otherwise. */
static void keep_words(const struct sfs_strbuf *said, const char *otherwise, struct sfs_doctor_helper *helper)
{
    const char *text = said->data;
    size_t own = strlen(helper->path);
    if (strncmp(text, helper->path, own) == 0 && strncmp(text + own, ": ", 2) == 0)
        text += own + 2;
    size_t length = strcspn(text, "\n");
    (void)snprintf(helper->said, sizeof helper->said, "%.*s", length > 0 ? (int)length : (int)strlen(otherwise),
                   length > 0 ? text : otherwise);
}

/*
 * It sends the mounted descriptor over a socket (libfuse, lib/mount.c) and ends.  Here only its end counts: the
 * descriptor stays unread in the socket, and goes with it.
 */
static void mount_and_unmount(const char *path, int channel, struct sfs_doctor_helper *helper)
{
    char number[16];
    (void)snprintf(number, sizeof number, "%d", channel);
    SFS_CLEANUP_STRBUF struct sfs_strbuf said = SFS_STRBUF_INIT;
    const char *const mount_it[] = {helper->path, "-o", "rw,nosuid,nodev,subtype=stablefs,fsname=stablefs-doctor",
                                    "--",         path, NULL};
    const char *const unmount_it[] = {helper->path, "-u", "-q", "-z", "--", path, NULL};
    int status = 1;
    sfs_err r = setenv("_FUSE_COMMFD", number, 1) < 0 ? -errno : sfs_process_run(mount_it, &said, &status);
    (void)unsetenv("_FUSE_COMMFD");
    if (r < 0 || status != 0) {
        keep_words(&said, r < 0 ? strerrordesc_np(-r) : "it failed without a word", helper);
        return;
    }
    SFS_CLEANUP_STRBUF struct sfs_strbuf words = SFS_STRBUF_INIT;
    r = sfs_process_run(unmount_it, &words, &status);
    helper->works = r == 0 && status == 0;
    if (!helper->works)
        keep_words(&words, "it mounted, but did not unmount", helper);
}

/* In a child: what is done to the environment and the namespaces ends with it. */
static void try_here(bool private, struct sfs_doctor_helper *helper)
{
    char path[512];
    int ends[2];
    if (private && sfs_namespace_enter(false) < 0) {
        helper->untried = true;
        return;
    }
    helper->untried = !make_directory(path, sizeof path);
    if (helper->untried)
        return;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0) {
        /* the helper must inherit one end only */
        (void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
        mount_and_unmount(path, ends[1], helper);
        sfs_close(ends[0]);
        sfs_close(ends[1]);
    } else {
        helper->untried = true;
    }
    (void)rmdir(path);
}

/* What a terminal sends must not end it before it has tidied up. */
static void hold_signals(sigset_t *ret_before)
{
    sigset_t all;
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_BLOCK, &all, ret_before);
}

void sfs_doctor_try_helper(bool can_mount, struct sfs_doctor_helper *ret)
{
    *ret = (struct sfs_doctor_helper){.untried = true};
    SFS_CLEANUP_FREE char *path = sfs_process_find(HELPER);
    ret->found = path != NULL;
    if (path == NULL || strlen(path) >= sizeof ret->path)
        return;
    memcpy(ret->path, path, strlen(path) + 1);
    ret->setuid = gains_rights(path);
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return;
    sigset_t before;
    hold_signals(&before);
    pid_t pid = fork();
    if (pid == 0) {
        try_here(can_mount, ret);
        _exit(sfs_fd_write_all(ends[1], ret, sizeof *ret) < 0);
    }
    sfs_close(ends[1]);
    struct sfs_doctor_helper told;
    ssize_t got = pid > 0 ? read(ends[0], &told, sizeof told) : -1;
    sfs_close(ends[0]);
    while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    if (got == (ssize_t)sizeof told)
        *ret = told;
}
