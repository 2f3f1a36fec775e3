/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/unmounter.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "os/fd.h"
#include "os/process.h"
#include "os/umount.h"

/* One request is one packet: what to do, and the path without a NUL. */
enum request {
    REQUEST_UMOUNT = 'u',
    REQUEST_DETACH = 'd',
};

struct packet {
    char request;
    char path[PATH_MAX];
};

/* The answer to an unmount: the result, and what fusermount3 said. */
struct answer {
    sfs_err r;
    char said[512];
};

struct sfs_unmounter {
    int fd;
    pid_t pid;
};

/* --- the other process -------------------------------------------------------------------------------------------- */

static void answer_umount(int fd, const char *path, bool lazy)
{
    SFS_CLEANUP_STRBUF struct sfs_strbuf said = SFS_STRBUF_INIT;
    struct answer answer = {.r = sfs_umount_by_helper(path, lazy, &said)};
    size_t length = said.length < sizeof answer.said - 1 ? said.length : sizeof answer.said - 1;
    memcpy(answer.said, said.data, length);
    (void)send(fd, &answer, sizeof answer, MSG_NOSIGNAL);
}

static void unmounter_main(int fd)
{
    struct packet packet;
    for (;;) {
        ssize_t length = recv(fd, &packet, sizeof packet - 1, 0);
        if (length < 0 && errno == EINTR)
            continue;
        if (length <= 1)
            break;
        ((char *)&packet)[length] = '\0';
        answer_umount(fd, packet.path, packet.request == REQUEST_DETACH);
    }
}

/* It must outlive the signals that end the daemon, and hold nothing that others wait for the end of. */
static void unmounter_prepare(int fd, int null)
{
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGTERM, SIG_IGN);
    (void)signal(SIGHUP, SIG_IGN);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)prctl(PR_SET_NAME, "sfs-unmounter");
    for (int standard = STDIN_FILENO; standard <= STDERR_FILENO; standard++)
        (void)dup2(null, standard);
    sfs_process_close_all_but(&fd, 1);
}

/* --- the daemon's side -------------------------------------------------------------------------------------------- */

int sfs_unmounter_start(struct sfs_unmounter **ret, struct sfs_error **err)
{
    SFS_CLEANUP_FD int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0)
        return sfs_error_set(err, SFS_STATUS_FAILED, "/dev/null: %m (make it accessible)");
    struct sfs_unmounter *unmounter = malloc(sizeof *unmounter);
    int ends[2];
    if (unmounter == NULL || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
        free(unmounter);
        return sfs_error_set(err, SFS_STATUS_FAILED, "cannot make the unmounter: %m (end some programs)");
    }
    pid_t pid = fork();
    if (pid == 0) {
        free(unmounter);
        unmounter_prepare(ends[1], null);
        unmounter_main(ends[1]);
        _exit(0);
    }
    sfs_close(ends[1]);
    if (pid < 0) {
        (void)sfs_error_set(err, SFS_STATUS_FAILED, "cannot make the unmounter: %m (end some programs)");
        sfs_close(ends[0]);
        free(unmounter);
        return -1;
    }
    *unmounter = (struct sfs_unmounter){.fd = ends[0], .pid = pid};
    *ret = unmounter;
    return 0;
}

static sfs_err send_request(const struct sfs_unmounter *unmounter, enum request request, const char *path)
{
    struct packet packet = {.request = (char)request};
    size_t length = strlen(path);
    if (length >= sizeof packet.path)
        return -ENAMETOOLONG;
    memcpy(packet.path, path, length);
    return send(unmounter->fd, &packet, length + 1, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

sfs_err sfs_unmounter_umount(struct sfs_unmounter *unmounter, const char *path, bool lazy, struct sfs_strbuf *said)
{
    sfs_err r = send_request(unmounter, lazy ? REQUEST_DETACH : REQUEST_UMOUNT, path);
    if (r < 0)
        return r;
    struct answer answer;
    ssize_t length;
    do {
        length = recv(unmounter->fd, &answer, sizeof answer, 0);
    } while (length < 0 && errno == EINTR);
    if (length < 0)
        return -errno;
    if ((size_t)length != sizeof answer)
        return -EPIPE;
    answer.said[sizeof answer.said - 1] = '\0';
    (void)sfs_strbuf_add_string(said, answer.said);
    return answer.r;
}

void sfs_unmounter_stop(struct sfs_unmounter *unmounter)
{
    if (unmounter == NULL)
        return;
    sfs_close(unmounter->fd);
    while (waitpid(unmounter->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    free(unmounter);
}
