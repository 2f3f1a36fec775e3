/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "conf/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

/*
 * A line that begins a section is passed to inih as three: "[]", the line itself, and "=".  The handler call for that
 * key tells which section inih saw, also when the section has no keys; "" (that of "[]") means that it saw none.
 */
enum step {
    STEP_NEXT,      /* take a line from the text */
    STEP_SECTION,   /* "[]" was passed, the line is next */
    STEP_ANNOUNCE,  /* the line was passed, a key is next */
    STEP_ANNOUNCED, /* the handler call for that key is due */
};

struct reader {
    const char *at, *end;
    sfs_line_handler *handler;
    void *arg;
    unsigned number;  /* of the line under way */
    const char *line; /* that line, not terminated */
    size_t length;
    enum step step;
    bool pending;   /* a line was passed for which inih has not called the handler */
    bool indented;  /* that line begins with a blank */
    bool had_key;   /* of this section: an indented line is a continuation */
    bool told;      /* the handler was told of something wrong */
    char text[512]; /* that line for messages, cut */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && is_blank(*at))
        at++;
    return at;
}

static void tell_bad(struct reader *reader, enum sfs_line_kind kind, const char *text, const char *why)
{
    reader->told = true;
    reader->handler(reader->arg, &(struct sfs_line){.kind = kind, .number = reader->number, .text = text, .why = why});
}

/* What was passed last made no handler call: inih could not read it. */
static void settle(struct reader *reader)
{
    if (!reader->pending)
        return;
    reader->pending = false;
    tell_bad(reader, SFS_LINE_BAD, reader->text,
             "neither a [section] nor KEY = VALUE (write KEY = VALUE, or put ; in front to make it a comment)");
}

/* The reader callback must hand out whole lines with their end, at most num - 1 bytes. */
static char *pass(char *into, const char *line, size_t length)
{
    memcpy(into, line, length);
    into[length] = '\n';
    into[length + 1] = '\0';
    return into;
}

/* Find the next line that has something in it. False at the end of the text. */
static bool next_line(struct reader *reader)
{
    while (reader->at < reader->end) {
        const char *stop = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));
        const char *next = stop != NULL ? stop + 1 : reader->end;
        if (stop == NULL)
            stop = reader->end;
        if (stop > reader->at && stop[-1] == '\r')
            stop--;
        reader->line = reader->at;
        reader->length = (size_t)(stop - reader->at);
        reader->number++;
        reader->at = next;
        const char *first = skip_blanks(reader->line, stop);
        /* a comment may be of any length: nothing of it is needed */
        if (first < stop && *first != ';' && *first != '#')
            return true;
    }
    return false;
}

/* False when the line must not be seen by inih; the handler was told why. */
static bool line_is_good(struct reader *reader, size_t most)
{
    char why[256];
    /* a section that is refused takes the keys behind it along */
    bool section = *skip_blanks(reader->line, reader->line + reader->length) == '[';
    enum sfs_line_kind kind = section ? SFS_LINE_BAD_SECTION : SFS_LINE_BAD;
    for (size_t i = 0; i < reader->length; i++) {
        unsigned char c = (unsigned char)reader->line[i];
        if ((c >= 0x20 && c != 0x7f) || c == '\t')
            continue;
        (void)snprintf(why, sizeof why, "byte %zu of the line is a control character, 0x%02x (take it out)", i + 1, c);
        tell_bad(reader, kind, NULL, why);
        return false;
    }
    if (reader->length > most) {
        (void)snprintf(why, sizeof why,
                       "the line has %zu bytes, the limit is %zu (make it shorter, for example with an environment "
                       "variable: ${NAME})",
                       reader->length, most);
        tell_bad(reader, kind, NULL, why);
        return false;
    }
    return true;
}

/* inih does not look at what follows the ']' of a section. */
static bool section_ends_well(struct reader *reader)
{
    const char *end = reader->line + reader->length;
    const char *close = memchr(reader->line, ']', reader->length);
    if (close == NULL)
        return true; /* inih finds that out */
    const char *rest = skip_blanks(close + 1, end);
    if (rest == end || *rest == ';' || *rest == '#')
        return true;
    tell_bad(reader, SFS_LINE_BAD_SECTION, reader->text, "there is text behind the ] (put it on a line of its own)");
    return false;
}

/* The ini_reader of inih: the next line, or NULL at the end. size is inih's buffer. */
static char *read_line(char *into, int size, void *stream)
{
    struct reader *reader = stream;
    settle(reader);
    if (reader->step == STEP_SECTION) {
        reader->step = STEP_ANNOUNCE;
        return pass(into, reader->line, reader->length);
    }
    if (reader->step == STEP_ANNOUNCE) {
        reader->step = STEP_ANNOUNCED;
        return pass(into, "=", 1); /* an empty key: none that an indented line could go on with */
    }
    reader->step = STEP_NEXT;
    size_t most = size > 16 ? (size_t)size - 2 : 14;
    while (next_line(reader)) {
        if (!line_is_good(reader, most))
            continue;
        size_t shown = reader->length < sizeof reader->text ? reader->length : sizeof reader->text - 1;
        memcpy(reader->text, reader->line, shown);
        reader->text[shown] = '\0';
        if (*skip_blanks(reader->line, reader->line + reader->length) == '[') {
            if (!section_ends_well(reader))
                continue;
            reader->step = STEP_SECTION;
            return pass(into, "[]", 2);
        }
        reader->pending = true;
        reader->indented = is_blank(*reader->line);
        return pass(into, reader->line, reader->length);
    }
    return NULL;
}

/* inih has seen the section of the line under way, or "" when it could make nothing of it. */
static void handle_section(struct reader *reader, const char *section)
{
    reader->had_key = false;
    const char *open = strchr(reader->text, '[');
    const char *close = open != NULL ? strchr(open, ']') : NULL;
    if (section[0] == '\0') {
        tell_bad(reader, SFS_LINE_BAD_SECTION, reader->text,
                 close == NULL || close - open > 1 ? "the section has no ] (write [map NAME])"
                                                   : "the section has no name (write [map NAME])");
    } else if (close == NULL || strlen(section) != (size_t)(close - open - 1)) {
        char why[128];
        (void)snprintf(why, sizeof why, "the section has more than %zu bytes (choose a shorter name)", strlen(section));
        tell_bad(reader, SFS_LINE_BAD_SECTION, reader->text, why);
    } else {
        reader->handler(reader->arg,
                        &(struct sfs_line){.kind = SFS_LINE_SECTION, .number = reader->number, .section = section});
    }
}

/* The ini_handler of inih; 1 is success. */
static int handle(void *user, const char *section, const char *name, const char *value
#if INI_HANDLER_LINENO
                  ,
                  int lineno __attribute__((unused))
#endif
)
{
    struct reader *reader = user;
    if (reader->step == STEP_ANNOUNCED) {
        reader->step = STEP_NEXT;
        handle_section(reader, section);
        return 1;
    }
    /* builds of inih with other switches call for sections and for lines without a value too */
    if (reader->step != STEP_NEXT || name == NULL || value == NULL)
        return 1;
    reader->pending = false;
    bool continued = reader->indented && reader->had_key;
    reader->had_key = reader->had_key || name[0] != '\0';
    if (name[0] == '\0') {
        tell_bad(reader, SFS_LINE_BAD, reader->text, "there is no key (write KEY = VALUE)");
        return 1;
    }
    reader->handler(reader->arg, &(struct sfs_line){.kind = continued ? SFS_LINE_CONTINUED : SFS_LINE_KEY,
                                                    .number = reader->number,
                                                    .key = name,
                                                    .value = value});
    return 1;
}

sfs_err sfs_reader_run(const char *text, size_t length, sfs_line_handler *handler, void *arg)
{
    static const char mark[] = "\xef\xbb\xbf";
    struct reader reader = {.at = text, .end = text + length, .handler = handler, .arg = arg};
    if (length >= 3 && memcmp(text, mark, 3) == 0)
        reader.at += 3;
    int r = ini_parse_stream(read_line, &reader, handle, &reader);
    settle(&reader);
    if (r == -2)
        return -ENOMEM;
    return r != 0 && !reader.told ? -EIO : 0;
}

sfs_err sfs_reader_slurp(const char *path, struct sfs_strbuf *ret)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return -errno;
    sfs_err r = 0;
    for (;;) {
        r = sfs_strbuf_reserve(ret, 16384);
        if (r < 0)
            break;
        ssize_t got = read(fd, ret->data + ret->length, 16384);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            r = got < 0 ? -errno : 0;
            break;
        }
        ret->length += (size_t)got;
        ret->data[ret->length] = '\0';
        if (ret->length > SFS_READER_MOST) {
            r = -EFBIG;
            break;
        }
    }
    (void)close(fd);
    return r;
}
