/* SPDX-License-Identifier: MIT */
/* The places of config files. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* path made absolute (against the working directory) and clean: 0 and a malloc()ed string, or -errno. */
sfs_err sfs_find_absolute(const char *path, char **ret);

/*
 * The conf.d/\*.ini fragments that belong to the config file at path (absolute and clean), in the order of their bytes;
 * none unless it is one of the two places that have fragments.  Returns 0 and a NULL-terminated array of malloc()ed
 * paths, to be freed with sfs_find_free(); or -errno, -ENOENT not among them.
 */
sfs_err sfs_find_fragments(const char *path, char ***ret);

/* The conf.d directory beside path, malloc()ed; NULL when out of memory. */
char *sfs_find_fragment_dir(const char *path);

/* NULL is fine. */
void sfs_find_free(char **paths);
