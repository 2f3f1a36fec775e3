/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/client.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "os/fd.h"
#include "os/mounts.h"
#include "os/rundir.h"

#define ANSWER_SECONDS 5
/* A daemon of ours never says that much; a strange process might. */
#define ANSWER_MOST ((size_t)16 << 20)

static sfs_err connect_at(int dfd, const char *file, pid_t *ret_pid, int *ret_fd)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int length = snprintf(address.sun_path, sizeof address.sun_path, "%s/%s", sfs_fd_path(dfd).text, file);
    if (length < 0 || (size_t)length >= sizeof address.sun_path)
        return -ENAMETOOLONG;
    SFS_CLEANUP_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timeval patience = {.tv_sec = ANSWER_SECONDS};
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) < 0 ||
        connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        return -errno;
    struct ucred peer;
    socklen_t peer_length = sizeof peer;
    *ret_pid = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &peer_length) == 0 ? peer.pid : 0;
    *ret_fd = SFS_TAKE_FD(fd);
    return 0;
}

static sfs_err send_line(int fd, json_t *request)
{
    SFS_CLEANUP_FREE char *text = json_dumps(request, JSON_COMPACT);
    SFS_CLEANUP_STRBUF struct sfs_strbuf line = SFS_STRBUF_INIT;
    if (text == NULL || sfs_strbuf_addf(&line, "%s\n", text) < 0)
        return -ENOMEM;
    for (size_t sent = 0; sent < line.length;) {
        ssize_t r = send(fd, line.data + sent, line.length - sent, MSG_NOSIGNAL);
        if (r < 0 && errno != EINTR)
            return errno == EAGAIN ? -ETIMEDOUT : -errno;
        sent += r > 0 ? (size_t)r : 0;
    }
    return 0;
}

static sfs_err receive_line(int fd, struct sfs_strbuf *line)
{
    while (memchr(line->data, '\n', line->length) == NULL) {
        char piece[4096];
        ssize_t got = recv(fd, piece, sizeof piece, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return errno == EAGAIN ? -ETIMEDOUT : -errno;
        if (got == 0)
            return -ECONNREFUSED; /* it ended meanwhile */
        if (line->length > ANSWER_MOST || sfs_strbuf_add(line, piece, (size_t)got) < 0)
            return -ENOMEM;
    }
    return 0;
}

static sfs_err ask(int fd, json_t *request, json_t **ret)
{
    SFS_CLEANUP_STRBUF struct sfs_strbuf line = SFS_STRBUF_INIT;
    sfs_err r = send_line(fd, request);
    if (r == 0)
        r = receive_line(fd, &line);
    if (r < 0)
        return r == -EPIPE || r == -ECONNRESET ? -ECONNREFUSED : r;
    json_t *answer = json_loads(line.data, JSON_DISABLE_EOF_CHECK, NULL);
    if (!json_is_object(answer)) {
        json_decref(answer);
        return -EPROTO;
    }
    *ret = answer;
    return 0;
}

sfs_err sfs_peer_ask(const struct sfs_peer *peer, json_t *request, json_t **ret)
{
    SFS_CLEANUP_FD int dfd = -1, fd = -1;
    sfs_err r = sfs_rundir_open(peer->dir, peer->uid, false, &dfd);
    pid_t pid;
    if (r == 0)
        r = connect_at(dfd, peer->file, &pid, &fd);
    return r < 0 ? r : ask(fd, request, ret);
}

/* --- finding ------------------------------------------------------------------------------------------------------ */

static void release_peer(struct sfs_peer *peer)
{
    free(peer->dir);
    free(peer->file);
    json_decref(peer->status);
}

static sfs_err add_peer(struct sfs_peers *peers, struct sfs_peer *peer)
{
    struct sfs_peer *items = reallocarray(peers->items, peers->count + 1, sizeof *items);
    if (items == NULL || peer->dir == NULL || peer->file == NULL) {
        if (items != NULL)
            peers->items = items;
        release_peer(peer);
        return -ENOMEM;
    }
    peers->items = items;
    items[peers->count++] = *peer;
    return 0;
}

static sfs_err try_socket(struct sfs_peers *peers, const char *dir, int dfd, uid_t uid, const char *file)
{
    struct sfs_peer peer = {.uid = uid};
    SFS_CLEANUP_FD int fd = -1;
    sfs_err r = connect_at(dfd, file, &peer.pid, &fd);
    if (r == -ECONNREFUSED) {
        /* it got this name when somebody listened already: that daemon has died */
        (void)unlinkat(dfd, file, 0);
        return 0;
    }
    json_t *request = r == 0 ? json_pack("{s:s}", "command", "status") : NULL;
    if (r == 0)
        r = request != NULL ? ask(fd, request, &peer.status) : -ENOMEM;
    json_decref(request);
    if (r == -ENOMEM)
        return r;
    if (r < 0) {
        if (r != -ENOENT && r != -ECONNREFUSED)
            sfs_log_warn("%s/%s: %s (is the daemon stopped or hanging?)", dir, file, strerrordesc_np(-r));
        return 0;
    }
    peer.dir = strdup(dir);
    peer.file = strdup(file);
    return add_peer(peers, &peer);
}

static sfs_err search_place(struct sfs_peers *peers, const char *place, uid_t uid)
{
    int fd = -1;
    if (sfs_rundir_open(place, uid, false, &fd) < 0)
        return 0;
    SFS_CLEANUP_DIR DIR *dir = fdopendir(fd);
    if (dir == NULL) {
        sfs_close(fd);
        return -ENOMEM;
    }
    sfs_err r = 0;
    for (const struct dirent *entry = readdir(dir); entry != NULL && r == 0; entry = readdir(dir)) {
        size_t length = strlen(entry->d_name);
        if (length > 5 && entry->d_name[0] != '.' && strcmp(entry->d_name + length - 5, ".sock") == 0)
            r = try_socket(peers, place, dirfd(dir), uid, entry->d_name);
    }
    return r;
}

static sfs_err search_user(struct sfs_peers *peers, uid_t uid)
{
    for (size_t i = 0;; i++) {
        SFS_CLEANUP_FREE char *place = NULL;
        sfs_err r = sfs_rundir_place(uid, i, &place);
        if (r == 0)
            r = search_place(peers, place, uid);
        if (r < 0)
            return r == -ENOENT ? 0 : r;
    }
}

/* The users besides root who have stablefs mounts here; each once. */
static sfs_err search_mount_owners(struct sfs_peers *peers)
{
    SFS_CLEANUP_MOUNTS struct sfs_mounts mounts = SFS_MOUNTS_INIT;
    sfs_err r = sfs_mounts_read(&mounts);
    for (size_t i = 0; i < mounts.count && r == 0; i++) {
        long uid = sfs_mount_is_ours(&mounts.items[i]) ? sfs_mount_option_number(&mounts.items[i], "user_id=") : -1;
        bool again = uid <= 0;
        for (size_t j = 0; j < i && !again; j++)
            again = sfs_mount_is_ours(&mounts.items[j]) &&
                    sfs_mount_option_number(&mounts.items[j], "user_id=") == uid;
        if (!again)
            r = search_user(peers, (uid_t)uid);
    }
    return r;
}

sfs_err sfs_peers_find(struct sfs_peers *ret)
{
    *ret = (struct sfs_peers)SFS_PEERS_INIT;
    sfs_err r = search_user(ret, geteuid());
    if (r == 0 && geteuid() == 0)
        r = search_mount_owners(ret);
    return r;
}

void sfs_peers_release(struct sfs_peers *peers)
{
    for (size_t i = 0; i < peers->count; i++)
        release_peer(&peers->items[i]);
    free(peers->items);
    *peers = (struct sfs_peers)SFS_PEERS_INIT;
}

json_t *sfs_peer_maps(const struct sfs_peer *peer)
{
    return json_object_get(peer->status, "maps");
}

const char *sfs_json_member(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}
