/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/commands.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/path.h"
#include "cli/cli.h"
#include "cli/client.h"
#include "daemon/json.h"
#include "os/mounts.h"

#define PROBE_MS 2000

static const char help[] =
    "usage: stablefs status [--json] [PATH|NAME]\n"
    "\n"
    "Show the instances, their maps, how each map is cached, what serves its reads and writes and why, and counters.\n"
    "\n"
    "  PATH, NAME  only the instance with the map that PATH belongs to, or the one of this name\n"
    "  --json      print one object, whose keys are never renamed\n"
    "  -v, -q      say more (counts of each kind of request), say less\n"
    "\n"
    "Exit status: 0, or 3 when the PATH or NAME is not there.\n"
    "\n"
    "Example: stablefs status /depot-stable\n";

static const struct option longs[] = {{"json", no_argument, NULL, SFS_CLI_JSON}, SFS_CLI_LONG};

/* --- for people --------------------------------------------------------------------------------------------------- */

struct style {
    const char *bold, *plain;
    bool counters;
};

static struct style choose_style(const struct sfs_cli *cli)
{
    const char *no_color = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");
    bool color = isatty(STDOUT_FILENO) && (no_color == NULL || no_color[0] == '\0') && terminal != NULL &&
                 strcmp(terminal, "dumb") != 0;
    return (struct style){color ? "\033[1m" : "", color ? "\033[m" : "", cli->verbosity > 0};
}

static long long number(const json_t *object, const char *key)
{
    return (long long)json_integer_value(json_object_get(object, key));
}

static void line(const char *key, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void line(const char *key, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)printf("    %-9s ", key);
    (void)vprintf(format, args);
    (void)putchar('\n');
    va_end(args);
}

/* "ttl:5 (why)" */
static void line_why(const char *key, const char *value, const char *why)
{
    line(key, why[0] != '\0' ? "%s (%s)" : "%s%s", value, why);
}

static void print_map(const json_t *map, const struct style *style)
{
    const char *state = sfs_json_member(map, "state");
    SFS_CLEANUP_FREE char *path = sfs_json_get_path(map, "path");
    SFS_CLEANUP_FREE char *source = sfs_json_get_path(map, "source");
    (void)printf("  %s%s%s%s%s\n", style->bold, path != NULL ? path : "?", style->plain,
                 strcmp(state, "live") == 0 ? "" : "  ", strcmp(state, "live") == 0 ? "" : state);
    line("source", "%s", source != NULL ? source : "?");
    line("mode", strcmp(sfs_json_member(map, "writers"), "exclusive") == 0 ? "%s, nobody else writes" : "%s",
         sfs_json_member(map, "mode"));
    SFS_CLEANUP_FREE char *cache = NULL;
    if (strcmp(sfs_json_member(map, "cache"), "ttl") == 0 &&
        asprintf(&cache, "ttl:%lld", number(map, "ttl")) < 0)
        cache = NULL;
    line_why("cache", cache != NULL ? cache : sfs_json_member(map, "cache"), sfs_json_member(map, "cache_why"));
    line_why("io", sfs_json_member(map, "io"), sfs_json_member(map, "io_why"));
    line("files", "%lld known, %lld open", number(map, "files"), number(map, "handles"));
    line("requests", "%lld, %lld of them failed%s", number(map, "requests"), number(map, "errors"),
         strcmp(sfs_json_member(map, "requests_by"), "io_uring") == 0 ? ", by io_uring" : "");
    if (!style->counters)
        return;
    const char *name;
    json_t *count;
    json_object_foreach(json_object_get(map, "counters"), name, count)
        line("", "%-16s %lld", name, (long long)json_integer_value(count));
    if (number(map, "looked_ahead") > 0)
        line("ahead", "%lld directories were looked at before they were asked for", number(map, "looked_ahead"));
}

static void print_instance(const json_t *instance, const struct style *style)
{
    SFS_CLEANUP_FREE char *config = sfs_json_get_path(instance, "config");
    bool ending = strcmp(sfs_json_member(instance, "state"), "ending") == 0;
    (void)printf("%s%s%s (pid %lld%s%s)%s\n", style->bold, sfs_json_member(instance, "name"), style->plain,
                 number(instance, "pid"), config != NULL ? ", " : "", config != NULL ? config : "",
                 ending ? " ending" : "");
    size_t i;
    json_t *map;
    json_array_foreach(json_object_get(instance, "maps"), i, map)
        print_map(map, style);
}

/* --- what is asked for -------------------------------------------------------------------------------------------- */

static bool instance_has_device(const json_t *instance, const char *device)
{
    size_t i;
    json_t *map;
    json_array_foreach(json_object_get(instance, "maps"), i, map) {
        if (strcmp(sfs_json_member(map, "device"), device) == 0)
            return true;
    }
    return false;
}

/* The mount that a PATH belongs to. */
struct wanted {
    const char *name;    /* NULL: everything */
    char device[32];     /* "" when it is no path in a stablefs mount */
};

static void find_device(struct wanted *wanted, const struct sfs_mounts *mounts)
{
    if (strchr(wanted->name, '/') == NULL && access(wanted->name, F_OK) < 0)
        return;
    SFS_CLEANUP_FREE char *path = sfs_cli_absolute(wanted->name);
    SFS_CLEANUP_FREE char *resolved = path != NULL ? sfs_cli_resolved(path) : NULL;
    const struct sfs_mount *mount = resolved != NULL ? sfs_mounts_holding(mounts, resolved) : NULL;
    if (mount != NULL && sfs_mount_is_ours(mount))
        (void)snprintf(wanted->device, sizeof wanted->device, "%u:%u", major(mount->device), minor(mount->device));
}

static bool matches(const json_t *instance, const struct wanted *wanted)
{
    if (wanted->name == NULL || strcmp(sfs_json_member(instance, "name"), wanted->name) == 0)
        return true;
    return wanted->device[0] != '\0' && instance_has_device(instance, wanted->device);
}

/* Mounts in the table that no instance told of: of other users, or dead. */
static json_t *find_silent(const struct sfs_mounts *mounts, const struct sfs_peers *peers, const struct wanted *wanted)
{
    json_t *all = json_array();
    for (size_t i = 0; i < mounts->count; i++) {
        const struct sfs_mount *mount = &mounts->items[i];
        char device[32];
        (void)snprintf(device, sizeof device, "%u:%u", major(mount->device), minor(mount->device));
        bool told = !sfs_mount_is_ours(mount) ||
                    (wanted->name != NULL && strcmp(wanted->device, device) != 0);
        for (size_t j = 0; j < peers->count && !told; j++)
            told = instance_has_device(peers->items[j].status, device);
        if (told)
            continue;
        long uid = sfs_mount_option_number(mount, "user_id=");
        bool foreign = uid >= 0 && (uid_t)uid != geteuid() && geteuid() != 0;
        /* others' maps are shown only to who asks for them */
        if (foreign && wanted->name == NULL)
            continue;
        bool dead = sfs_mount_probe_patiently(mount->point, PROBE_MS) == -ENOTCONN;
        json_t *object = json_pack("{s:s, s:I}", "state", dead ? "dead" : foreign ? "foreign" : "silent", "uid",
                                   (json_int_t)uid);
        if (sfs_json_set_path(object, "path", mount->point) < 0 ||
            sfs_json_set_path(object, "source", mount->source) < 0 || json_array_append_new(all, object) < 0)
            sfs_log_debug("status: out of memory");
    }
    return all;
}

static void print_silent(const json_t *silent, const struct style *style)
{
    size_t i;
    json_t *mount;
    json_array_foreach(silent, i, mount) {
        SFS_CLEANUP_FREE char *path = sfs_json_get_path(mount, "path");
        SFS_CLEANUP_FREE char *source = sfs_json_get_path(mount, "source");
        const char *state = sfs_json_member(mount, "state");
        (void)printf("%s%s%s from %s: ", style->bold, path != NULL ? path : "?", style->plain,
                     source != NULL ? source : "?");
        if (strcmp(state, "dead") == 0)
            (void)printf("its daemon has died (stablefs umount --lazy %s)\n", path != NULL ? path : "PATH");
        else if (strcmp(state, "foreign") == 0)
            (void)printf("of user %lld (only that user and root see more)\n", number(mount, "uid"));
        else
            (void)puts("its daemon cannot be reached from here");
    }
}

static int print_all(json_t *instances, json_t *silent, bool as_json, const struct sfs_cli *cli)
{
    struct style style = choose_style(cli);
    if (as_json) {
        json_t *whole = json_pack("{s:O, s:O}", "instances", instances, "unreachable", silent);
        int r = whole != NULL ? json_dumpf(whole, stdout, JSON_INDENT(2)) : -1;
        (void)putchar('\n');
        json_decref(whole);
        return sfs_cli_finish_output(r < 0 ? SFS_STATUS_FAILED : SFS_STATUS_OK);
    }
    size_t i;
    json_t *instance;
    json_array_foreach(instances, i, instance)
        print_instance(instance, &style);
    print_silent(silent, &style);
    return sfs_cli_finish_output(SFS_STATUS_OK);
}

static int show(const struct sfs_cli *cli, const char *name, bool as_json)
{
    SFS_CLEANUP_PEERS struct sfs_peers peers = SFS_PEERS_INIT;
    SFS_CLEANUP_MOUNTS struct sfs_mounts mounts = SFS_MOUNTS_INIT;
    sfs_err r = sfs_mounts_read(&mounts);
    if (r == 0)
        r = sfs_peers_find(&peers);
    if (r < 0) {
        sfs_log_error("status: %s (is /proc mounted?)", strerrordesc_np(-r));
        return SFS_STATUS_FAILED;
    }
    struct wanted wanted = {.name = name};
    if (name != NULL)
        find_device(&wanted, &mounts);
    json_t *instances = json_array();
    for (size_t i = 0; i < peers.count; i++) {
        if (matches(peers.items[i].status, &wanted))
            (void)json_array_append(instances, peers.items[i].status);
    }
    json_t *silent = find_silent(&mounts, &peers, &wanted);
    bool nothing = json_array_size(instances) == 0 && json_array_size(silent) == 0;
    int status = SFS_STATUS_OK;
    if (nothing && name != NULL) {
        sfs_log_error("%s: not mounted, and no instance has this name (stablefs status shows what there is)", name);
        status = SFS_STATUS_NOT_FOUND;
    } else if (nothing && !as_json) {
        sfs_log_info("nothing is mounted");
    } else {
        status = print_all(instances, silent, as_json, cli);
    }
    json_decref(instances);
    json_decref(silent);
    return status;
}

int sfs_cmd_status(int argc, char *argv[])
{
    struct sfs_cli cli = {"status", help, ":" SFS_CLI_SHORT, longs, 0};
    bool as_json = false;
    int status = 0, option;
    while ((option = sfs_cli_next(&cli, argc, argv, &status)) != SFS_CLI_END) {
        if (option == SFS_CLI_STOP)
            return status;
        as_json = as_json || option == SFS_CLI_JSON;
    }
    if (argc - optind > 1)
        return sfs_cli_usage(&cli, "%s: one PATH or NAME at most", argv[optind + 1]);
    sfs_cli_set_level(&cli, NULL);
    return show(&cli, argv[optind], as_json);
}
