/* SPDX-License-Identifier: MIT */
/*
 * A growing string.  data is always NUL-terminated (a static empty string before the first allocation), so it can be
 * passed to any C function.  Functions that can grow return 0 or -ENOMEM and leave the string as it was on failure.
 * Not for several threads at once.
 */
#pragma once

#include <stddef.h>

#include "base/error.h"

struct sfs_strbuf {
    char *data;    /* never NULL after init */
    size_t length; /* bytes without the NUL */
    size_t room;   /* allocated bytes; 0 while data is the static empty string */
};

extern char sfs_strbuf_empty[];
#define SFS_STRBUF_INIT {sfs_strbuf_empty, 0, 0}

void sfs_strbuf_init(struct sfs_strbuf *buf);
/* Free the content; the buffer is empty and usable again. */
void sfs_strbuf_release(struct sfs_strbuf *buf);
#define SFS_CLEANUP_STRBUF __attribute__((cleanup(sfs_strbuf_release)))

/* Make room for extra bytes more (besides the NUL). */
sfs_err sfs_strbuf_reserve(struct sfs_strbuf *buf, size_t extra);
sfs_err sfs_strbuf_add(struct sfs_strbuf *buf, const void *bytes, size_t length);
sfs_err sfs_strbuf_add_string(struct sfs_strbuf *buf, const char *string);
sfs_err sfs_strbuf_add_char(struct sfs_strbuf *buf, char character);
sfs_err sfs_strbuf_addf(struct sfs_strbuf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Cut to length bytes; longer than the string is ignored. */
void sfs_strbuf_truncate(struct sfs_strbuf *buf, size_t length);
/* Hand the content over as a malloc()ed string, leaving the buffer empty; NULL when out of memory. */
char *sfs_strbuf_take(struct sfs_strbuf *buf);
