/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/notify.h"

#include <criterion/criterion.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "os/fd.h"

/* A socket at name ('@': abstract), which is put into the environment. */
static int listen_at(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, name, strlen(name));
    if (name[0] == '@')
        address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    cr_assert_geq(fd, 0);
    cr_assert_eq(bind(fd, (struct sockaddr *)&address,
                      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))),
                 0);
    (void)setenv("NOTIFY_SOCKET", name, 1);
    return fd;
}

static void expect(int fd, const char *text)
{
    char got[2048];
    ssize_t length = recv(fd, got, sizeof got - 1, 0);
    cr_assert_geq(length, 0, "nothing came");
    got[length] = '\0';
    cr_assert_str_eq(got, text);
}

Test(notify, to_a_path)
{
    char name[64];
    (void)snprintf(name, sizeof name, "/tmp/sfs-notify-%ld", (long)getpid());
    SFS_CLEANUP_FD int fd = listen_at(name);
    sfs_notify("READY=1\nMAINPID=%d", 42);
    expect(fd, "READY=1\nMAINPID=42");
    (void)unlink(name);
}

Test(notify, to_an_abstract_name)
{
    char name[64];
    (void)snprintf(name, sizeof name, "@sfs-notify-%ld", (long)getpid());
    SFS_CLEANUP_FD int fd = listen_at(name);
    sfs_notify("STOPPING=1");
    expect(fd, "STOPPING=1");
}

Test(notify, nobody_there)
{
    (void)unsetenv("NOTIFY_SOCKET");
    sfs_notify("READY=1");
    static const char *const useless[] = {"", "@", "relative", "/nothing/here"};
    for (size_t i = 0; i < sizeof useless / sizeof useless[0]; i++) {
        (void)setenv("NOTIFY_SOCKET", useless[i], 1);
        sfs_notify("READY=1");
    }
    char long_name[300];
    memset(long_name, 'a', sizeof long_name - 1);
    long_name[0] = '/';
    long_name[sizeof long_name - 1] = '\0';
    (void)setenv("NOTIFY_SOCKET", long_name, 1);
    sfs_notify("READY=1");
}
