/* SPDX-License-Identifier: MIT */
/*
 * Paths in JSON.  JSON is UTF-8 and paths are bytes: a path that is not UTF-8 is shown with U+FFFD for what is wrong,
 * and its bytes are in a second member, KEY_base16.
 */
#pragma once

#include <jansson.h>

#include "base/error.h"

/* text as a JSON string (null for NULL), made UTF-8 if need be. NULL when out of memory. */
json_t *sfs_json_text(const char *text);

/* Set object[key] to path, and object[key_base16] when needed. 0, or -1 when out of memory. */
int sfs_json_set_path(json_t *object, const char *key, const char *path);

/* The bytes of object[key] or object[key_base16], malloc()ed; NULL when there is neither or out of memory. */
char *sfs_json_get_path(const json_t *object, const char *key);
