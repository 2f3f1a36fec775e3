/* SPDX-License-Identifier: MIT */
/*
 * The options behind -o (mount.stablefs(8), OPTIONS): the keys of a map, ro and rw, and those of mount(8).
 *
 * "NAME[=VALUE],...": a backslash makes the ',', '=' or '\' behind it an ordinary character.  Later options win.
 */
#pragma once

#include "conf/conf.h"
#include "conf/report.h"

/*
 * Cut the next option off *at: its name and, behind the first '=', its value, both appended.  Returns 0 or -ENOMEM.
 */
sfs_err sfs_options_next(const char **at, struct sfs_strbuf *name, struct sfs_strbuf *value, bool *ret_has_value);

/* Apply a list to map (NULL: no options). What is wrong is reported and left out. */
void sfs_options_apply(const char *options, struct sfs_conf_map *map, struct sfs_report *report);

/* Values that are wrong together. writers: where that key was written; NULL: among the options. */
void sfs_options_check(const struct sfs_conf_map *map, const struct sfs_place *writers, struct sfs_report *report);
