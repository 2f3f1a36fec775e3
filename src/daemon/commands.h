/* SPDX-License-Identifier: MIT */
/*
 * What the control socket can be asked: one JSON object per line each way.
 *
 *   {"command":"status"}               -> the instance with all its maps
 *   {"command":"resolve","path":P}     -> {"from":P,"to":P2,"map":NAME,"layer":…,"to_stable":BOOL}
 *   {"command":"look"}                 -> looks at the mount table at once; {"maps":[{"path","state"}]} still served
 *
 * Anything wrong is answered by {"error":TEXT,"status":EXIT-STATUS}.  Paths as in daemon/json.h.
 */
#pragma once

#include <stddef.h>

#include "daemon/instance.h"

/* The answer to a request of length bytes, malloc()ed, with its newline; NULL when out of memory. */
char *sfs_commands_answer(struct sfs_instance *instance, const char *request, size_t length);
