/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/notify.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/error.h"
#include "base/log.h"
#include "os/fd.h"

/* The address of NOTIFY_SOCKET: a path, or '@' and an abstract name. 0 when it is neither. */
static socklen_t notify_address(const char *name, struct sockaddr_un *ret)
{
    size_t length = strlen(name);
    if ((name[0] != '/' && name[0] != '@') || length < 2 || length >= sizeof ret->sun_path)
        return 0;
    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(ret->sun_path, name, length);
    if (name[0] == '@')
        ret->sun_path[0] = '\0';
    /* an abstract name has no NUL at its end; a path may have one */
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (name[0] == '/' ? 1 : 0));
}

void sfs_notify(const char *format, ...)
{
    const char *name = getenv("NOTIFY_SOCKET");
    if (name == NULL || name[0] == '\0')
        return;
    struct sockaddr_un address;
    socklen_t address_length = notify_address(name, &address);
    if (address_length == 0) {
        sfs_log_debug("NOTIFY_SOCKET=%s: not an address", name);
        return;
    }
    char text[1024];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (length < 0)
        return;
    if ((size_t)length >= sizeof text)
        length = sizeof text - 1;
    SFS_CLEANUP_FD int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || sendto(fd, text, (size_t)length, MSG_NOSIGNAL, (struct sockaddr *)&address, address_length) < 0)
        sfs_log_debug("NOTIFY_SOCKET=%s: %m", name);
}
