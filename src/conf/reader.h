/* SPDX-License-Identifier: MIT */
/*
 * The text of a config file, line by line, through inih.
 *
 * inih splits sections, keys, values and comments; what it keeps to itself is found out here, so that nothing is lost
 * silently.  Facts about inih 55 as Debian builds it (2024):
 *  - A line has at most INI_MAX_LINE (200) bytes with its end and a NUL; the rest would be taken for a line of its
 *    own.  The limit in use is the size that inih passes to its reader.
 *  - A section's name is cut at 49 bytes, also silently.
 *  - " ;" begins a comment behind a value; ';' or '#' at the start of a line make all of it a comment.
 *  - A line that begins with a blank is one more value of the key above it (INI_ALLOW_MULTILINE).  No key of this
 *    version takes several values.
 *  - Sections without a key are not reported, of wrong lines only the first one, and line numbers not at all
 *    (INI_HANDLER_LINENO is off in the header).
 */
#pragma once

#include <stddef.h>

#include "base/error.h"
#include "base/strbuf.h"

enum sfs_line_kind {
    SFS_LINE_SECTION,     /* section is set; all keys up to the next one belong to it */
    SFS_LINE_KEY,         /* key and value are set */
    SFS_LINE_CONTINUED,   /* an indented line behind the value of key: value is what it has */
    SFS_LINE_BAD,         /* text is the line or NULL, why says what is wrong: "WHY (HOW TO MEND)" */
    SFS_LINE_BAD_SECTION, /* as SFS_LINE_BAD, and it is unknown which section begins here */
};

/* One line that is not empty and not a comment.  The strings live until the handler returns. */
struct sfs_line {
    enum sfs_line_kind kind;
    unsigned number; /* from 1 */
    const char *section, *key, *value;
    const char *text, *why;
};

typedef void sfs_line_handler(void *arg, const struct sfs_line *line);

/*
 * Pass all lines of text to handler, in order.  Line ends may be LF or CRLF, the last one may be missing, and a UTF-8
 * byte order mark at the start is skipped; bytes that are not UTF-8 are taken as they are.
 * Returns 0, or -ENOMEM, or -EIO when inih found something wrong that no handler call told of.
 */
sfs_err sfs_reader_run(const char *text, size_t length, sfs_line_handler *handler, void *arg);

/* The largest config file, in bytes. */
enum { SFS_READER_MOST = 1024 * 1024 };

/* Append what is in the file at path.  Returns 0, -EFBIG (more than SFS_READER_MOST) or another -errno. */
sfs_err sfs_reader_slurp(const char *path, struct sfs_strbuf *ret);
