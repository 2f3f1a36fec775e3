/* SPDX-License-Identifier: MIT */
/* From the lines of a config file to the settings of a draft. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/nearest.h"
#include "conf/draft.h"
#include "conf/reader.h"

/* What the keys belong to that are read now. */
enum scope {
    SCOPE_NONE,    /* before the first section */
    SCOPE_UNKNOWN, /* the section is wrong, which was reported: its keys are left out */
    SCOPE_INSTANCE,
    SCOPE_MAP, /* the last map of the draft */
};

struct loader {
    struct sfs_draft *draft;
    const char *file;
    unsigned order;
    enum scope scope;
    bool no_memory;
};

static struct sfs_draft_map *current_map(struct loader *loader)
{
    return loader->scope == SCOPE_MAP ? &loader->draft->maps[loader->draft->map_count - 1] : NULL;
}

static struct sfs_place place_of(struct loader *loader, const struct sfs_line *line)
{
    struct sfs_draft_map *map = current_map(loader);
    return (struct sfs_place){
        .kind = SFS_PLACE_FILE,
        .file = loader->file,
        .order = loader->order,
        .line = line->number,
        .section = map != NULL                       ? map->section
                   : loader->scope == SCOPE_INSTANCE ? "stablefs"
                                                     : NULL,
        .key = line->key,
        .value = line->value,
    };
}

static struct sfs_draft_map *find_map(struct sfs_draft *draft, const char *name)
{
    for (size_t i = 0; i < draft->map_count; i++)
        if (strcmp(draft->maps[i].map.name, name) == 0)
            return &draft->maps[i];
    return NULL;
}

static void start_map(struct loader *loader, const char *name, const struct sfs_place *place)
{
    struct sfs_draft *draft = loader->draft;
    if (!sfs_name_is_good(name)) {
        sfs_report_error(
            &draft->report, place,
            name[0] == '\0'
                ? "the map has no name (write [map NAME])"
                : "that cannot be the name of a map (use letters, digits and . _ + @ -, with no . or - first)");
        return;
    }
    if (draft->map_count >= SFS_MAPS_MOST) {
        sfs_report_error(&draft->report, place, "there are more than %d maps (make several configs of it)",
                         SFS_MAPS_MOST);
        return;
    }
    struct sfs_draft_map *same = find_map(draft, name);
    if (same != NULL)
        sfs_report_error(&draft->report, place, "a map of this name is at %s already (give one of them another name)",
                         same->map.origin);
    bool again = same != NULL;
    struct sfs_draft_map *map = sfs_draft_add_map(draft, name, place);
    if (map == NULL) {
        loader->no_memory = true;
        return;
    }
    map->again = again;
    loader->scope = SCOPE_MAP;
}

static void start_section(struct loader *loader, const struct sfs_line *line)
{
    static const char *const words[] = {"stablefs", "map", NULL};
    loader->scope = SCOPE_UNKNOWN;
    struct sfs_place place = place_of(loader, line);
    place.section = line->section;
    /* blanks around it do not count */
    const char *start = line->section + strspn(line->section, " \t");
    size_t end = strlen(start);
    while (end > 0 && (start[end - 1] == ' ' || start[end - 1] == '\t'))
        end--;
    SFS_CLEANUP_FREE char *section = strndup(start, end);
    if (section == NULL) {
        loader->no_memory = true;
        return;
    }
    size_t length = strcspn(section, " \t");
    const char *rest = section + length + strspn(section + length, " \t");
    if (length == 3 && strncmp(section, "map", 3) == 0) {
        start_map(loader, rest, &place);
    } else if (strcmp(section, "stablefs") == 0) {
        loader->scope = SCOPE_INSTANCE;
    } else {
        SFS_CLEANUP_FREE char *word = strndup(section, length);
        const char *near = word != NULL ? sfs_nearest(word, words) : NULL;
        bool map_meant = near != NULL && strcmp(near, "map") == 0;
        if (near != NULL)
            sfs_report_error(&loader->draft->report, &place, "no such section (did you mean [%s%s%s]?)", near,
                             map_meant ? " " : "",
                             !map_meant        ? ""
                             : rest[0] != '\0' ? rest
                                               : "NAME");
        else
            sfs_report_error(&loader->draft->report, &place,
                             "no such section (a config has [stablefs] and [map NAME])");
    }
}

static void unknown_key(struct loader *loader, const struct sfs_place *place, bool in_map)
{
    const struct sfs_key *keys = in_map ? sfs_map_keys : sfs_instance_keys;
    size_t count = in_map ? SFS_MAP_KEY_COUNT : SFS_INSTANCE_KEY_COUNT;
    const struct sfs_key *others = in_map ? sfs_instance_keys : sfs_map_keys;
    size_t other_count = in_map ? SFS_INSTANCE_KEY_COUNT : SFS_MAP_KEY_COUNT;
    if (sfs_key_find(others, other_count, place->key) < other_count) {
        sfs_report_error(&loader->draft->report, place, "this key is for another section (write it below [%s])",
                         in_map ? "stablefs" : "map NAME");
        return;
    }
    const char *words[SFS_MAP_KEY_COUNT + 1] = {NULL};
    for (size_t i = 0; i < count; i++)
        words[i] = keys[i].name;
    const char *near = sfs_nearest(place->key, words);
    SFS_CLEANUP_STRBUF struct sfs_strbuf list = SFS_STRBUF_INIT;
    if (sfs_key_list(keys, count, &list) < 0)
        loader->no_memory = true;
    if (near != NULL)
        sfs_report_error(&loader->draft->report, place, "no such key (did you mean \"%s\"? There are: %s)", near,
                         list.data);
    else
        sfs_report_error(&loader->draft->report, place, "no such key (there are: %s)", list.data);
}

static void take_key(struct loader *loader, const struct sfs_line *line)
{
    struct sfs_place place = place_of(loader, line);
    struct sfs_draft_map *map = current_map(loader);
    size_t count = map != NULL ? SFS_MAP_KEY_COUNT : SFS_INSTANCE_KEY_COUNT;
    size_t index = sfs_key_find(map != NULL ? sfs_map_keys : sfs_instance_keys, count, line->key);
    if (index < count) {
        sfs_draft_set(loader->draft, map, index, &place);
        return;
    }
    unknown_key(loader, &place, map != NULL);
    if (map != NULL)
        map->unsure = true;
}

static void take_line(void *arg, const struct sfs_line *line)
{
    struct loader *loader = arg;
    struct sfs_place place = place_of(loader, line);
    struct sfs_draft_map *map = current_map(loader);
    switch (line->kind) {
    case SFS_LINE_SECTION:
        start_section(loader, line);
        return;
    case SFS_LINE_KEY:
        if (loader->scope == SCOPE_NONE)
            sfs_report_error(&loader->draft->report, &place,
                             "it stands in front of the first section (write it below [stablefs] or [map NAME])");
        else if (loader->scope != SCOPE_UNKNOWN)
            take_key(loader, line);
        return;
    case SFS_LINE_CONTINUED:
        if (loader->scope != SCOPE_UNKNOWN)
            sfs_report_error(&loader->draft->report, &place,
                             "an indented line is one more value of the key above it, and %s has one only (take out "
                             "the blanks in front)",
                             line->key);
        break;
    case SFS_LINE_BAD:
    case SFS_LINE_BAD_SECTION:
    default:
        place.key = line->text;
        place.value = NULL;
        if (line->kind == SFS_LINE_BAD_SECTION)
            place.section = NULL;
        sfs_report_error(&loader->draft->report, &place, "%s", line->why);
        if (line->kind == SFS_LINE_BAD_SECTION)
            loader->scope = SCOPE_UNKNOWN;
        break;
    }
    if (map != NULL)
        map->unsure = true;
}

sfs_err sfs_draft_read(struct sfs_draft *draft, const char *file, const char *text, size_t length)
{
    char **files = realloc(draft->files, (draft->file_count + 1) * sizeof *files);
    if (files == NULL)
        return -ENOMEM;
    draft->files = files;
    files[draft->file_count] = strdup(file);
    if (files[draft->file_count] == NULL)
        return -ENOMEM;
    struct loader loader = {
        .draft = draft,
        .file = files[draft->file_count],
        .order = (unsigned)draft->file_count,
    };
    draft->file_count++;
    sfs_err r = sfs_reader_run(text, length, take_line, &loader);
    if (r == -EIO) {
        struct sfs_place place = {.kind = SFS_PLACE_FILE, .file = loader.file, .order = loader.order};
        sfs_report_error(&draft->report, &place, "inih cannot read it (look for lines without a key or a value)");
        return 0;
    }
    return loader.no_memory ? -ENOMEM : r;
}
