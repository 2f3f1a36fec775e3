/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "os/clock.h"
#include "os/fd.h"
#include "os/rundir.h"

/*
 * Longer names are cut in the file name (other programs have 108 bytes for a socket's path); the pid keeps it unique.
 */
#define NAME_MOST 32
#define LOCK_MS 10000
#define LOCK_PAUSE_MS 10

struct client {
    int fd; /* -1: free */
    long long deadline;
    struct sfs_strbuf in;  /* what came and is not answered yet */
    struct sfs_strbuf out; /* what has to be sent; nothing is read meanwhile */
    size_t sent;
};

struct sfs_control {
    int dfd; /* of the directory of the socket */
    int fd;
    char *file; /* its name in there */
    char *path; /* both, for messages */
    sfs_control_answer *answer;
    void *arg;
    struct client clients[SFS_CONTROL_CLIENTS];
};

bool sfs_control_permitted(unsigned peer, unsigned own)
{
    return peer == 0 || peer == own;
}

char *sfs_control_file_name(const char *name, long pid)
{
    char clean[NAME_MOST + 1];
    size_t length = 0;
    for (; name[length] != '\0' && length < NAME_MOST; length++) {
        char character = name[length];
        bool good = (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
                    (character >= '0' && character <= '9') || character == '-' || character == '_' || character == '.';
        clean[length] = good && !(length == 0 && character == '.') ? character : '_';
    }
    clean[length] = '\0';
    char *made = NULL;
    return asprintf(&made, "%s.%ld.sock", clean, pid) < 0 ? NULL : made;
}

/* --- making and removing the socket ------------------------------------------------------------------------------- */

/*
 * An address of a name in a directory, by its descriptor: short enough for sun_path wherever the directory is, and
 * still this directory when somebody renames things.
 */
static bool socket_address(int dfd, const char *file, struct sockaddr_un *ret)
{
    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    int length = snprintf(ret->sun_path, sizeof ret->sun_path, "%s/%s", sfs_fd_path(dfd).text, file);
    return length > 0 && (size_t)length < sizeof ret->sun_path;
}

static sfs_err listen_at(struct sfs_control *control)
{
    struct sockaddr_un address;
    char temporary[NAME_MOST + 32];
    (void)snprintf(temporary, sizeof temporary, ".%ld.new", (long)getpid());
    if (!socket_address(control->dfd, temporary, &address))
        return -ENAMETOOLONG;
    control->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (control->fd < 0)
        return -errno;
    (void)unlinkat(control->dfd, temporary, 0);
    /* on Linux the mode of the socket becomes the mode of its file */
    if (fchmod(control->fd, 0600) < 0 || bind(control->fd, (struct sockaddr *)&address, sizeof address) < 0)
        return -errno;
    /* it gets its name only now that somebody listens: a socket that refuses is the one of a dead daemon */
    if (listen(control->fd, SFS_CONTROL_CLIENTS) < 0 ||
        renameat(control->dfd, temporary, control->dfd, control->file) < 0) {
        sfs_err r = -errno;
        (void)unlinkat(control->dfd, temporary, 0);
        return r;
    }
    return 0;
}

/* Open the first of the places that can be used; one that is not safe ends the search. */
static int open_place(struct sfs_control *control, struct sfs_error **err)
{
    sfs_err first = 0;
    for (size_t i = 0;; i++) {
        SFS_CLEANUP_FREE char *place = NULL;
        sfs_err r = sfs_rundir_place(geteuid(), i, &place);
        if (r < 0)
            return sfs_error_set(err, SFS_STATUS_FAILED, "control socket: %s (set XDG_RUNTIME_DIR to a directory of your "
                                 "own)", strerrordesc_np(first < 0 ? -first : -r));
        r = sfs_rundir_open(place, geteuid(), true, &control->dfd);
        if (r == 0) {
            control->path = sfs_path_join(place, control->file);
            return control->path != NULL ? 0 : sfs_error_set(err, SFS_STATUS_FAILED, "control socket: out of memory");
        }
        if (r == -EPERM)
            return sfs_error_set(err, SFS_STATUS_REFUSED,
                                 "%s: the directory for the control socket belongs to another user or others may write "
                                 "it (remove it, or set XDG_RUNTIME_DIR to a directory of your own)",
                                 place);
        sfs_log_debug("%s: not usable for the control socket: %s", place, strerrordesc_np(-r));
        if (first == 0)
            first = r;
    }
}

int sfs_control_open(const char *name, sfs_control_answer *answer, void *arg, struct sfs_control **ret,
                     struct sfs_error **err)
{
    struct sfs_control *control = calloc(1, sizeof *control);
    if (control == NULL)
        return sfs_error_set(err, SFS_STATUS_FAILED, "control socket: out of memory (free some and try again)");
    control->dfd = control->fd = -1;
    control->answer = answer;
    control->arg = arg;
    for (size_t i = 0; i < SFS_CONTROL_CLIENTS; i++) {
        control->clients[i].fd = -1;
        sfs_strbuf_init(&control->clients[i].in);
        sfs_strbuf_init(&control->clients[i].out);
    }
    control->file = sfs_control_file_name(name, (long)getpid());
    if (control->file == NULL || open_place(control, err) < 0) {
        if (control->file == NULL)
            (void)sfs_error_set(err, SFS_STATUS_FAILED, "control socket: out of memory (free some and try again)");
        sfs_control_close(control);
        return -1;
    }
    sfs_err r = listen_at(control);
    if (r < 0) {
        (void)sfs_error_set(err, SFS_STATUS_FAILED, "%s: %s (is the filesystem full or read-only?)", control->path,
                            strerrordesc_np(-r));
        sfs_close(control->fd);
        control->fd = -1;
        sfs_control_close(control);
        return -1;
    }
    *ret = control;
    return 0;
}

static void drop_client(struct client *client)
{
    sfs_close(client->fd);
    client->fd = -1;
    client->sent = 0;
    sfs_strbuf_release(&client->in);
    sfs_strbuf_release(&client->out);
}

void sfs_control_close(struct sfs_control *control)
{
    if (control == NULL)
        return;
    for (size_t i = 0; i < SFS_CONTROL_CLIENTS; i++)
        drop_client(&control->clients[i]);
    if (control->fd >= 0) {
        (void)unlinkat(control->dfd, control->file, 0);
        sfs_close(control->fd);
    }
    sfs_close(control->dfd);
    free(control->file);
    free(control->path);
    free(control);
}

void sfs_control_remove(const char *name, long pid)
{
    SFS_CLEANUP_FREE char *file = sfs_control_file_name(name, pid);
    for (size_t i = 0; file != NULL; i++) {
        SFS_CLEANUP_FREE char *place = NULL;
        SFS_CLEANUP_FD int dfd = -1;
        if (sfs_rundir_place(geteuid(), i, &place) < 0)
            return;
        if (sfs_rundir_open(place, geteuid(), false, &dfd) == 0)
            (void)unlinkat(dfd, file, 0);
    }
}

void sfs_control_lock(struct sfs_control *control)
{
    long long deadline = sfs_clock_ms(CLOCK_MONOTONIC) + LOCK_MS;
    while (flock(control->dfd, LOCK_EX | LOCK_NB) < 0) {
        if ((errno != EWOULDBLOCK && errno != EINTR) || sfs_clock_ms(CLOCK_MONOTONIC) > deadline) {
            sfs_log_debug("%s: not locked: %m", control->path);
            return;
        }
        (void)poll(NULL, 0, LOCK_PAUSE_MS);
    }
}

void sfs_control_unlock(struct sfs_control *control)
{
    (void)flock(control->dfd, LOCK_UN);
}

const char *sfs_control_path(const struct sfs_control *control)
{
    return control->path;
}

/* --- clients ------------------------------------------------------------------------------------------------------ */

static void take_client(struct sfs_control *control, int fd)
{
    struct ucred peer;
    socklen_t length = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0 || !sfs_control_permitted(peer.uid, geteuid())) {
        sfs_log_warn("control socket: a process of another user was turned away");
        sfs_close(fd);
        return;
    }
    /* when all places are taken, the one who has been silent for longest makes room */
    struct client *place = &control->clients[0];
    for (size_t i = 0; i < SFS_CONTROL_CLIENTS && place->fd >= 0; i++) {
        struct client *client = &control->clients[i];
        if (client->fd < 0 || client->deadline < place->deadline)
            place = client;
    }
    drop_client(place);
    place->fd = fd;
    place->deadline = sfs_clock_ms(CLOCK_MONOTONIC) + SFS_CONTROL_CLIENT_MS;
}

static void accept_clients(struct sfs_control *control)
{
    for (int most = SFS_CONTROL_CLIENTS; most > 0; most--) {
        int fd = accept4(control->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0)
            return;
        take_client(control, fd);
    }
}

/* False when the client is to be dropped. */
static bool send_more(struct client *client)
{
    while (client->sent < client->out.length) {
        ssize_t sent = send(client->fd, client->out.data + client->sent, client->out.length - client->sent,
                            MSG_NOSIGNAL);
        if (sent < 0)
            return errno == EAGAIN || errno == EINTR;
        client->sent += (size_t)sent;
    }
    sfs_strbuf_release(&client->out);
    client->sent = 0;
    return true;
}

/* Answer the complete lines that came, as long as the answers go out. */
static bool answer_lines(struct sfs_control *control, struct client *client)
{
    while (client->out.length == 0) {
        const char *newline = memchr(client->in.data, '\n', client->in.length);
        if (newline == NULL)
            return client->in.length < SFS_CONTROL_REQUEST_MOST;
        size_t length = (size_t)(newline - client->in.data);
        SFS_CLEANUP_FREE char *answer = control->answer(control->arg, client->in.data, length);
        if (answer == NULL || sfs_strbuf_add_string(&client->out, answer) < 0)
            return false;
        client->in.length -= length + 1;
        memmove(client->in.data, newline + 1, client->in.length + 1);
        client->deadline = sfs_clock_ms(CLOCK_MONOTONIC) + SFS_CONTROL_CLIENT_MS;
        if (!send_more(client))
            return false;
    }
    return true;
}

static bool receive_more(struct client *client)
{
    if (client->in.length >= SFS_CONTROL_REQUEST_MOST)
        return false;
    size_t room = SFS_CONTROL_REQUEST_MOST - client->in.length;
    if (room > 4096)
        room = 4096;
    if (sfs_strbuf_reserve(&client->in, room) < 0)
        return false;
    ssize_t got = recv(client->fd, client->in.data + client->in.length, room, 0);
    if (got < 0)
        return errno == EAGAIN || errno == EINTR;
    client->in.length += (size_t)got;
    client->in.data[client->in.length] = '\0';
    return got > 0;
}

static bool serve_client(struct sfs_control *control, struct client *client)
{
    if (client->out.length > 0)
        return send_more(client) && answer_lines(control, client);
    return receive_more(client) && answer_lines(control, client);
}

size_t sfs_control_poll(const struct sfs_control *control, struct pollfd fds[SFS_CONTROL_POLL_MOST])
{
    size_t count = 0;
    fds[count++] = (struct pollfd){.fd = control->fd, .events = POLLIN};
    for (size_t i = 0; i < SFS_CONTROL_CLIENTS; i++) {
        const struct client *client = &control->clients[i];
        if (client->fd >= 0)
            fds[count++] = (struct pollfd){.fd = client->fd, .events = client->out.length > 0 ? POLLOUT : POLLIN};
    }
    return count;
}

int sfs_control_timeout(const struct sfs_control *control)
{
    long long now = sfs_clock_ms(CLOCK_MONOTONIC), least = -1;
    for (size_t i = 0; i < SFS_CONTROL_CLIENTS; i++) {
        if (control->clients[i].fd < 0)
            continue;
        long long left = control->clients[i].deadline - now;
        if (left < 0)
            left = 0;
        if (least < 0 || left < least)
            least = left;
    }
    return (int)least;
}

void sfs_control_serve(struct sfs_control *control, const struct pollfd *fds, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < SFS_CONTROL_CLIENTS && fds[i].revents != 0; j++) {
            struct client *client = &control->clients[j];
            if (client->fd == fds[i].fd && !serve_client(control, client))
                drop_client(client);
        }
    }
    long long now = sfs_clock_ms(CLOCK_MONOTONIC);
    for (size_t i = 0; i < SFS_CONTROL_CLIENTS; i++) {
        if (control->clients[i].fd >= 0 && control->clients[i].deadline <= now)
            drop_client(&control->clients[i]);
    }
    /* last, so that a new client cannot be taken for an old one with the same descriptor */
    if (count > 0 && fds[0].revents != 0)
        accept_clients(control);
}
