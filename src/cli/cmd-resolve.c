/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/client.h"
#include "daemon/json.h"

static const char help[] = "usage: stablefs resolve [--json] PATH…\n"
                           "\n"
                           "Print the counterpart of each path: the real path of a stable one, the stable path of a real\n"
                           "one. What is below the map does not have to exist.\n"
                           "\n"
                           "  --json  print an object with from, to, map, layer and to_stable\n"
                           "  -v, -q  say more, say less\n"
                           "\n"
                           "Exit status: 0, or 3 when no map covers one of the paths.\n"
                           "\n"
                           "Example: stablefs resolve /depot-stable/packages\n";

static const struct option longs[] = {{"json", no_argument, NULL, SFS_CLI_JSON}, SFS_CLI_LONG};

/* Ask every instance; the first that knows an answer wins. 0 and an object, -ENOENT, or -ENOMEM. */
static sfs_err ask_all(const struct sfs_peers *peers, const char *path, json_t **ret)
{
    for (size_t i = 0; i < peers->count; i++) {
        json_t *request = json_pack("{s:s}", "command", "resolve");
        if (request == NULL || sfs_json_set_path(request, "path", path) < 0) {
            json_decref(request);
            return -ENOMEM;
        }
        json_t *answer = NULL;
        sfs_err r = sfs_peer_ask(&peers->items[i], request, &answer);
        json_decref(request);
        if (r == 0 && json_object_get(answer, "to") != NULL) {
            *ret = answer;
            return 0;
        }
        json_decref(answer);
    }
    return -ENOENT;
}

static bool has_dotdot(const char *path)
{
    for (const char *at = strstr(path, ".."); at != NULL; at = strstr(at + 1, "..")) {
        if ((at == path || at[-1] == '/') && (at[2] == '/' || at[2] == '\0'))
            return true;
    }
    return false;
}

/*
 * As written first, since the source in a config is not resolved through links either; then with its links resolved.
 * After a link ".." is not what it looks like, so such a path is resolved only.
 */
static sfs_err resolve(const struct sfs_peers *peers, const char *path, json_t **ret)
{
    SFS_CLEANUP_FREE char *written = sfs_cli_absolute(path);
    if (written == NULL)
        return -ENOMEM;
    sfs_err r = has_dotdot(path) ? -ENOENT : ask_all(peers, written, ret);
    if (r != -ENOENT)
        return r;
    SFS_CLEANUP_FREE char *real = realpath(path, NULL);
    SFS_CLEANUP_FREE char *resolved = real == NULL ? sfs_cli_resolved(written) : NULL;
    const char *second = real != NULL ? real : resolved;
    return second != NULL ? ask_all(peers, second, ret) : -ENOMEM;
}

static void print_plain(const json_t *answer)
{
    SFS_CLEANUP_FREE char *to = sfs_json_get_path(answer, "to");
    (void)puts(to != NULL ? to : "?");
}

int sfs_cmd_resolve(int argc, char *argv[])
{
    struct sfs_cli cli = {"resolve", help, ":" SFS_CLI_SHORT, longs, 0};
    bool as_json = false;
    int status = 0, option;
    while ((option = sfs_cli_next(&cli, argc, argv, &status)) != SFS_CLI_END) {
        if (option == SFS_CLI_STOP)
            return status;
        as_json = as_json || option == SFS_CLI_JSON;
    }
    if (optind == argc)
        return sfs_cli_usage(&cli, "no path is given");
    sfs_cli_set_level(&cli, NULL);

    SFS_CLEANUP_PEERS struct sfs_peers peers = SFS_PEERS_INIT;
    sfs_err r = sfs_peers_find(&peers);
    json_t *all = json_array();
    for (int i = optind; i < argc && r == 0; i++) {
        json_t *answer = NULL;
        sfs_err found = resolve(&peers, argv[i], &answer);
        if (found == -ENOENT) {
            sfs_log_error("%s: no map covers it (stablefs status shows the maps)", argv[i]);
            status = SFS_STATUS_NOT_FOUND;
        } else if (found < 0) {
            r = found;
        } else if (!as_json) {
            print_plain(answer);
        } else if (json_array_append(all, answer) < 0) {
            r = -ENOMEM;
        }
        json_decref(answer);
    }
    if (r < 0) {
        sfs_log_error("resolve: %s (free some memory and try again)", strerrordesc_np(-r));
        status = SFS_STATUS_FAILED;
    } else if (as_json) {
        json_t *whole = json_pack("{s:O}", "paths", all);
        if (whole == NULL || json_dumpf(whole, stdout, JSON_INDENT(2)) < 0)
            status = SFS_STATUS_FAILED;
        (void)putchar('\n');
        json_decref(whole);
    }
    json_decref(all);
    return sfs_cli_finish_output(status);
}
