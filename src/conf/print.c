/* SPDX-License-Identifier: MIT */
/* A conf as a config file. */
#include "config.h"

#include <errno.h>
#include <ini.h>
#include <stdbool.h>
#include <string.h>

#include "conf/conf.h"
#include "conf/keys.h"
#include "conf/vars.h"

/* A line, its end and a NUL have to fit into inih's buffer; conf/reader.h. */
enum { LINE_MOST = INI_MAX_LINE - 2 };

/* False for what a config file cannot hold: inih takes blanks off the ends, and " ;" begins a comment. */
static bool value_fits(const char *value)
{
    bool blank = true;
    for (const char *at = value; *at != '\0'; at++) {
        if ((unsigned char)*at < 0x20 || *at == 0x7f || (blank && *at == ';') || (at == value && *at == ' '))
            return false;
        blank = *at == ' ';
    }
    return !blank;
}

/* Print one KEY = VALUE: 0, -EINVAL (printed, but it would not load) or -ENOMEM. */
static sfs_err print_key(const struct sfs_key *key, const struct sfs_conf *conf, const struct sfs_conf_map *map,
                         struct sfs_strbuf *out)
{
    if (key->print == NULL)
        return 0;
    SFS_CLEANUP_STRBUF struct sfs_strbuf value = SFS_STRBUF_INIT;
    sfs_err r = key->print(conf, map, &value);
    if (r < 0)
        return r;
    size_t start = out->length;
    r = sfs_strbuf_addf(out, "%-9s = ", key->name);
    if (r >= 0)
        r = sfs_vars_escape(value.data, out);
    if (r >= 0)
        r = sfs_strbuf_add_char(out, '\n');
    if (r < 0)
        return r;
    return value_fits(value.data) && out->length - start - 1 <= LINE_MOST ? 0 : -EINVAL;
}

sfs_err sfs_conf_print(const struct sfs_conf *conf, struct sfs_strbuf *out)
{
    bool loads = true;
    sfs_err r = sfs_strbuf_add_string(out, "[stablefs]\n");
    for (size_t i = 0; r >= 0 && i < SFS_INSTANCE_KEY_COUNT; i++) {
        r = print_key(&sfs_instance_keys[i], conf, NULL, out);
        loads = loads && r >= 0;
        r = r == -EINVAL ? 0 : r;
    }
    for (size_t m = 0; r >= 0 && m < conf->map_count; m++) {
        const struct sfs_conf_map *map = &conf->maps[m];
        loads = loads && sfs_name_is_good(map->name);
        r = sfs_strbuf_addf(out, "\n[map %s]\n", map->name);
        for (size_t i = 0; r >= 0 && i < SFS_MAP_KEY_COUNT; i++) {
            r = print_key(&sfs_map_keys[i], conf, map, out);
            loads = loads && r >= 0;
            r = r == -EINVAL ? 0 : r;
        }
    }
    return r < 0 ? r : loads ? 0 : -EINVAL;
}
