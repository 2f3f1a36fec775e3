/* SPDX-License-Identifier: MIT */
/* Real paths as the command of run will see them, and the environment variables of tools that name such paths. */
#pragma once

#include <stddef.h>

#include "base/error.h"
#include "conf/conf.h"

/*
 * The counterpart of an absolute path below the source of a map, the innermost one if there are several; links are
 * resolved on both sides.  malloc()ed; NULL with 0 when no map has it.  0 or -ENOMEM.
 */
sfs_err sfs_environment_stable(const struct sfs_conf *conf, const char *path, char **ret);

/* NAME=VALUE pairs, in the order of adding. */
struct sfs_environment {
    char **names, **values;
    size_t count;
};

#define SFS_ENVIRONMENT_INIT {NULL, NULL, 0}

/* Add or replace a variable. 0 or -ENOMEM. */
sfs_err sfs_environment_set(struct sfs_environment *environment, const char *name, const char *value);

/*
 * What the tool needs to find its files at the stable paths, so far as its variables (or their defaults) name files of
 * the maps: "julia" (JULIA_DEPOT_PATH, JULIA_LOAD_PATH, JULIA_PROJECT).  0, -ENOMEM, or -ENOENT: no such tool.
 */
sfs_err sfs_environment_tool(struct sfs_environment *environment, const struct sfs_conf *conf, const char *tool);

/* The tools that are known, ending with NULL. */
extern const char *const sfs_environment_tools[];

/* Put everything into the environment of this process. 0 or -ENOMEM. */
sfs_err sfs_environment_apply(const struct sfs_environment *environment);
/* Print lines "export NAME='VALUE'" for a shell. */
void sfs_environment_print(const struct sfs_environment *environment);
void sfs_environment_release(struct sfs_environment *environment);
