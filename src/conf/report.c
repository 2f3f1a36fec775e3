/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "conf/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/strbuf.h"

/* A file of a million wrong lines must not become a million messages. */
enum { REPORT_MOST = 1000 };

struct sfs_report_item {
    unsigned order, line;
    size_t number; /* keeps the order of messages about one line */
    bool warning;
    char *text;
};

static sfs_err add_place(struct sfs_strbuf *text, const struct sfs_place *place)
{
    const char *value = place->value != NULL ? place->value : "";
    switch (place->kind) {
    case SFS_PLACE_ARGUMENT:
        return sfs_strbuf_addf(text, "%s %s: ", place->key, value);
    case SFS_PLACE_OPTION:
        return sfs_strbuf_addf(text, "-o %s%s%s: ", place->key, place->value != NULL ? "=" : "", value);
    case SFS_PLACE_FILE:
    default:
        break;
    }
    sfs_err r = sfs_strbuf_add_string(text, place->file);
    if (r >= 0 && place->line > 0)
        r = sfs_strbuf_addf(text, ":%u", place->line);
    if (r >= 0)
        r = sfs_strbuf_add_char(text, ':');
    if (r >= 0 && place->section != NULL)
        r = sfs_strbuf_addf(text, " [%s]%s", place->section, place->key == NULL ? ":" : "");
    if (r >= 0 && place->key != NULL)
        r = sfs_strbuf_addf(text, " %s%s%s:", place->key, place->value != NULL ? " = " : "", value);
    if (r >= 0)
        r = sfs_strbuf_add_char(text, ' ');
    return r;
}

__attribute__((format(printf, 2, 0))) static char *make_text(const struct sfs_place *place, const char *format,
                                                             va_list args)
{
    SFS_CLEANUP_FREE char *why = NULL;
    if (vasprintf(&why, format, args) < 0) {
        why = NULL;
        return NULL;
    }
    SFS_CLEANUP_STRBUF struct sfs_strbuf text = SFS_STRBUF_INIT;
    if (add_place(&text, place) < 0 || sfs_strbuf_add_string(&text, why) < 0)
        return NULL;
    for (size_t i = 0; i < text.length; i++)
        if ((unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7f)
            text.data[i] = '?';
    return sfs_strbuf_take(&text);
}

__attribute__((format(printf, 4, 0))) static void report_add(struct sfs_report *report, const struct sfs_place *place,
                                                             bool warning, const char *format, va_list args)
{
    if (!warning)
        report->errors++;
    if (report->count >= REPORT_MOST) {
        report->left_off++;
        return;
    }
    char *text = make_text(place, format, args);
    struct sfs_report_item *items = NULL;
    if (text != NULL)
        items = realloc(report->items, (report->count + 1) * sizeof *items);
    if (items == NULL) {
        free(text);
        report->lost = true;
        return;
    }
    report->items = items;
    items[report->count] = (struct sfs_report_item){place->order, place->line, report->count, warning, text};
    report->count++;
}

void sfs_report_error(struct sfs_report *report, const struct sfs_place *place, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    report_add(report, place, false, format, args);
    va_end(args);
}

void sfs_report_warning(struct sfs_report *report, const struct sfs_place *place, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    report_add(report, place, true, format, args);
    va_end(args);
}

static int compare_items(const void *one, const void *other)
{
    const struct sfs_report_item *a = one, *b = other;
    if (a->order != b->order)
        return a->order < b->order ? -1 : 1;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

void sfs_report_flush(struct sfs_report *report, struct sfs_problems *problems)
{
    if (report->count > 1)
        qsort(report->items, report->count, sizeof *report->items, compare_items);
    for (size_t i = 0; i < report->count; i++) {
        if (report->items[i].warning)
            sfs_problems_warning(problems, "%s", report->items[i].text);
        else
            sfs_problems_error(problems, "%s", report->items[i].text);
        free(report->items[i].text);
    }
    if (report->left_off > 0)
        sfs_problems_error(problems, "%zu more errors and warnings are not shown (mend these first)", report->left_off);
    if (report->lost) {
        problems->lost = true;
        problems->errors++;
    }
    free(report->items);
    *report = (struct sfs_report)SFS_REPORT_INIT;
}
