/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "os/handle.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* struct file_handle ends in a flexible array; this is one with room */
union handle_room {
    struct file_handle handle;
    unsigned char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
};

sfs_err sfs_handle_get(int dfd, const char *name, struct sfs_handle *ret)
{
    union handle_room at;
    at.handle.handle_bytes = SFS_HANDLE_MOST;
    int mount_id;
    if (name_to_handle_at(dfd, name, &at.handle, &mount_id, name[0] == '\0' ? AT_EMPTY_PATH : 0) < 0)
        return errno == EOVERFLOW ? -EOPNOTSUPP : -errno;
    if (at.handle.handle_bytes > SFS_HANDLE_MOST || at.handle.handle_bytes == 0 ||
        at.handle.handle_type != (int16_t)at.handle.handle_type)
        return -EOPNOTSUPP;
    ret->type = (int16_t)at.handle.handle_type;
    ret->length = (uint8_t)at.handle.handle_bytes;
    memcpy(ret->bytes, at.handle.f_handle, at.handle.handle_bytes);
    return 0;
}

sfs_err sfs_handle_open(int mount_fd, int type, const unsigned char *bytes, unsigned length, int flags)
{
    union handle_room at;
    at.handle.handle_bytes = length;
    at.handle.handle_type = type;
    memcpy(at.handle.f_handle, bytes, length);
    int fd = open_by_handle_at(mount_fd, &at.handle, flags | O_CLOEXEC);
    return fd >= 0 ? fd : -errno;
}
