/* SPDX-License-Identifier: MIT */
/*
 * ${digest:FILE[:FILE...]}: a short name for the contents of files.
 *
 * It is the first 32 hexadecimal digits of the SHA-256 over: the number of files, then for each file its length and
 * the SHA-256 of its content; numbers as 8 bytes, most significant first.  So it depends on the contents and their
 * order and on nothing else, and files cannot be cut up differently to the same result.
 */
#pragma once

#include "base/error.h"

enum { SFS_DIGEST_DIGITS = 32 };

/*
 * files: absolute paths with ':' between them.  Each must be a regular file of at most 64 MiB.
 * Returns 0, or -1 with *err: "WHY (HOW TO MEND)".
 */
int sfs_digest_files(const char *files, char ret[SFS_DIGEST_DIGITS + 1], struct sfs_error **err);
