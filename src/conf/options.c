/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "conf/options.h"

#include <limits.h>
#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/nearest.h"
#include "base/strbuf.h"
#include "conf/keys.h"

enum action {
    ACTION_MODE,        /* value is an enum sfs_mode */
    ACTION_SWITCH,      /* value is an enum sfs_switch, for the flag at offset */
    ACTION_USER,        /* who may mount: no set-id files, devices and programs, until told otherwise */
    ACTION_OWNER,       /* as ACTION_USER, but programs stay */
    ACTION_IGNORE,      /* for mount(8), systemd or the kernel of others; or on anyway */
    ACTION_IGNORE_TEXT, /* the same, may have a value */
    ACTION_REMOUNT,
};

struct option {
    const char *name;
    enum action action;
    size_t offset;
    int value;
};

#define FLAG(name) ACTION_SWITCH, offsetof(struct sfs_mount_flags, name)

/* mount(8), FILESYSTEM-INDEPENDENT MOUNT OPTIONS (util-linux 2.38), and what fuse(8) and fstab(5) add */
static const struct option options_known[] = {
    {"ro", ACTION_MODE, 0, SFS_MODE_RO},
    {"rw", ACTION_MODE, 0, SFS_MODE_RW},
    {"suid", FLAG(suid), SFS_ON},
    {"nosuid", FLAG(suid), SFS_OFF},
    {"dev", FLAG(dev), SFS_ON},
    {"nodev", FLAG(dev), SFS_OFF},
    {"exec", FLAG(exec), SFS_ON},
    {"noexec", FLAG(exec), SFS_OFF},
    {"atime", FLAG(atime), SFS_ON},
    {"noatime", FLAG(atime), SFS_OFF},
    {"strictatime", FLAG(atime), SFS_ON},
    {"sync", FLAG(sync), SFS_ON},
    {"async", FLAG(sync), SFS_OFF},
    {"dirsync", FLAG(dirsync), SFS_ON},
    {"allow_other", FLAG(allow_other), SFS_ON},
    {"noallow_other", FLAG(allow_other), SFS_OFF},
    {"user", ACTION_USER, 0, 0},
    {"users", ACTION_USER, 0, 0},
    {"owner", ACTION_OWNER, 0, 0},
    {"group", ACTION_OWNER, 0, 0},
    {"remount", ACTION_REMOUNT, 0, 0},
    {"defaults", ACTION_IGNORE, 0, 0},
    {"default_permissions", ACTION_IGNORE, 0, 0},
    {"nostrictatime", ACTION_IGNORE, 0, 0},
    {"relatime", ACTION_IGNORE, 0, 0},
    {"norelatime", ACTION_IGNORE, 0, 0},
    {"lazytime", ACTION_IGNORE, 0, 0},
    {"nolazytime", ACTION_IGNORE, 0, 0},
    {"diratime", ACTION_IGNORE, 0, 0},
    {"nodiratime", ACTION_IGNORE, 0, 0},
    {"iversion", ACTION_IGNORE, 0, 0},
    {"noiversion", ACTION_IGNORE, 0, 0},
    {"mand", ACTION_IGNORE, 0, 0},
    {"nomand", ACTION_IGNORE, 0, 0},
    {"silent", ACTION_IGNORE, 0, 0},
    {"loud", ACTION_IGNORE, 0, 0},
    {"auto", ACTION_IGNORE, 0, 0},
    {"noauto", ACTION_IGNORE, 0, 0},
    {"nofail", ACTION_IGNORE, 0, 0},
    {"nouser", ACTION_IGNORE, 0, 0},
    {"nousers", ACTION_IGNORE, 0, 0},
    {"noowner", ACTION_IGNORE, 0, 0},
    {"nogroup", ACTION_IGNORE, 0, 0},
    {"_netdev", ACTION_IGNORE, 0, 0},
    {"comment", ACTION_IGNORE_TEXT, 0, 0},
    {"fsname", ACTION_IGNORE_TEXT, 0, 0},
    {"subtype", ACTION_IGNORE_TEXT, 0, 0},
};

enum { KNOWN_COUNT = sizeof options_known / sizeof options_known[0] };

static void set_switch(struct sfs_conf_map *map, size_t offset, enum sfs_switch value)
{
    *(enum sfs_switch *)((char *)&map->flags + offset) = value;
}

static void run_action(const struct option *option, const struct sfs_place *place, struct sfs_conf_map *map,
                       struct sfs_report *report)
{
    /* mount(8) writes user=NAME into its own table */
    if (place->value != NULL && option->action != ACTION_IGNORE_TEXT && option->action != ACTION_USER) {
        sfs_report_error(report, place, "%s takes no value (write %s alone)", option->name, option->name);
        return;
    }
    switch (option->action) {
    case ACTION_MODE:
        map->mode = (enum sfs_mode)option->value;
        break;
    case ACTION_SWITCH:
        set_switch(map, option->offset, (enum sfs_switch)option->value);
        break;
    case ACTION_USER:
        map->flags.exec = SFS_OFF;
        map->flags.suid = SFS_OFF;
        map->flags.dev = SFS_OFF;
        break;
    case ACTION_OWNER:
        map->flags.suid = SFS_OFF;
        map->flags.dev = SFS_OFF;
        break;
    case ACTION_REMOUNT:
        sfs_report_error(report, place, "this version cannot change a mount (unmount it and mount it again)");
        break;
    case ACTION_IGNORE:
    case ACTION_IGNORE_TEXT:
    default:
        break;
    }
}

static void unknown_option(const struct sfs_place *place, struct sfs_report *report)
{
    const char *words[KNOWN_COUNT + SFS_MAP_KEY_COUNT + 1];
    size_t count = 0;
    for (size_t i = 0; i < SFS_MAP_KEY_COUNT; i++)
        if (!sfs_map_keys[i].argument)
            words[count++] = sfs_map_keys[i].name;
    for (size_t i = 0; i < KNOWN_COUNT; i++)
        words[count++] = options_known[i].name;
    words[count] = NULL;
    const char *near = sfs_nearest(place->key, words);
    if (near != NULL)
        sfs_report_error(report, place, "no such option (did you mean \"%s\"?)", near);
    else
        sfs_report_error(report, place, "no such option (see mount.stablefs(8) for all of them)");
}

static void apply_key(const struct sfs_key *key, const struct sfs_place *place, struct sfs_conf_map *map,
                      struct sfs_report *report)
{
    SFS_CLEANUP_ERROR struct sfs_error *err = NULL;
    if (key->argument)
        sfs_report_error(report, place, "the %s is an argument of its own (see stablefs(1), mount)", key->name);
    else if (place->value == NULL || place->value[0] == '\0')
        sfs_report_error(report, place, "it has no value (write %s=VALUE)", key->name);
    else if (key->set(NULL, map, place->value, &err) < 0)
        sfs_report_error(report, place, "%s", sfs_error_text(err));
}

static void apply_one(const struct sfs_place *place, struct sfs_conf_map *map, struct sfs_report *report)
{
    /* for programs that read fstab */
    if (strncmp(place->key, "x-", 2) == 0 || strncmp(place->key, "X-", 2) == 0)
        return;
    size_t key = sfs_key_find(sfs_map_keys, SFS_MAP_KEY_COUNT, place->key);
    if (key < SFS_MAP_KEY_COUNT) {
        apply_key(&sfs_map_keys[key], place, map, report);
        return;
    }
    for (size_t i = 0; i < KNOWN_COUNT; i++)
        if (strcmp(options_known[i].name, place->key) == 0) {
            run_action(&options_known[i], place, map, report);
            return;
        }
    unknown_option(place, report);
}

sfs_err sfs_options_next(const char **at, struct sfs_strbuf *name, struct sfs_strbuf *value, bool *ret_has_value)
{
    struct sfs_strbuf *part = name;
    sfs_err r = 0;
    const char *c = *at;
    *ret_has_value = false;
    for (; r >= 0 && *c != '\0' && *c != ','; c++) {
        if (*c == '=' && part == name) {
            part = value;
            *ret_has_value = true;
            continue;
        }
        if (*c == '\\' && c[1] != '\0' && strchr(",=\\", c[1]) != NULL)
            c++;
        r = sfs_strbuf_add_char(part, *c);
    }
    *at = *c == ',' ? c + 1 : c;
    return r;
}

void sfs_options_apply(const char *options, struct sfs_conf_map *map, struct sfs_report *report)
{
    const char *at = options != NULL ? options : "";
    while (*at != '\0') {
        SFS_CLEANUP_STRBUF struct sfs_strbuf name = SFS_STRBUF_INIT;
        SFS_CLEANUP_STRBUF struct sfs_strbuf value = SFS_STRBUF_INIT;
        bool has_value = false;
        if (sfs_options_next(&at, &name, &value, &has_value) < 0) {
            report->lost = true;
            return;
        }
        struct sfs_place place = {
            .kind = SFS_PLACE_OPTION,
            .order = UINT_MAX,
            .key = name.data,
            .value = has_value ? value.data : NULL,
        };
        if (name.length > 0)
            apply_one(&place, map, report);
        else if (has_value)
            sfs_report_error(report, &place, "there is no option in front of the = (write NAME=VALUE)");
    }
}

void sfs_options_check(const struct sfs_conf_map *map, const struct sfs_place *writers, struct sfs_report *report)
{
    struct sfs_place option = {
        .kind = SFS_PLACE_OPTION,
        .order = UINT_MAX,
        .key = sfs_map_keys[SFS_KEY_WRITERS].name,
        .value = sfs_writers_word(map->writers),
    };
    if (map->writers == SFS_WRITERS_EXCLUSIVE && map->mode == SFS_MODE_RO)
        sfs_report_error(report, writers != NULL ? writers : &option,
                         "nobody writes through a read-only map (if its source does not change: cache = immutable)");
}
