/* SPDX-License-Identifier: MIT */
/*
 * The variables of a value (stablefs.ini(5), VARIABLES):
 *
 *   ${NAME}                     the environment; XDG_CACHE_HOME, XDG_CONFIG_HOME, XDG_DATA_HOME and XDG_STATE_HOME have
 *                               their XDG defaults below ${HOME} when they are unset or empty
 *   ${uid}, ${hostname}         effective user id of the caller; name of the machine
 *   ${digest:FILE[:FILE...]}    see conf/digest.h
 *   $${                         the two characters "${"
 *
 * Any other '$' is itself.  What a variable holds is not looked at again, and variables are not nested.
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/strbuf.h"

/* The longest result, in bytes. */
enum { SFS_VARS_MOST = 64 * 1024 };

/*
 * Fill in the variables of text.  Returns 0 and a malloc()ed string, or -1 with *err: "WHY (HOW TO MEND)".  Reads the
 * environment: not while another thread changes it.
 */
int sfs_vars_expand(const char *text, char **ret, struct sfs_error **err);

/* True when sfs_vars_expand() would change text. */
bool sfs_vars_in(const char *text);

/* Append text so that sfs_vars_expand() gives it back. 0 or -ENOMEM. */
sfs_err sfs_vars_escape(const char *text, struct sfs_strbuf *out);

/*
 * An XDG base directory ("XDG_CONFIG_HOME", ...), from the environment or its default.  Returns 0 and a malloc()ed
 * string; -ENOENT: it is none of the four, or HOME is unset too; -ENOMEM.
 */
sfs_err sfs_vars_xdg(const char *name, char **ret);
