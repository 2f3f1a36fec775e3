/* SPDX-License-Identifier: MIT */
/* The control socket with one thread that plays both sides: nothing may block. */
#include "config.h"

#include "daemon/control.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"

static char dir[] = "/tmp/sfs-control-XXXXXX";
static struct sfs_control *control;
static size_t asked;

/* "big" gets more than a socket holds; "drop" drops the client. */
static char *answer(void *arg, const char *request, size_t length)
{
    cr_assert_eq(arg, &asked);
    asked++;
    if (length == 4 && memcmp(request, "drop", 4) == 0)
        return NULL;
    size_t size = length == 3 && memcmp(request, "big", 3) == 0 ? 2000000 : length;
    char *text = malloc(size + 2);
    cr_assert_not_null(text);
    memset(text, 'x', size);
    if (size == length)
        memcpy(text, request, length);
    text[size] = '\n';
    text[size + 1] = '\0';
    return text;
}

/* Root's sockets are all in /run/stablefs, where stablefs commands of other tests would find ours and ask it. */
static void hide_from_others(void)
{
    if (geteuid() == 0 && unshare(CLONE_NEWNS) == 0) {
        cr_assert_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
        cr_assert_eq(mount("none", "/run", "tmpfs", 0, NULL), 0);
    }
}

static void open_control(void)
{
    asked = 0;
    hide_from_others();
    cr_assert_not_null(mkdtemp(dir));
    (void)setenv("XDG_RUNTIME_DIR", dir, 1);
    SFS_CLEANUP_ERROR struct sfs_error *err = NULL;
    cr_assert_eq(sfs_control_open("a name/..", answer, &asked, &control, &err), 0, "%s", sfs_error_text(err));
}

static void close_control(void)
{
    SFS_CLEANUP_FREE char *path = strdup(sfs_control_path(control));
    sfs_control_close(control);
    cr_assert_eq(access(path, F_OK), -1, "the socket stays behind");
    char below[64];
    (void)snprintf(below, sizeof below, "%s/stablefs", dir);
    (void)rmdir(below);
    (void)rmdir(dir);
}

TestSuite(control, .init = open_control, .fini = close_control);

/* Serve until nothing happens for a while. */
static void serve(void)
{
    for (;;) {
        struct pollfd fds[SFS_CONTROL_POLL_MOST];
        size_t count = sfs_control_poll(control, fds);
        if (poll(fds, count, 30) <= 0)
            return;
        sfs_control_serve(control, fds, count);
    }
}

static int connect_client(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *path = sfs_control_path(control);
    cr_assert_lt(strlen(path), sizeof address.sun_path);
    memcpy(address.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    cr_assert_geq(fd, 0);
    cr_assert_eq(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    serve();
    return fd;
}

static void say(int fd, const char *text, size_t length)
{
    cr_assert_eq(send(fd, text, length, MSG_NOSIGNAL), (ssize_t)length);
    serve();
}

static void expect(int fd, const char *text)
{
    char got[256];
    ssize_t length = recv(fd, got, sizeof got - 1, 0);
    cr_assert_geq(length, 0, "nothing came");
    got[length] = '\0';
    cr_assert_str_eq(got, text);
}

/* True when the other side has closed. */
static bool is_closed(int fd)
{
    char got[4096];
    ssize_t length;
    while ((length = recv(fd, got, sizeof got, 0)) > 0)
        continue;
    return length == 0 || errno == ECONNRESET;
}

Test(control, one_line_one_answer)
{
    struct stat stat_of;
    cr_assert_eq(stat(sfs_control_path(control), &stat_of), 0);
    cr_assert(S_ISSOCK(stat_of.st_mode));
    cr_assert_eq(stat_of.st_mode & 0777, 0600);
    int fd = connect_client();
    say(fd, "hel", 3);
    cr_assert_eq(asked, 0);
    say(fd, "lo\nagain\nhal", 12);
    expect(fd, "hello\nagain\n");
    say(fd, "f\n", 2);
    expect(fd, "half\n");
    (void)close(fd);
    serve();
    cr_assert_eq(sfs_control_timeout(control), -1, "a client that left is forgotten");
}

Test(control, requests_are_bounded)
{
    int fd = connect_client();
    char piece[4096];
    memset(piece, 'a', sizeof piece);
    for (size_t sent = 0; sent + sizeof piece <= SFS_CONTROL_REQUEST_MOST - sizeof piece; sent += sizeof piece)
        say(fd, piece, sizeof piece);
    cr_assert_not(is_closed(fd), "still within the limit");
    (void)send(fd, piece, sizeof piece, MSG_NOSIGNAL);
    serve();
    cr_assert(is_closed(fd));
    cr_assert_eq(asked, 0);
    (void)close(fd);
}

Test(control, a_slow_reader_keeps_nobody_up)
{
    int slow = connect_client();
    say(slow, "big\nnext\n", 9);
    cr_assert_eq(asked, 1, "the next request waits until the answer has gone out");
    int other = connect_client();
    say(other, "x\n", 2);
    expect(other, "x\n");
    size_t total = 0;
    char got[65536], last = 0;
    for (int idle = 0; idle < 20;) {
        ssize_t length = recv(slow, got, sizeof got, 0);
        if (length > 0) {
            total += (size_t)length;
            last = got[length - 1];
        } else {
            idle++;
        }
        struct pollfd fds[SFS_CONTROL_POLL_MOST];
        size_t count = sfs_control_poll(control, fds);
        if (poll(fds, count, 5) > 0)
            sfs_control_serve(control, fds, count);
    }
    cr_assert_eq(total, 2000001 + 5);
    cr_assert_eq(last, '\n');
    (void)close(slow);
    (void)close(other);
}

Test(control, the_oldest_makes_room)
{
    int fds[SFS_CONTROL_CLIENTS + 1];
    for (size_t i = 0; i < SFS_CONTROL_CLIENTS; i++) {
        fds[i] = connect_client();
        (void)usleep(2000);
    }
    say(fds[0], "x\n", 2); /* no longer the one that was silent for longest */
    fds[SFS_CONTROL_CLIENTS] = connect_client();
    say(fds[SFS_CONTROL_CLIENTS], "y\n", 2);
    expect(fds[SFS_CONTROL_CLIENTS], "y\n");
    cr_assert(is_closed(fds[1]));
    expect(fds[0], "x\n");
    cr_assert_not(is_closed(fds[0]));
    cr_assert_not(is_closed(fds[2]));
    for (size_t i = 0; i <= SFS_CONTROL_CLIENTS; i++)
        (void)close(fds[i]);
}

Test(control, time_runs_out)
{
    int fd = connect_client();
    int left = sfs_control_timeout(control);
    cr_assert(left > 0 && left <= SFS_CONTROL_CLIENT_MS, "%d", left);
    (void)close(fd);
}

Test(control, no_answer_drops)
{
    int fd = connect_client();
    say(fd, "drop\n", 5);
    cr_assert(is_closed(fd));
    (void)close(fd);
}

Test(control_names, who_and_where)
{
    cr_assert(sfs_control_permitted(0, 1000));
    cr_assert(sfs_control_permitted(1000, 1000));
    cr_assert_not(sfs_control_permitted(1001, 1000));
    cr_assert_not(sfs_control_permitted(1000, 0));
    SFS_CLEANUP_FREE char *plain = sfs_control_file_name("julia-1.x", 7);
    cr_assert_str_eq(plain, "julia-1.x.7.sock");
    SFS_CLEANUP_FREE char *hostile = sfs_control_file_name("../a b\n\xff", 7);
    cr_assert_str_eq(hostile, "_._a_b__.7.sock");
    char name[400];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    SFS_CLEANUP_FREE char *cut = sfs_control_file_name(name, 1234567);
    cr_assert_lt(strlen(cut), 64);
}
