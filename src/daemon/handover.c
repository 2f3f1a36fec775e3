/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/handover.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/fd.h"

/* A longer reason is cut: it is for a person. */
#define TEXT_MOST 4000

struct answer {
    enum sfs_status status;
    char text[TEXT_MOST];
};

/* Room for one descriptor (cmsg(3)). */
union control {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
};

sfs_err sfs_handover_channel(int ret_ends[2])
{
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret_ends) < 0 ? -errno : 0;
}

sfs_err sfs_handover_send(int channel, const struct sfs_handover *message, int fd)
{
    struct iovec data = {.iov_base = (void *)message, .iov_len = sizeof *message};
    union control control = {.bytes = {0}};
    struct msghdr whole = {.msg_iov = &data, .msg_iovlen = 1};
    if (fd >= 0) {
        whole.msg_control = control.bytes;
        whole.msg_controllen = sizeof control.bytes;
        struct cmsghdr *head = CMSG_FIRSTHDR(&whole);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(head), &fd, sizeof fd);
    }
    ssize_t sent;
    do {
        sent = sendmsg(channel, &whole, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : 0;
}

sfs_err sfs_handover_receive(int channel, struct sfs_handover *ret, int *ret_fd)
{
    struct iovec data = {.iov_base = ret, .iov_len = sizeof *ret};
    union control control;
    struct msghdr whole = {
        .msg_iov = &data,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof control.bytes,
    };
    ssize_t got;
    do {
        got = recvmsg(channel, &whole, MSG_CMSG_CLOEXEC);
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        return -errno;
    SFS_CLEANUP_FD int fd = -1;
    const struct cmsghdr *head = CMSG_FIRSTHDR(&whole);
    if (head != NULL && head->cmsg_type == SCM_RIGHTS && head->cmsg_len == CMSG_LEN(sizeof fd))
        memcpy(&fd, CMSG_DATA(head), sizeof fd);
    if (got == 0)
        return -EPIPE;
    if ((size_t)got != sizeof *ret)
        return -EPROTO;
    *ret_fd = SFS_TAKE_FD(fd);
    return 0;
}

sfs_err sfs_handover_answer(int channel, const struct sfs_error *err)
{
    struct answer answer = {.status = sfs_error_status(err)};
    const char *text = err != NULL ? sfs_error_text(err) : "";
    size_t length = strnlen(text, sizeof answer.text - 1);
    memcpy(answer.text, text, length);
    ssize_t sent;
    do {
        sent = send(channel, &answer, sizeof answer, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : 0;
}

int sfs_handover_wait(int channel, struct sfs_error **err)
{
    struct answer answer;
    ssize_t got;
    do {
        got = recv(channel, &answer, sizeof answer, 0);
    } while (got < 0 && errno == EINTR);
    if (got != (ssize_t)sizeof answer)
        return sfs_error_set(err, SFS_STATUS_FAILED, "the daemon ended while it started (try -v)");
    answer.text[sizeof answer.text - 1] = '\0';
    return answer.status == SFS_STATUS_OK ? 0 : sfs_error_set(err, answer.status, "%s", answer.text);
}
