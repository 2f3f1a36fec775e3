/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "conf/keys.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/nearest.h"
#include "base/path.h"

/* A value that is one of a few words. */
struct word {
    const char *word;
    int value;
};

static const struct word mode_words[] = {{"ro", SFS_MODE_RO}, {"rw", SFS_MODE_RW}, {NULL, 0}};
static const struct word cache_words[] = {
    {"immutable", SFS_CACHE_IMMUTABLE}, {"coherent", SFS_CACHE_COHERENT}, {"none", SFS_CACHE_NONE}, {NULL, 0}};
static const struct word io_words[] = {{"auto", SFS_IO_AUTO},
                                       {"cached", SFS_IO_CACHED},
                                       {"passthrough", SFS_IO_PASSTHROUGH},
                                       {"direct", SFS_IO_DIRECT},
                                       {NULL, 0}};
static const struct word writers_words[] = {
    {"shared", SFS_WRITERS_SHARED}, {"exclusive", SFS_WRITERS_EXCLUSIVE}, {NULL, 0}};
static const struct word statahead_words[] = {{"on", SFS_UNSET}, {"off", SFS_OFF}, {NULL, 0}};
static const struct word io_uring_words[] = {{"auto", SFS_UNSET}, {"on", SFS_ON}, {"off", SFS_OFF}, {NULL, 0}};
static const struct word log_words[] = {{"error", SFS_LOG_ERROR}, {"warn", SFS_LOG_WARN},   {"info", SFS_LOG_INFO},
                                        {"debug", SFS_LOG_DEBUG}, {"trace", SFS_LOG_TRACE}, {NULL, 0}};
static const struct word mtime_words[] = {{"real", 0}, {NULL, 0}};
static const struct word symlinks_words[] = {{"keep", 0}, {NULL, 0}};

enum { WORDS_MOST = 8, TTL_MOST = 86400 * 365 };

static int no_memory(struct sfs_error **err)
{
    return sfs_error_set(err, SFS_STATUS_FAILED, "out of memory (free some and try again)");
}

static const char *word_of(const struct word words[], int value)
{
    for (size_t i = 0; words[i].word != NULL; i++)
        if (words[i].value == value)
            return words[i].word;
    return NULL;
}

/* "immutable, coherent, none", with more behind it when that is not NULL. */
static sfs_err list_words(const struct word words[], const char *more, struct sfs_strbuf *out)
{
    sfs_err r = 0;
    for (size_t i = 0; r >= 0 && words[i].word != NULL; i++)
        r = sfs_strbuf_addf(out, "%s%s", i > 0 ? ", " : "", words[i].word);
    if (r >= 0 && more != NULL)
        r = sfs_strbuf_addf(out, ", %s", more);
    return r;
}

/*
 * Find value in words.  later: words that DESIGN has and this version has not.  more: how to write the values that are
 * no words, for the message.
 */
static int parse_word(const struct word words[], const char *const later[], const char *more, const char *value,
                      int *ret, struct sfs_error **err)
{
    const char *known[WORDS_MOST + 1] = {NULL};
    for (size_t i = 0; words[i].word != NULL; i++) {
        if (strcmp(value, words[i].word) == 0) {
            *ret = words[i].value;
            return 0;
        }
        known[i] = words[i].word;
    }
    SFS_CLEANUP_STRBUF struct sfs_strbuf list = SFS_STRBUF_INIT;
    if (list_words(words, more, &list) < 0)
        return no_memory(err);
    const char *choice = words[1].word != NULL || more != NULL ? "one of: " : "always: ";
    for (size_t i = 0; later != NULL && later[i] != NULL; i++)
        if (strcmp(value, later[i]) == 0)
            return sfs_error_set(err, SFS_STATUS_USAGE, "this version does not have it (it is %s%s)", choice,
                                 list.data);
    const char *near = sfs_nearest(value, known);
    if (near != NULL)
        return sfs_error_set(err, SFS_STATUS_USAGE, "no such value (did you mean \"%s\"? It is %s%s)", near, choice,
                             list.data);
    return sfs_error_set(err, SFS_STATUS_USAGE, "no such value (it is %s%s)", choice, list.data);
}

static int set_path_of(char **where, const char *value, struct sfs_error **err)
{
    if (!sfs_path_is_absolute(value)) {
        if (value[0] == '~' || value[0] == '$')
            return sfs_error_set(err, SFS_STATUS_USAGE,
                                 "it is a relative path (for the home directory write ${HOME}/...)");
        return sfs_error_set(err, SFS_STATUS_USAGE, "it is a relative path (write it from the root: /DIR/...)");
    }
    for (const char *at = value; *at != '\0'; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            return sfs_error_set(err, SFS_STATUS_USAGE,
                                 "it has a control character in it (use a path without control characters)");
    char *clean = NULL;
    if (sfs_path_clean(value, &clean) < 0)
        return no_memory(err);
    if (strlen(clean) >= PATH_MAX) {
        free(clean);
        return sfs_error_set(err, SFS_STATUS_USAGE, "it has more than %d bytes (use a shorter path)", PATH_MAX - 1);
    }
    free(*where);
    *where = clean;
    return 0;
}

static int set_path(struct sfs_conf *conf, struct sfs_conf_map *map, const char *value, struct sfs_error **err)
{
    (void)conf;
    static const char *const kernels[] = {"/proc", "/sys", "/dev"};
    SFS_CLEANUP_FREE char *path = NULL;
    if (set_path_of(&path, value, err) < 0)
        return -1;
    if (strcmp(path, "/") == 0)
        return sfs_error_set(err, SFS_STATUS_USAGE, "the root directory cannot be a stable path (choose one below it)");
    for (size_t i = 0; i < sizeof kernels / sizeof kernels[0]; i++)
        if (sfs_path_below(path, kernels[i]) != NULL)
            return sfs_error_set(err, SFS_STATUS_USAGE,
                                 "%s is the kernel's and cannot have a stable path in it (choose another place)",
                                 kernels[i]);
    free(map->path);
    map->path = SFS_TAKE_PTR(path);
    return 0;
}

static int set_source(struct sfs_conf *conf, struct sfs_conf_map *map, const char *value, struct sfs_error **err)
{
    (void)conf;
    return set_path_of(&map->source, value, err);
}

static int set_mode(struct sfs_conf *conf, struct sfs_conf_map *map, const char *value, struct sfs_error **err)
{
    (void)conf;
    static const char *const later[] = {"overlay", "mirror", NULL};
    int mode = 0;
    if (parse_word(mode_words, later, NULL, value, &mode, err) < 0)
        return -1;
    map->mode = (enum sfs_mode)mode;
    return 0;
}

/* The digits of "ttl:N": true and *ret, or false. */
static bool parse_seconds(const char *digits, unsigned *ret)
{
    size_t length = strlen(digits);
    if (length == 0 || length > 9 || strspn(digits, "0123456789") != length)
        return false;
    unsigned long seconds = strtoul(digits, NULL, 10);
    if (seconds > TTL_MOST)
        return false;
    *ret = (unsigned)seconds;
    return true;
}

static int set_cache(struct sfs_conf *conf, struct sfs_conf_map *map, const char *value, struct sfs_error **err)
{
    (void)conf;
    int cache = SFS_CACHE_TTL;
    unsigned seconds = 0;
    if (strncmp(value, "ttl", 3) == 0 && strchr("=: \t", value[3]) != NULL) {
        if (value[3] != ':' || !parse_seconds(value + 4, &seconds))
            return sfs_error_set(err, SFS_STATUS_USAGE,
                                 "ttl needs whole seconds from 0 to %d (write ttl:SECONDS, as in ttl:5)", TTL_MOST);
        if (seconds == 0)
            cache = SFS_CACHE_NONE;
    } else if (parse_word(cache_words, NULL, "ttl:SECONDS", value, &cache, err) < 0) {
        return -1;
    }
    map->cache = (enum sfs_cache)cache;
    map->ttl = seconds;
    return 0;
}

static int set_io(struct sfs_conf *conf, struct sfs_conf_map *map, const char *value, struct sfs_error **err)
{
    (void)conf;
    int io = 0;
    if (parse_word(io_words, NULL, NULL, value, &io, err) < 0)
        return -1;
    map->io = (enum sfs_io)io;
    return 0;
}

static int set_writers(struct sfs_conf *conf, struct sfs_conf_map *map, const char *value, struct sfs_error **err)
{
    (void)conf;
    int writers = 0;
    if (parse_word(writers_words, NULL, NULL, value, &writers, err) < 0)
        return -1;
    map->writers = (enum sfs_writers)writers;
    return 0;
}

static int set_switch(enum sfs_switch *ret, const struct word *words, const char *value, struct sfs_error **err)
{
    int position = 0;
    if (parse_word(words, NULL, NULL, value, &position, err) < 0)
        return -1;
    *ret = (enum sfs_switch)position;
    return 0;
}

static int set_io_uring(struct sfs_conf *conf, struct sfs_conf_map *map, const char *value, struct sfs_error **err)
{
    (void)conf;
    return set_switch(&map->io_uring, io_uring_words, value, err);
}

static int set_statahead(struct sfs_conf *conf, struct sfs_conf_map *map, const char *value, struct sfs_error **err)
{
    (void)conf;
    return set_switch(&map->statahead, statahead_words, value, err);
}

static int set_mtime(struct sfs_conf *conf, struct sfs_conf_map *map, const char *value, struct sfs_error **err)
{
    (void)conf;
    (void)map;
    /* any number of seconds is a word of a later version too */
    bool seconds = value[strspn(value, "0123456789")] == '\0';
    const char *const later[] = {"content", "floor", seconds ? value : NULL, NULL};
    int ignored = 0;
    return parse_word(mtime_words, later, NULL, value, &ignored, err);
}

static int set_symlinks(struct sfs_conf *conf, struct sfs_conf_map *map, const char *value, struct sfs_error **err)
{
    (void)conf;
    (void)map;
    static const char *const later[] = {"rewrite", NULL};
    int ignored = 0;
    return parse_word(symlinks_words, later, NULL, value, &ignored, err);
}

static int set_layer(struct sfs_conf *conf, struct sfs_conf_map *map, const char *value, struct sfs_error **err)
{
    (void)conf;
    (void)map;
    (void)value;
    return sfs_error_set(err, SFS_STATUS_USAGE,
                         "this version does not have layers (use source with mode = ro or mode = rw)");
}

static int set_name(struct sfs_conf *conf, struct sfs_conf_map *map, const char *value, struct sfs_error **err)
{
    (void)map;
    if (!sfs_name_is_good(value))
        return sfs_error_set(err, SFS_STATUS_USAGE,
                             "it cannot be a name (use at most %d letters, digits and . _ + @ -, with no . or - first)",
                             SFS_NAME_MOST);
    char *name = strdup(value);
    if (name == NULL)
        return no_memory(err);
    free(conf->name);
    conf->name = name;
    return 0;
}

static int set_log(struct sfs_conf *conf, struct sfs_conf_map *map, const char *value, struct sfs_error **err)
{
    (void)map;
    int level = 0;
    if (parse_word(log_words, NULL, NULL, value, &level, err) < 0)
        return -1;
    conf->log = (enum sfs_log_level)level;
    conf->log_given = true;
    return 0;
}

static sfs_err print_path(const struct sfs_conf *conf, const struct sfs_conf_map *map, struct sfs_strbuf *out)
{
    (void)conf;
    return sfs_strbuf_add_string(out, map->path);
}

static sfs_err print_source(const struct sfs_conf *conf, const struct sfs_conf_map *map, struct sfs_strbuf *out)
{
    (void)conf;
    return sfs_strbuf_add_string(out, map->source);
}

static sfs_err print_mode(const struct sfs_conf *conf, const struct sfs_conf_map *map, struct sfs_strbuf *out)
{
    (void)conf;
    return sfs_strbuf_add_string(out, sfs_mode_word(map->mode));
}

static sfs_err print_cache(const struct sfs_conf *conf, const struct sfs_conf_map *map, struct sfs_strbuf *out)
{
    (void)conf;
    if (map->cache == SFS_CACHE_TTL)
        return sfs_strbuf_addf(out, "ttl:%u", map->ttl);
    return sfs_strbuf_add_string(out, sfs_cache_word(map->cache));
}

static sfs_err print_io(const struct sfs_conf *conf, const struct sfs_conf_map *map, struct sfs_strbuf *out)
{
    (void)conf;
    return sfs_strbuf_add_string(out, sfs_io_word(map->io));
}

static sfs_err print_writers(const struct sfs_conf *conf, const struct sfs_conf_map *map, struct sfs_strbuf *out)
{
    (void)conf;
    return sfs_strbuf_add_string(out, sfs_writers_word(map->writers));
}

static sfs_err print_io_uring(const struct sfs_conf *conf, const struct sfs_conf_map *map, struct sfs_strbuf *out)
{
    (void)conf;
    return sfs_strbuf_add_string(out, word_of(io_uring_words, (int)map->io_uring));
}

static sfs_err print_statahead(const struct sfs_conf *conf, const struct sfs_conf_map *map, struct sfs_strbuf *out)
{
    (void)conf;
    return sfs_strbuf_add_string(out, word_of(statahead_words, (int)map->statahead));
}

static sfs_err print_mtime(const struct sfs_conf *conf, const struct sfs_conf_map *map, struct sfs_strbuf *out)
{
    (void)conf;
    (void)map;
    return sfs_strbuf_add_string(out, mtime_words[0].word);
}

static sfs_err print_symlinks(const struct sfs_conf *conf, const struct sfs_conf_map *map, struct sfs_strbuf *out)
{
    (void)conf;
    (void)map;
    return sfs_strbuf_add_string(out, symlinks_words[0].word);
}

static sfs_err print_name(const struct sfs_conf *conf, const struct sfs_conf_map *map, struct sfs_strbuf *out)
{
    (void)map;
    return sfs_strbuf_add_string(out, conf->name);
}

static sfs_err print_log(const struct sfs_conf *conf, const struct sfs_conf_map *map, struct sfs_strbuf *out)
{
    (void)map;
    return sfs_strbuf_add_string(out, word_of(log_words, (int)conf->log));
}

const struct sfs_key sfs_map_keys[SFS_MAP_KEY_COUNT] = {
    [SFS_KEY_PATH] = {"path", set_path, print_path, true},
    [SFS_KEY_SOURCE] = {"source", set_source, print_source, true},
    [SFS_KEY_MODE] = {"mode", set_mode, print_mode, false},
    [SFS_KEY_CACHE] = {"cache", set_cache, print_cache, false},
    [SFS_KEY_IO] = {"io", set_io, print_io, false},
    [SFS_KEY_WRITERS] = {"writers", set_writers, print_writers, false},
    [SFS_KEY_IO_URING] = {"io_uring", set_io_uring, print_io_uring, false},
    [SFS_KEY_STATAHEAD] = {"statahead", set_statahead, print_statahead, false},
    [SFS_KEY_MTIME] = {"mtime", set_mtime, print_mtime, false},
    [SFS_KEY_SYMLINKS] = {"symlinks", set_symlinks, print_symlinks, false},
    [SFS_KEY_LOWER] = {"lower", set_layer, NULL, false},
    [SFS_KEY_UPPER] = {"upper", set_layer, NULL, false},
};

const struct sfs_key sfs_instance_keys[SFS_INSTANCE_KEY_COUNT] = {
    [SFS_KEY_NAME] = {"name", set_name, print_name, false},
    [SFS_KEY_LOG] = {"log", set_log, print_log, false},
};

size_t sfs_key_find(const struct sfs_key keys[], size_t count, const char *name)
{
    size_t i = 0;
    while (i < count && strcmp(keys[i].name, name) != 0)
        i++;
    return i;
}

sfs_err sfs_key_list(const struct sfs_key keys[], size_t count, struct sfs_strbuf *out)
{
    sfs_err r = 0;
    for (size_t i = 0; r >= 0 && i < count; i++)
        r = sfs_strbuf_addf(out, "%s%s", i > 0 ? ", " : "", keys[i].name);
    return r;
}

static bool name_byte(char c, bool first)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_')
        return true;
    return c == '+' || c == '@' || (!first && (c == '.' || c == '-'));
}

bool sfs_name_is_good(const char *name)
{
    size_t length = 0;
    while (name[length] != '\0' && name_byte(name[length], length == 0))
        length++;
    return length > 0 && length <= SFS_NAME_MOST && name[length] == '\0';
}

char *sfs_name_make(const char *text)
{
    text += strspn(text, "/");
    /* the end of a long path tells more than its start */
    size_t length = strlen(text);
    if (length > SFS_NAME_MOST)
        text += length - SFS_NAME_MOST;
    char *name = strdup(text[0] != '\0' ? text : "stablefs");
    if (name == NULL)
        return NULL;
    for (size_t i = 0; name[i] != '\0'; i++)
        if (!name_byte(name[i], i == 0))
            name[i] = i > 0 && name[i] == '/' ? '-' : '_';
    return name;
}

const char *sfs_mode_word(enum sfs_mode mode)
{
    return word_of(mode_words, (int)mode);
}

const char *sfs_cache_word(enum sfs_cache cache)
{
    return cache == SFS_CACHE_TTL ? "ttl" : word_of(cache_words, (int)cache);
}

const char *sfs_io_word(enum sfs_io io)
{
    return word_of(io_words, (int)io);
}

const char *sfs_writers_word(enum sfs_writers writers)
{
    return word_of(writers_words, (int)writers);
}
