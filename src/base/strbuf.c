/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/strbuf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char sfs_strbuf_empty[1];

void sfs_strbuf_init(struct sfs_strbuf *buf)
{
    *buf = (struct sfs_strbuf)SFS_STRBUF_INIT;
}

void sfs_strbuf_release(struct sfs_strbuf *buf)
{
    if (buf->room > 0)
        free(buf->data);
    sfs_strbuf_init(buf);
}

sfs_err sfs_strbuf_reserve(struct sfs_strbuf *buf, size_t extra)
{
    if (extra > SIZE_MAX / 4 || buf->length > SIZE_MAX / 4)
        return -ENOMEM;
    size_t needed = buf->length + extra + 1;
    if (needed <= buf->room)
        return 0;
    size_t room = needed < 64 ? 64 : needed + needed / 2;
    char *data = realloc(buf->room > 0 ? buf->data : NULL, room);
    if (data == NULL)
        return -ENOMEM;
    data[buf->length] = '\0';
    buf->data = data;
    buf->room = room;
    return 0;
}

sfs_err sfs_strbuf_add(struct sfs_strbuf *buf, const void *bytes, size_t length)
{
    if (length == 0)
        return 0;
    sfs_err r = sfs_strbuf_reserve(buf, length);
    if (r < 0)
        return r;
    memcpy(buf->data + buf->length, bytes, length);
    buf->length += length;
    buf->data[buf->length] = '\0';
    return 0;
}

sfs_err sfs_strbuf_add_string(struct sfs_strbuf *buf, const char *string)
{
    return sfs_strbuf_add(buf, string, strlen(string));
}

sfs_err sfs_strbuf_add_char(struct sfs_strbuf *buf, char character)
{
    return sfs_strbuf_add(buf, &character, 1);
}

sfs_err sfs_strbuf_addf(struct sfs_strbuf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    sfs_err r = length < 0 ? -EINVAL : sfs_strbuf_reserve(buf, (size_t)length);
    if (r >= 0) {
        (void)vsnprintf(buf->data + buf->length, (size_t)length + 1, format, again);
        buf->length += (size_t)length;
    }
    va_end(again);
    return r;
}

void sfs_strbuf_truncate(struct sfs_strbuf *buf, size_t length)
{
    if (length >= buf->length)
        return;
    buf->length = length;
    buf->data[length] = '\0';
}

char *sfs_strbuf_take(struct sfs_strbuf *buf)
{
    if (buf->room == 0 && sfs_strbuf_reserve(buf, 0) < 0)
        return NULL;
    char *data = buf->data;
    sfs_strbuf_init(buf);
    return data;
}
