/* SPDX-License-Identifier: MIT */
/* Any text behind -o: a conf or errors; the same options a second time change nothing. */
#include "config.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "conf/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool condition)
{
    if (!condition)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SFS_CLEANUP_FREE char *text = strndup((const char *)data, size);
    SFS_CLEANUP_PROBLEMS struct sfs_problems problems = SFS_PROBLEMS_INIT;
    SFS_CLEANUP_CONF struct sfs_conf *conf = NULL;
    expect(text != NULL);
    int r = sfs_conf_from_mount("/usr", "/stablefs-fuzz", text, &conf, &problems);
    expect(r == (problems.errors > 0 ? -1 : 0) && (conf != NULL) == (r == 0) && !problems.lost);
    for (size_t i = 0; i < problems.count; i++)
        expect(strncmp(problems.items[i].text, "-o ", 3) == 0 || i == 1000);
    if (conf == NULL)
        return 0;
    struct sfs_conf_map before = conf->maps[0];
    expect(sfs_conf_apply_options(conf, text, &problems) == 0);
    expect(memcmp(&before, &conf->maps[0], sizeof before) == 0);
    return 0;
}
