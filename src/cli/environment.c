/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/environment.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "cli/cli.h"

const char *const sfs_environment_tools[] = {"julia", NULL};

/* Whether another map is mounted at the path, or above it in this map: what is there then is another directory. */
static bool is_covered(const struct sfs_conf *conf, const struct sfs_conf_map *map, const char *path)
{
    for (size_t i = 0; i < conf->map_count; i++) {
        const char *other = conf->maps[i].path;
        if (&conf->maps[i] != map && sfs_path_below(path, other) != NULL && sfs_path_below(other, map->path) != NULL)
            return true;
    }
    return false;
}

/* The path as this map shows it; *ret is NULL with 0 when it does not, and *ret_length is the length of the source. */
static sfs_err stable_of(const struct sfs_conf *conf, const struct sfs_conf_map *map, const char *real, char **ret,
                         size_t *ret_length)
{
    *ret = NULL;
    SFS_CLEANUP_FREE char *source = sfs_cli_resolved(map->source);
    if (source == NULL)
        return -ENOMEM;
    const char *below = sfs_path_below(real, source);
    if (below == NULL)
        return 0;
    SFS_CLEANUP_FREE char *stable = below[0] != '\0' ? sfs_path_join(map->path, below) : strdup(map->path);
    if (stable == NULL)
        return -ENOMEM;
    *ret_length = strlen(source);
    if (!is_covered(conf, map, stable))
        *ret = SFS_TAKE_PTR(stable);
    return 0;
}

sfs_err sfs_environment_stable(const struct sfs_conf *conf, const char *path, char **ret)
{
    SFS_CLEANUP_FREE char *real = sfs_cli_resolved(path);
    SFS_CLEANUP_FREE char *best = NULL;
    size_t best_length = 0;
    if (real == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < conf->map_count; i++) {
        SFS_CLEANUP_FREE char *stable = NULL;
        size_t length = 0;
        sfs_err r = stable_of(conf, &conf->maps[i], real, &stable, &length);
        if (r < 0)
            return r;
        if (stable != NULL && (best == NULL || length > best_length)) {
            free(best);
            best = SFS_TAKE_PTR(stable);
            best_length = length;
        }
    }
    *ret = SFS_TAKE_PTR(best);
    return 0;
}

static sfs_err add(struct sfs_environment *environment, const char *name, const char *value)
{
    size_t count = environment->count + 1;
    char **names = reallocarray(environment->names, count, sizeof *names);
    if (names != NULL)
        environment->names = names;
    char **values = reallocarray(environment->values, count, sizeof *values);
    if (values != NULL)
        environment->values = values;
    SFS_CLEANUP_FREE char *own_name = strdup(name);
    SFS_CLEANUP_FREE char *own_value = strdup(value);
    if (names == NULL || values == NULL || own_name == NULL || own_value == NULL)
        return -ENOMEM;
    names[count - 1] = SFS_TAKE_PTR(own_name);
    values[count - 1] = SFS_TAKE_PTR(own_value);
    environment->count = count;
    return 0;
}

sfs_err sfs_environment_set(struct sfs_environment *environment, const char *name, const char *value)
{
    for (size_t i = 0; i < environment->count; i++) {
        if (strcmp(environment->names[i], name) != 0)
            continue;
        char *copy = strdup(value);
        if (copy == NULL)
            return -ENOMEM;
        free(environment->values[i]);
        environment->values[i] = copy;
        return 0;
    }
    return add(environment, name, value);
}

/* One entry of a list of paths, translated if a map has it; a leading "~" is the home directory, as for Julia. */
static sfs_err add_entry(const struct sfs_conf *conf, const char *entry, struct sfs_strbuf *list)
{
    const char *home = getenv("HOME");
    SFS_CLEANUP_FREE char *path = NULL;
    if (entry[0] == '~' && (entry[1] == '/' || entry[1] == '\0') && home != NULL && sfs_path_is_absolute(home))
        path = sfs_path_join(home, entry + (entry[1] == '/' ? 2 : 1));
    else
        path = strdup(entry);
    SFS_CLEANUP_FREE char *stable = NULL;
    if (path == NULL)
        return -ENOMEM;
    /* "@", "@v#.#" and the empty entry mean something else */
    sfs_err r = sfs_path_is_absolute(path) ? sfs_environment_stable(conf, path, &stable) : 0;
    return r < 0 ? r : sfs_strbuf_add_string(list, stable != NULL ? stable : entry);
}

static sfs_err translate_list(const struct sfs_conf *conf, const char *text, struct sfs_strbuf *list)
{
    SFS_CLEANUP_FREE char *copy = strdup(text);
    if (copy == NULL)
        return -ENOMEM;
    char *rest = copy;
    sfs_err r = 0;
    bool first = true;
    for (const char *entry = strsep(&rest, ":"); entry != NULL && r >= 0; entry = strsep(&rest, ":")) {
        if (!first)
            r = sfs_strbuf_add_char(list, ':');
        first = false;
        if (r >= 0)
            r = add_entry(conf, entry, list);
    }
    return r;
}

/* Set a variable whose value names real paths, unless nothing in it changes. usual: what it is when it is not set. */
static sfs_err translate(struct sfs_environment *environment, const struct sfs_conf *conf, const char *name,
                         const char *usual)
{
    const char *before = getenv(name);
    const char *value = before != NULL ? before : usual;
    if (value == NULL)
        return 0;
    SFS_CLEANUP_STRBUF struct sfs_strbuf list = SFS_STRBUF_INIT;
    sfs_err r = translate_list(conf, value, &list);
    if (r < 0 || strcmp(list.data, value) == 0)
        return r < 0 ? r : 0;
    return sfs_environment_set(environment, name, list.data);
}

sfs_err sfs_environment_tool(struct sfs_environment *environment, const struct sfs_conf *conf, const char *tool)
{
    if (strcmp(tool, "julia") != 0)
        return -ENOENT;
    /* the empty entry stands for the depots that come with Julia (base/initdefs.jl, init_depot_path) */
    sfs_err r = translate(environment, conf, "JULIA_DEPOT_PATH", "~/.julia:");
    if (r == 0)
        r = translate(environment, conf, "JULIA_LOAD_PATH", NULL);
    return r == 0 ? translate(environment, conf, "JULIA_PROJECT", NULL) : r;
}

sfs_err sfs_environment_apply(const struct sfs_environment *environment)
{
    for (size_t i = 0; i < environment->count; i++) {
        if (setenv(environment->names[i], environment->values[i], 1) < 0)
            return -ENOMEM;
    }
    return 0;
}

void sfs_environment_print(const struct sfs_environment *environment)
{
    for (size_t i = 0; i < environment->count; i++) {
        (void)printf("export %s='", environment->names[i]);
        for (const char *c = environment->values[i]; *c != '\0'; c++) {
            if (*c == '\'')
                (void)fputs("'\\''", stdout);
            else
                (void)putchar(*c);
        }
        (void)puts("'");
    }
}

void sfs_environment_release(struct sfs_environment *environment)
{
    for (size_t i = 0; i < environment->count; i++) {
        free(environment->names[i]);
        free(environment->values[i]);
    }
    free(environment->names);
    free(environment->values);
    *environment = (struct sfs_environment)SFS_ENVIRONMENT_INIT;
}
