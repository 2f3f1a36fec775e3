/* SPDX-License-Identifier: MIT */
/* Any text as a value: a bounded result or an error, never both; what was escaped comes back. */
#include "config.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "conf/vars.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool condition)
{
    if (!condition)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char large[SFS_VARS_MOST / 2 + 1];
    if (large[0] == '\0') {
        memset(large, 'x', sizeof large - 1);
        clearenv();
        setenv("HOME", "/usr", 1);
        setenv("A", "${A}$", 1);
        setenv("EMPTY", "", 1);
        setenv("LARGE", large, 1);
    }
    SFS_CLEANUP_FREE char *text = strndup((const char *)data, size);
    SFS_CLEANUP_FREE char *made = NULL, *back = NULL;
    SFS_CLEANUP_ERROR struct sfs_error *err = NULL;
    expect(text != NULL);
    int r = sfs_vars_expand(text, &made, &err);
    expect((r == 0) == (made != NULL) && (r == 0) == (err == NULL));
    expect(made == NULL || strlen(made) <= SFS_VARS_MOST);
    if (!sfs_vars_in(text) && strlen(text) <= SFS_VARS_MOST)
        expect(made != NULL && strcmp(made, text) == 0);

    SFS_CLEANUP_STRBUF struct sfs_strbuf escaped = SFS_STRBUF_INIT;
    expect(sfs_vars_escape(text, &escaped) == 0);
    if (strlen(text) <= SFS_VARS_MOST) {
        expect(sfs_vars_expand(escaped.data, &back, &err) == 0);
        expect(strcmp(back, text) == 0);
    }
    return 0;
}
