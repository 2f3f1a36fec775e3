/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a config file: no crash, no hang, one line per message, an error exactly when there is no conf, and a
 * conf that is printed loads back to the same text.
 */
#include "config.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "conf/draft.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void make_environment(void)
{
    static bool made;
    if (made)
        return;
    made = true;
    clearenv();
    setenv("HOME", "/usr", 1);
    setenv("A", "/a", 1);
    setenv("EMPTY", "", 1);
    setenv("ODD", "/x ;${A}\n", 1);
}

static void expect(bool condition)
{
    if (!condition)
        abort();
}

/* Every message is one line that a terminal can take, and begins with the file. */
static void check_messages(const struct sfs_problems *problems)
{
    size_t errors = 0;
    for (size_t i = 0; i < problems->count; i++) {
        const char *text = problems->items[i].text;
        for (const char *at = text; *at != '\0'; at++)
            expect((unsigned char)*at >= 0x20 && *at != 0x7f);
        expect(strncmp(text, "f.ini:", 6) == 0 || strstr(text, " more errors and warnings ") != NULL);
        errors += !problems->items[i].warning;
    }
    expect(!problems->lost && errors == problems->errors);
}

static struct sfs_conf *load(const char *text, size_t length)
{
    struct sfs_conf *conf = NULL;
    SFS_CLEANUP_PROBLEMS struct sfs_problems problems = SFS_PROBLEMS_INIT;
    SFS_CLEANUP_DRAFT struct sfs_draft draft;
    expect(sfs_draft_init(&draft) == 0);
    expect(sfs_draft_read(&draft, "f.ini", text, length) == 0);
    expect(sfs_draft_validate(&draft) == 0);
    if (draft.conf->name == NULL)
        draft.conf->name = strdup("f");
    int r = sfs_draft_finish(&draft, &conf, &problems);
    expect(r == (problems.errors > 0 ? -1 : 0) && (conf != NULL) == (r == 0));
    check_messages(&problems);
    return conf;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    make_environment();
    SFS_CLEANUP_CONF struct sfs_conf *conf = load((const char *)data, size);
    if (conf == NULL)
        return 0;
    SFS_CLEANUP_STRBUF struct sfs_strbuf first = SFS_STRBUF_INIT, second = SFS_STRBUF_INIT;
    sfs_err r = sfs_conf_print(conf, &first);
    expect(r == 0 || r == -EINVAL);
    if (r < 0)
        return 0;
    SFS_CLEANUP_CONF struct sfs_conf *again = load(first.data, first.length);
    expect(again != NULL);
    expect(sfs_conf_print(again, &second) == 0);
    expect(strcmp(first.data, second.data) == 0);
    return 0;
}
