/* SPDX-License-Identifier: MIT */
/* Line ends, limits and what inih keeps to itself. */
#include "config.h"

#include "conf/reader.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All lines as text: "NUMBER KIND SECTION|KEY=VALUE|TEXT: WHY\n". */
static void note(void *arg, const struct sfs_line *line)
{
    struct sfs_strbuf *notes = arg;
    sfs_err r = sfs_strbuf_addf(notes, "%u ", line->number);
    switch (line->kind) {
    case SFS_LINE_SECTION:
        r = sfs_strbuf_addf(notes, "section <%s>\n", line->section);
        break;
    case SFS_LINE_KEY:
    case SFS_LINE_CONTINUED:
        r = sfs_strbuf_addf(notes, "%s <%s> <%s>\n", line->kind == SFS_LINE_KEY ? "key" : "more", line->key,
                            line->value);
        break;
    case SFS_LINE_BAD:
    case SFS_LINE_BAD_SECTION:
        r = sfs_strbuf_addf(notes, "bad%s <%s> %s\n", line->kind == SFS_LINE_BAD ? "" : " section",
                            line->text != NULL ? line->text : "", line->why);
        break;
    }
    cr_assert_geq(r, 0);
}

static void lines_are(const void *text, size_t length, const char *expected)
{
    struct sfs_strbuf notes = SFS_STRBUF_INIT;
    /* a copy without anything behind it: the address sanitizer sees reads beyond the end */
    char *copy = malloc(length + 1);
    cr_assert_not_null(copy);
    memcpy(copy, text, length);
    copy = realloc(copy, length > 0 ? length : 1);
    cr_assert_not_null(copy);
    cr_assert_eq(sfs_reader_run(copy, length, note, &notes), 0);
    cr_assert_str_eq(notes.data, expected, "expected:\n%sgot:\n%s", expected, notes.data);
    free(copy);
    sfs_strbuf_release(&notes);
}

#define LINES_ARE(text, expected) lines_are(text, sizeof(text) - 1, expected)

Test(reader, nothing)
{
    LINES_ARE("", "");
    LINES_ARE("\n", "");
    LINES_ARE("\xef\xbb\xbf", "");
    LINES_ARE("\r\n \t\r\n; a = b\n\t# a = b\n", "");
}

Test(reader, sections_and_keys)
{
    LINES_ARE("a=b\n[s]\nc = d e \n[t]\n[u v]\nf:g\n", "1 key <a> <b>\n2 section <s>\n3 key <c> <d e>\n4 section <t>\n"
                                                       "5 section <u v>\n6 key <f> <g>\n");
}

Test(reader, the_same_section_again)
{
    LINES_ARE("[s]\n[s]\na=1\n", "1 section <s>\n2 section <s>\n3 key <a> <1>\n");
}

Test(reader, first_separator_counts)
{
    LINES_ARE("a = b = c : d\ne : f = g\n", "1 key <a> <b = c : d>\n2 key <e> <f = g>\n");
}

Test(reader, no_end_of_the_last_line)
{
    LINES_ARE("a=b\nc=d", "1 key <a> <b>\n2 key <c> <d>\n");
    LINES_ARE("[s]", "1 section <s>\n");
    LINES_ARE("x", "1 bad <x> neither a [section] nor KEY = VALUE (write KEY = VALUE, or put ; in front to make it a "
                   "comment)\n");
}

Test(reader, line_ends_of_dos)
{
    LINES_ARE("[s]\r\na=b\r\n\r\nc=d\r", "1 section <s>\n2 key <a> <b>\n4 key <c> <d>\n");
}

Test(reader, byte_order_mark)
{
    LINES_ARE("\xef\xbb\xbf[s]\na=b\n", "1 section <s>\n2 key <a> <b>\n");
    LINES_ARE("\xef\xbb\xbf\n[s]\n", "2 section <s>\n");
    LINES_ARE("\xef\xbb", "1 bad <\xef\xbb> neither a [section] nor KEY = VALUE (write KEY = VALUE, or put ; in front "
                          "to make it a comment)\n");
}

Test(reader, bytes_that_are_no_utf8)
{
    LINES_ARE("a=\xff\xfe\xe4\n", "1 key <a> <\xff\xfe\xe4>\n");
}

Test(reader, comments)
{
    LINES_ARE("a = b ; c\nd = e;f\n#x\n;y\ng = h # i\n[s] ; t\n[u] # v\n",
              "1 key <a> <b>\n2 key <d> <e;f>\n5 key <g> <h # i>\n6 section <s>\n7 section <u>\n");
}

Test(reader, control_characters)
{
    LINES_ARE("a=b\0c\nd=e\n",
              "1 bad <> byte 4 of the line is a control character, 0x00 (take it out)\n2 key <d> <e>\n");
    LINES_ARE("a=\x1b[1m\n", "1 bad <> byte 3 of the line is a control character, 0x1b (take it out)\n");
    LINES_ARE("a=b\x7f\n", "1 bad <> byte 4 of the line is a control character, 0x7f (take it out)\n");
    LINES_ARE("a=b\rc=d\n", "1 bad <> byte 4 of the line is a control character, 0x0d (take it out)\n");
    LINES_ARE("[s\x01]\na=b\n",
              "1 bad section <> byte 3 of the line is a control character, 0x01 (take it out)\n2 key <a> <b>\n");
    LINES_ARE("\ta\t=\tb\t\n;\0\x01\n", "1 key <a> <b>\n");
}

Test(reader, indented_lines)
{
    LINES_ARE("  a=b\n  c=d\n[s]\n e=f\n g\n  [t]\n h=i\n",
              "1 key <a> <b>\n2 more <a> <c=d>\n3 section <s>\n4 key <e> <f>\n5 more <e> <g>\n6 section <t>\n"
              "7 key <h> <i>\n");
}

Test(reader, an_indented_line_after_a_comment_goes_on_too)
{
    LINES_ARE("a=b\n\n; c\n  d\n", "1 key <a> <b>\n4 more <a> <d>\n");
}

Test(reader, malformed_sections)
{
    LINES_ARE("[s\na=1\n", "1 bad section <[s> the section has no ] (write [map NAME])\n2 key <a> <1>\n");
    LINES_ARE("[s]\n[s\n[s ;]\n", "1 section <s>\n2 bad section <[s> the section has no ] (write [map NAME])\n"
                                  "3 bad section <[s ;]> the section has no ] (write [map NAME])\n");
    LINES_ARE("[]\n", "1 bad section <[]> the section has no name (write [map NAME])\n");
    LINES_ARE("[s]x\n", "1 bad section <[s]x> there is text behind the ] (put it on a line of its own)\n");
    LINES_ARE("[s] ]\n", "1 bad section <[s] ]> there is text behind the ] (put it on a line of its own)\n");
}

Test(reader, a_section_is_never_cut)
{
    char text[100], expected[300];
    for (int length = 48; length <= 52; length++) {
        int size = snprintf(text, sizeof text, "[%.*s]\n", length,
                            "0123456789012345678901234567890123456789012345678901234567890");
        if (length <= 49)
            snprintf(expected, sizeof expected, "1 section <%.*s>\n", length, text + 1);
        else
            snprintf(expected, sizeof expected,
                     "1 bad section <%.*s> the section has more than 49 bytes (choose a shorter name)\n", size - 1,
                     text);
        lines_are(text, (size_t)size, expected);
    }
}

/* A line of a key with length bytes and then one more line. */
static void line_of(size_t length, const char *end, bool good)
{
    char text[1000], value[1000], expected[1100];
    memset(value, 'v', sizeof value);
    int size = snprintf(text, sizeof text, "a=%.*s%sb=c\n", (int)length - 2, value, end);
    if (good)
        snprintf(expected, sizeof expected, "1 key <a> <%.*s>\n2 key <b> <c>\n", (int)length - 2, value);
    else
        snprintf(expected, sizeof expected,
                 "1 bad <> the line has %zu bytes, the limit is 198 (make it shorter, for example with an environment "
                 "variable: ${NAME})\n2 key <b> <c>\n",
                 length);
    lines_are(text, (size_t)size, expected);
}

Test(reader, a_line_is_never_cut)
{
    line_of(197, "\n", true);
    line_of(198, "\n", true);
    line_of(199, "\n", false);
    line_of(200, "\n", false);
    line_of(201, "\n", false);
    line_of(202, "\n", false);
    line_of(400, "\n", false);
    line_of(198, "\r\n", true);
    line_of(199, "\r\n", false);
}

Test(reader, a_long_last_line)
{
    char text[202];
    memset(text, 'v', sizeof text);
    text[1] = '=';
    lines_are(text, 201,
              "1 bad <> the line has 201 bytes, the limit is 198 (make it shorter, for example with an environment "
              "variable: ${NAME})\n");
}

Test(reader, a_long_comment_does_no_harm)
{
    char text[1000];
    memset(text, 'a', sizeof text);
    text[0] = ';';
    memcpy(text + 500, " = b\n", 5);
    memcpy(text + 990, "\nc=d\n", 5);
    text[505] = '#';
    lines_are(text, 995, "3 key <c> <d>\n");
}

Test(reader, a_long_section_line)
{
    char text[300];
    memset(text, ' ', sizeof text);
    memcpy(text, "[s]", 3);
    memcpy(text + 250, "\na=b", 4);
    lines_are(text, 254,
              "1 bad section <> the line has 250 bytes, the limit is 198 (make it shorter, for example with an "
              "environment variable: ${NAME})\n2 key <a> <b>\n");
}
