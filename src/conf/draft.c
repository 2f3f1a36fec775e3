/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "conf/draft.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "conf/vars.h"

sfs_err sfs_draft_init(struct sfs_draft *draft)
{
    *draft = (struct sfs_draft){.report = SFS_REPORT_INIT};
    draft->conf = calloc(1, sizeof *draft->conf);
    if (draft->conf == NULL)
        return -ENOMEM;
    draft->conf->log = SFS_LOG_INFO;
    return 0;
}

static void release_map(struct sfs_draft_map *map)
{
    free(map->map.name);
    free(map->map.path);
    free(map->map.source);
    free(map->map.origin);
    free(map->section);
    for (size_t i = 0; i < SFS_MAP_KEY_COUNT; i++)
        free(map->settings[i].value);
}

void sfs_draft_release(struct sfs_draft *draft)
{
    for (size_t i = 0; i < draft->map_count; i++)
        release_map(&draft->maps[i]);
    free(draft->maps);
    for (size_t i = 0; i < SFS_INSTANCE_KEY_COUNT; i++)
        free(draft->settings[i].value);
    for (size_t i = 0; i < draft->file_count; i++)
        free(draft->files[i]);
    free(draft->files);
    struct sfs_problems dropped = SFS_PROBLEMS_INIT;
    sfs_report_flush(&draft->report, &dropped);
    sfs_problems_release(&dropped);
    sfs_conf_free(draft->conf);
    *draft = (struct sfs_draft){.report = SFS_REPORT_INIT};
}

struct sfs_draft_map *sfs_draft_add_map(struct sfs_draft *draft, const char *name, const struct sfs_place *place)
{
    struct sfs_draft_map *maps = realloc(draft->maps, (draft->map_count + 1) * sizeof *maps);
    if (maps == NULL)
        return NULL;
    draft->maps = maps;
    struct sfs_draft_map *map = &maps[draft->map_count];
    *map = (struct sfs_draft_map){.place = *place};
    map->map.name = strdup(name);
    if (asprintf(&map->section, "map %s", name) < 0)
        map->section = NULL;
    int length = place->kind == SFS_PLACE_FILE ? asprintf(&map->map.origin, "%s:%u", place->file, place->line)
                                               : asprintf(&map->map.origin, "command line");
    if (length < 0)
        map->map.origin = NULL;
    if (map->map.name == NULL || map->section == NULL || map->map.origin == NULL) {
        release_map(map);
        return NULL;
    }
    map->place.section = map->section;
    draft->map_count++;
    return map;
}

/* The value of a setting, filled in: malloc()ed, or NULL with *err. */
static char *fill_in(const struct sfs_place *place, struct sfs_error **err)
{
    char *filled = NULL;
    if (place->value[0] == '\0') {
        (void)sfs_error_set(err, SFS_STATUS_USAGE, "it has no value (write one, or leave the key out)");
    } else if (place->kind != SFS_PLACE_FILE) {
        filled = strdup(place->value);
        if (filled == NULL)
            (void)sfs_error_set(err, SFS_STATUS_FAILED, "out of memory (free some and try again)");
    } else if (sfs_vars_expand(place->value, &filled, err) < 0) {
        filled = NULL;
    } else if (filled[0] == '\0') {
        (void)sfs_error_set(err, SFS_STATUS_USAGE, "nothing is left of it with its variables filled in (set them)");
        free(filled);
        filled = NULL;
    }
    return filled;
}

void sfs_draft_set(struct sfs_draft *draft, struct sfs_draft_map *map, size_t index, const struct sfs_place *place)
{
    const struct sfs_key *key = map != NULL ? &sfs_map_keys[index] : &sfs_instance_keys[index];
    struct sfs_setting *setting = map != NULL ? &map->settings[index] : &draft->settings[index];
    bool repeatable = map != NULL && index == SFS_KEY_LOWER;
    if (setting->given && !repeatable) {
        bool elsewhere = setting->place.file != place->file;
        sfs_report_error(&draft->report, place, "%s is set in line %u%s%s already (leave one of them)", key->name,
                         setting->place.line, elsewhere ? " of " : "", elsewhere ? setting->place.file : "");
        return;
    }
    if (!setting->given) {
        setting->given = true;
        setting->place = *place;
        setting->value = strdup(place->value);
        setting->place.value = setting->value;
        setting->place.key = key->name;
        if (map != NULL)
            setting->place.section = map->place.section;
    }
    SFS_CLEANUP_ERROR struct sfs_error *err = NULL;
    SFS_CLEANUP_FREE char *filled = fill_in(place, &err);
    if (filled == NULL) {
        setting->bad = true;
        sfs_report_error(&draft->report, place, "%s", sfs_error_text(err));
    } else if (key->set(draft->conf, map != NULL ? &map->map : NULL, filled, &err) < 0) {
        bool differs = strcmp(filled, place->value) != 0;
        setting->bad = true;
        sfs_report_error(&draft->report, place, "%s%s%s%s", differs ? "that is " : "", differs ? filled : "",
                         differs ? ": " : "", sfs_error_text(err));
    }
}

int sfs_draft_finish(struct sfs_draft *draft, struct sfs_conf **ret, struct sfs_problems *problems)
{
    size_t errors = draft->report.errors;
    struct sfs_conf_map *maps = NULL;
    if (errors == 0) {
        maps = calloc(draft->map_count + 1, sizeof *maps);
        if (maps == NULL) {
            draft->report.lost = true;
            errors = 1;
        }
    }
    bool lost = draft->report.lost;
    sfs_report_flush(&draft->report, problems);
    if (errors > 0 || lost) {
        free(maps);
        return -1;
    }
    for (size_t i = 0; i < draft->map_count; i++) {
        maps[i] = draft->maps[i].map;
        draft->maps[i].map = (struct sfs_conf_map){.name = NULL};
    }
    draft->conf->maps = maps;
    draft->conf->map_count = draft->map_count;
    *ret = SFS_TAKE_PTR(draft->conf);
    return 0;
}
