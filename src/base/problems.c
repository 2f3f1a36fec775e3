/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/problems.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

__attribute__((format(printf, 3, 0)))
static void problems_add(struct sfs_problems *list, bool warning, const char *format, va_list args)
{
    char *text = NULL;
    if (vasprintf(&text, format, args) < 0)
        text = NULL;
    struct sfs_problem *items = NULL;
    if (text != NULL)
        items = realloc(list->items, (list->count + 1) * sizeof *items);
    if (items == NULL) {
        free(text);
        list->lost = true;
        list->errors++;
        return;
    }
    list->items = items;
    items[list->count++] = (struct sfs_problem){text, warning};
    if (!warning)
        list->errors++;
}

void sfs_problems_error(struct sfs_problems *list, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    problems_add(list, false, format, args);
    va_end(args);
}

void sfs_problems_warning(struct sfs_problems *list, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    problems_add(list, true, format, args);
    va_end(args);
}

void sfs_problems_release(struct sfs_problems *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].text);
    free(list->items);
    *list = (struct sfs_problems)SFS_PROBLEMS_INIT;
}
