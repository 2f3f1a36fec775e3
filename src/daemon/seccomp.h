/* SPDX-License-Identifier: MIT */
/* Forbidding system calls that a filesystem server never makes (seccomp(2)). */
#pragma once

#include <stdbool.h>

/*
 * Confine all threads of the process, those that exist and those to come: no_new_privs, and EPERM for running programs,
 * tracing, mounting, namespaces, modules, network sockets and the like.  A kernel or container that does not permit it
 * leaves the process as it was, with a warning.  rings: io_uring_enter(2) stays, for rings that are set up by now; what
 * is submitted to those passes no filter.  Does nothing when built without libseccomp or with a sanitizer (whose leak
 * checker traces).
 */
void sfs_seccomp_confine(bool rings);
