/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/commands.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "daemon/json.h"

/* An object under construction: after a failure nothing more is added, and the whole is thrown away. */
struct building {
    json_t *object;
    bool failed;
};

static void set(struct building *building, const char *key, json_t *value)
{
    if (json_object_set_new(building->object, key, value) < 0)
        building->failed = true;
}

static void set_path(struct building *building, const char *key, const char *path)
{
    if (sfs_json_set_path(building->object, key, path) < 0)
        building->failed = true;
}

static void set_number(struct building *building, const char *key, uint64_t value)
{
    set(building, key, json_integer((json_int_t)value));
}

static json_t *finish(struct building *building)
{
    if (!building->failed)
        return building->object;
    json_decref(building->object);
    return NULL;
}

static json_t *error_answer(enum sfs_status status, const char *text)
{
    return json_pack("{s:s, s:i}", "error", text, "status", (int)status);
}

static json_t *counters(struct sfs_session *session)
{
    struct building all = {json_object(), false};
    const char *name;
    uint64_t count;
    for (size_t i = 0; sfs_session_counter(session, i, &name, &count); i++) {
        if (count > 0)
            set_number(&all, name, count);
    }
    return finish(&all);
}

static void describe_session(struct building *map, struct sfs_session *session)
{
    struct sfs_session_status status;
    sfs_session_status(session, &status);
    set(map, "cache", sfs_json_text(status.cache));
    set(map, "cache_why", sfs_json_text(status.cache_why));
    set_number(map, "ttl", status.ttl);
    set(map, "io", sfs_json_text(status.io));
    set(map, "io_why", sfs_json_text(status.io_why));
    set(map, "requests_by", sfs_json_text(status.requests_by));
    set(map, "opens", sfs_json_text(status.opens));
    set(map, "reopen", sfs_json_text(status.reopen));
    set_number(map, "files", status.nodes);
    set_number(map, "handles", status.handles);
    set_number(map, "requests", status.requests);
    set_number(map, "errors", status.errors);
    set_number(map, "waiting_locks", status.waiting_locks);
    set_number(map, "descriptors", status.descriptors);
    set_number(map, "looked_ahead", status.looked_ahead);
    set(map, "counters", counters(session));
}

static json_t *describe_map(const struct sfs_served *served)
{
    struct building map = {json_object(), false};
    char device[32];
    (void)snprintf(device, sizeof device, "%u:%u", major(served->device), minor(served->device));
    set(&map, "name", sfs_json_text(served->conf->name));
    set_path(&map, "path", served->conf->path);
    set_path(&map, "source", served->conf->source);
    set(&map, "state", json_string(sfs_served_state_word(served->state)));
    set(&map, "device", json_string(device));
    set(&map, "mode", json_string(sfs_mode_word(served->conf->mode)));
    set(&map, "cache_asked", json_string(sfs_cache_word(served->conf->cache)));
    set(&map, "writers", json_string(sfs_writers_word(served->conf->writers)));
    set(&map, "io_asked", json_string(sfs_io_word(served->conf->io)));
    describe_session(&map, served->session);
    return finish(&map);
}

static json_t *answer_status(struct sfs_instance *instance)
{
    struct building whole = {json_object(), false};
    set(&whole, "name", sfs_json_text(instance->conf->name));
    set_number(&whole, "pid", (uint64_t)getpid());
    set_number(&whole, "uid", (uint64_t)geteuid());
    set(&whole, "version", json_string(PACKAGE_VERSION));
    set_path(&whole, "config", instance->conf->file);
    set(&whole, "state", json_string(instance->ending ? "ending" : "serving"));
    json_t *maps = json_array();
    for (size_t i = 0; i < instance->count; i++) {
        const struct sfs_served *served = &instance->served[i];
        if (served->session != NULL && json_array_append_new(maps, describe_map(served)) < 0)
            whole.failed = true;
    }
    set(&whole, "maps", maps);
    return finish(&whole);
}

static json_t *answer_look(struct sfs_instance *instance)
{
    sfs_instance_reap(instance);
    sfs_instance_look(instance);
    struct building whole = {json_object(), false};
    json_t *maps = json_array();
    for (size_t i = 0; i < instance->count; i++) {
        const struct sfs_served *served = &instance->served[i];
        if (served->session == NULL)
            continue;
        struct building map = {json_object(), false};
        set_path(&map, "path", served->conf->path);
        set(&map, "state", json_string(sfs_served_state_word(served->state)));
        if (json_array_append_new(maps, finish(&map)) < 0)
            whole.failed = true;
    }
    set(&whole, "maps", maps);
    return finish(&whole);
}

static json_t *answer_resolve(struct sfs_instance *instance, const json_t *request)
{
    SFS_CLEANUP_FREE char *path = sfs_json_get_path(request, "path");
    SFS_CLEANUP_FREE char *clean = NULL;
    if (path == NULL || sfs_path_clean(path, &clean) < 0)
        return error_answer(SFS_STATUS_USAGE, "resolve: no absolute path given");
    struct sfs_resolved resolved;
    sfs_err r = sfs_view_resolve(instance->view, clean, &resolved);
    if (r == -ENOENT)
        return error_answer(SFS_STATUS_NOT_FOUND, "no map covers it");
    if (r < 0)
        return NULL;
    struct building whole = {json_object(), false};
    set_path(&whole, "from", resolved.from);
    set_path(&whole, "to", resolved.to);
    set(&whole, "map", sfs_json_text(resolved.map));
    set(&whole, "layer", sfs_json_text(resolved.layer));
    set(&whole, "to_stable", json_boolean(resolved.to_stable));
    sfs_resolved_release(&resolved);
    return finish(&whole);
}

static json_t *answer(struct sfs_instance *instance, const json_t *request)
{
    const char *command = json_string_value(json_object_get(request, "command"));
    if (command == NULL)
        return error_answer(SFS_STATUS_USAGE, "not a request");
    if (strcmp(command, "status") == 0)
        return answer_status(instance);
    if (strcmp(command, "look") == 0)
        return answer_look(instance);
    if (strcmp(command, "resolve") == 0)
        return answer_resolve(instance, request);
    return error_answer(SFS_STATUS_USAGE, "unknown command (is the daemon older than this program?)");
}

char *sfs_commands_answer(struct sfs_instance *instance, const char *request, size_t length)
{
    json_t *asked = json_loadb(request, length, JSON_REJECT_DUPLICATES, NULL);
    json_t *answered = answer(instance, asked);
    json_decref(asked);
    char *text = answered != NULL ? json_dumps(answered, JSON_COMPACT) : NULL;
    json_decref(answered);
    if (text == NULL)
        return NULL;
    size_t used = strlen(text);
    char *line = realloc(text, used + 2);
    if (line == NULL) {
        free(text);
        return NULL;
    }
    line[used] = '\n';
    line[used + 1] = '\0';
    return line;
}
