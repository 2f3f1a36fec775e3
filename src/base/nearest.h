/* SPDX-License-Identifier: MIT */
/* "Did you mean": the nearest of a few valid words. */
#pragma once

#include <stddef.h>

/*
 * The word of words (NULL-terminated) with the smallest edit distance to wrong (a swap of neighbours counts as one
 * edit, case does not count), or NULL when none is near: more edits than a third of the longer word, but two are
 * always near for words of four letters or more.  Words longer than 63 bytes are never near.
 */
const char *sfs_nearest(const char *wrong, const char *const words[]);
