/* SPDX-License-Identifier: MIT */
/*
 * Paths as text: nothing here looks at the filesystem.  "Clean" means absolute, one slash between components, no "."
 * or "..", no slash at the end (but "/" itself).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* True for an absolute path (it starts with '/'). */
bool sfs_path_is_absolute(const char *path);

/*
 * Make an absolute path clean; ".." takes away the component before it, as cd(1) -L does, and is dropped at the root.
 * Returns 0 and a malloc()ed string, or -EINVAL (not absolute) or -ENOMEM.
 */
sfs_err sfs_path_clean(const char *path, char **ret);

/*
 * Both clean.  If path is dir or lies below it: the rest without a leading slash ("" when equal), pointing into path;
 * otherwise NULL.  "/depot2" is not below "/depot".
 */
const char *sfs_path_below(const char *path, const char *dir);

/* dir + "/" + rest, malloc()ed, with one slash between and none after an empty rest; NULL when out of memory. */
char *sfs_path_join(const char *dir, const char *rest);

/* The last component, pointing into path; "/" gives "/". */
const char *sfs_path_base(const char *path);
/* All but the last component, malloc()ed; "/a" and "/" give "/".  NULL when out of memory. */
char *sfs_path_parent(const char *path);

/* True for what may be one directory entry: not empty, no slash, not "." or "..". */
bool sfs_path_is_name(const char *name);
/* Whether it is one of the two entries that every directory has. */
bool sfs_path_is_dot(const char *name);
