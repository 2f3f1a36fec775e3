/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "conf/conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "conf/draft.h"
#include "conf/find.h"
#include "conf/options.h"
#include "conf/reader.h"

static int out_of_memory(struct sfs_problems *problems)
{
    sfs_problems_error(problems, "out of memory (free some and try again)");
    return -1;
}

void sfs_conf_free(struct sfs_conf *conf)
{
    if (conf == NULL)
        return;
    for (size_t i = 0; i < conf->map_count; i++) {
        free(conf->maps[i].name);
        free(conf->maps[i].path);
        free(conf->maps[i].source);
        free(conf->maps[i].origin);
    }
    free(conf->maps);
    free(conf->name);
    free(conf->file);
    free(conf);
}

void sfs_conf_freep(struct sfs_conf **conf)
{
    sfs_conf_free(*conf);
    *conf = NULL;
}

/* Read one file into the draft; that it cannot be read is reported. 0 or -ENOMEM. */
static sfs_err read_file(struct sfs_draft *draft, const char *path)
{
    SFS_CLEANUP_STRBUF struct sfs_strbuf text = SFS_STRBUF_INIT;
    sfs_err r = sfs_reader_slurp(path, &text);
    if (r == -ENOMEM)
        return r;
    if (r >= 0)
        return sfs_draft_read(draft, path, text.data, text.length);
    struct sfs_place place = {.kind = SFS_PLACE_FILE, .file = path, .order = (unsigned)draft->file_count};
    errno = -r;
    if (r == -ENOENT || r == -ENOTDIR)
        sfs_report_error(&draft->report, &place, "there is no such file (correct the path, or create it)");
    else if (r == -EFBIG)
        sfs_report_error(&draft->report, &place,
                         "it has more than %d bytes, so it is hardly a config file (make it shorter)", SFS_READER_MOST);
    else if (r == -EISDIR)
        sfs_report_error(&draft->report, &place, "it is a directory (name the file in it)");
    else
        sfs_report_error(&draft->report, &place, "it cannot be read: %m (check its permissions)");
    return 0;
}

/* The fragments beside the file, if it is one of those that have some. 0 or -ENOMEM. */
static sfs_err read_fragments(struct sfs_draft *draft)
{
    char **fragments = NULL;
    sfs_err r = sfs_find_fragments(draft->conf->file, &fragments);
    if (r == -ENOMEM)
        return r;
    if (r < 0) {
        SFS_CLEANUP_FREE char *dir = sfs_find_fragment_dir(draft->conf->file);
        struct sfs_place place = {.kind = SFS_PLACE_FILE, .file = dir, .order = (unsigned)draft->file_count};
        if (dir == NULL)
            return -ENOMEM;
        errno = -r;
        sfs_report_error(&draft->report, &place, "the directory cannot be read: %m (check its permissions)");
        return 0;
    }
    r = 0;
    for (size_t i = 0; r >= 0 && fragments[i] != NULL; i++)
        r = read_file(draft, fragments[i]);
    sfs_find_free(fragments);
    return r;
}

/* "/etc/julia.ini" -> "julia" */
static char *name_of_file(const char *path)
{
    const char *base = sfs_path_base(path);
    size_t length = strlen(base);
    if (length > 4 && strcmp(base + length - 4, ".ini") == 0)
        length -= 4;
    SFS_CLEANUP_FREE char *name = strndup(base, length);
    return name != NULL ? sfs_name_make(name) : NULL;
}

/* Everything of the file and its fragments, not yet checked. */
static sfs_err read_all(struct sfs_draft *draft, const char *path)
{
    sfs_err r = sfs_find_absolute(path, &draft->conf->file);
    struct sfs_place place = {.kind = SFS_PLACE_FILE, .file = path};
    if (r == -ENOMEM)
        return r;
    if (r < 0) {
        errno = -r;
        sfs_report_error(&draft->report, &place,
                         "the working directory cannot be told: %m (write the path from the root)");
        return 0;
    }
    r = read_file(draft, path);
    if (r >= 0)
        r = read_fragments(draft);
    if (r >= 0 && draft->conf->name == NULL) {
        draft->conf->name = name_of_file(draft->conf->file);
        r = draft->conf->name != NULL ? 0 : -ENOMEM;
    }
    return r;
}

static sfs_err load(struct sfs_draft *draft, const char *path)
{
    struct sfs_place place = {.kind = SFS_PLACE_FILE, .file = path};
    sfs_err r = read_all(draft, path);
    if (r >= 0)
        r = sfs_draft_validate(draft);
    if (r >= 0 && draft->map_count == 0 && draft->report.errors == 0)
        sfs_report_error(&draft->report, &place,
                         "there is no map in it (add a section [map NAME] with path = and source =)");
    return r;
}

int sfs_conf_load(const char *path, struct sfs_conf **ret, struct sfs_problems *problems)
{
    SFS_CLEANUP_DRAFT struct sfs_draft draft;
    sfs_err r = sfs_draft_init(&draft);
    if (r >= 0)
        r = load(&draft, path);
    if (r < 0)
        return out_of_memory(problems);
    return sfs_draft_finish(&draft, ret, problems);
}

/* Messages about a command line come in the order of its words; those about options are last (conf/options.c). */
enum { ORDER_SOURCE, ORDER_PATH };

/* Set path or source from an argument, which may be relative. 0 or -ENOMEM. */
static sfs_err set_argument(struct sfs_draft *draft, struct sfs_draft_map *map, enum sfs_map_key key, const char *text)
{
    struct sfs_place place = {
        .kind = SFS_PLACE_ARGUMENT,
        .order = key == SFS_KEY_SOURCE ? ORDER_SOURCE : ORDER_PATH,
        .key = sfs_map_keys[key].name,
        .value = text,
    };
    if (text[0] == '\0') {
        sfs_report_error(&draft->report, &place, "it is empty (name a directory)");
        map->settings[key].given = true;
        return 0;
    }
    SFS_CLEANUP_FREE char *absolute = NULL;
    sfs_err r = sfs_find_absolute(text, &absolute);
    if (r == -ENOMEM)
        return r;
    if (r < 0) {
        errno = -r;
        sfs_report_error(&draft->report, &place,
                         "the working directory cannot be told: %m (write the path from the root)");
        map->settings[key].given = true;
        return 0;
    }
    place.value = absolute;
    sfs_draft_set(draft, map, key, &place);
    return 0;
}

/* Add a map as a command line has it; the first one names the instance. 0 or -ENOMEM. */
static sfs_err add_map(struct sfs_draft *draft, const char *source, const char *path, const char *options)
{
    struct sfs_place place = {.kind = SFS_PLACE_ARGUMENT, .key = "path", .value = path};
    SFS_CLEANUP_FREE char *clean = NULL;
    if (path[0] != '\0' && sfs_find_absolute(path, &clean) == -ENOMEM)
        return -ENOMEM;
    const char *known = clean != NULL ? clean : path;
    if (draft->conf->name == NULL)
        draft->conf->name = sfs_name_make(known);
    SFS_CLEANUP_FREE char *map_name = sfs_name_make(sfs_path_base(known));
    struct sfs_draft_map *map = map_name != NULL ? sfs_draft_add_map(draft, map_name, &place) : NULL;
    if (draft->conf->name == NULL || map == NULL)
        return -ENOMEM;
    sfs_err r = set_argument(draft, map, SFS_KEY_SOURCE, source);
    if (r >= 0)
        r = set_argument(draft, map, SFS_KEY_PATH, path);
    if (r < 0)
        return r;
    sfs_options_apply(options, &map->map, &draft->report);
    return 0;
}

static sfs_err from_mount(struct sfs_draft *draft, const char *source, const char *path, const char *options)
{
    sfs_err r = add_map(draft, source, path, options);
    return r < 0 ? r : sfs_draft_validate(draft);
}

int sfs_conf_from_mount(const char *source, const char *path, const char *options, struct sfs_conf **ret,
                        struct sfs_problems *problems)
{
    SFS_CLEANUP_DRAFT struct sfs_draft draft;
    sfs_err r = sfs_draft_init(&draft);
    if (r >= 0)
        r = from_mount(&draft, source, path, options);
    if (r < 0)
        return out_of_memory(problems);
    return sfs_draft_finish(&draft, ret, problems);
}

/* "PATH=SOURCE[,OPTION…]" */
static sfs_err add_run_map(struct sfs_draft *draft, const char *text)
{
    SFS_CLEANUP_STRBUF struct sfs_strbuf path = SFS_STRBUF_INIT;
    SFS_CLEANUP_STRBUF struct sfs_strbuf source = SFS_STRBUF_INIT;
    bool has_source = false;
    const char *options = text;
    if (sfs_options_next(&options, &path, &source, &has_source) < 0)
        return -ENOMEM;
    if (has_source)
        return add_map(draft, source.data, path.data, options);
    struct sfs_place place = {.kind = SFS_PLACE_ARGUMENT, .key = "--map", .value = text};
    sfs_report_error(&draft->report, &place, "the source is missing (write --map PATH=SOURCE)");
    return 0;
}

int sfs_conf_for_run(const char *file, char *const maps[], size_t count, struct sfs_conf **ret,
                     struct sfs_problems *problems)
{
    SFS_CLEANUP_DRAFT struct sfs_draft draft;
    sfs_err r = sfs_draft_init(&draft);
    if (r >= 0 && file != NULL)
        r = read_all(&draft, file);
    for (size_t i = 0; r >= 0 && i < count; i++)
        r = add_run_map(&draft, maps[i]);
    if (r >= 0)
        r = sfs_draft_validate(&draft);
    if (r >= 0 && draft.map_count == 0 && draft.report.errors == 0) {
        struct sfs_place place = {.kind = SFS_PLACE_FILE, .file = file};
        sfs_report_error(&draft.report, &place,
                         "there is no map in it (add a section [map NAME], or --map PATH=SOURCE)");
    }
    if (r < 0)
        return out_of_memory(problems);
    return sfs_draft_finish(&draft, ret, problems);
}

int sfs_conf_apply_options(struct sfs_conf *conf, const char *options, struct sfs_problems *problems)
{
    /* once for the messages, so that a wrong list changes nothing and is not reported for each map */
    struct sfs_conf_map trial = {.name = NULL};
    struct sfs_report report = SFS_REPORT_INIT;
    sfs_options_apply(options, &trial, &report);
    for (size_t i = 0; report.errors == 0 && i < conf->map_count; i++) {
        struct sfs_conf_map changed = conf->maps[i]; /* options set no strings */
        sfs_options_apply(options, &changed, &report);
        sfs_options_check(&changed, NULL, &report);
    }
    bool failed = report.errors > 0 || report.lost;
    sfs_report_flush(&report, problems);
    for (size_t i = 0; !failed && i < conf->map_count; i++) {
        sfs_options_apply(options, &conf->maps[i], &report);
        failed = report.errors > 0 || report.lost;
        sfs_report_flush(&report, problems);
    }
    return failed ? -1 : 0;
}

const struct sfs_conf_map *sfs_conf_enclosing(const struct sfs_conf *conf, const char *path)
{
    const struct sfs_conf_map *best = NULL;
    for (size_t i = 0; i < conf->map_count; i++) {
        const char *below = sfs_path_below(path, conf->maps[i].path);
        if (below != NULL && *below != '\0' && (best == NULL || strlen(conf->maps[i].path) > strlen(best->path)))
            best = &conf->maps[i];
    }
    return best;
}
