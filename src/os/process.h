/* SPDX-License-Identifier: MIT */
/* Other processes and this one: running a helper program, waiting, limits, /proc files. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/strbuf.h"

/* The kernel's TASK_COMM_LEN, with the NUL. */
#define SFS_PROCESS_COMMAND_SIZE 16

/*
 * Append a file of /proc (or another small file), relative to dirfd, to out. Such files have no size, so it is read
 * to its end; more than most bytes is -EFBIG.
 */
sfs_err sfs_process_read_file(int dirfd, const char *path, size_t most, struct sfs_strbuf *out);

/*
 * Run argv (argv[0] is looked up in PATH) with stdin from /dev/null, an empty signal mask and messages in English, and
 * wait for it.  The first 4 KiB of what it says on stdout and stderr are appended to said.
 * Returns 0 and the exit status (128+N when signal N killed it), -ENOENT when there is no such program, or -errno.
 */
sfs_err sfs_process_run(const char *const argv[], struct sfs_strbuf *said, int *ret_status);

/* Where execvp(3) would find program: a malloc()ed path, or NULL. */
char *sfs_process_find(const char *program);

/* The command name of a process as in /proc/PID/comm; "?" when it has gone or may not be seen. */
void sfs_process_command(pid_t pid, char ret[SFS_PROCESS_COMMAND_SIZE]);

/* Wait until a process has gone. 0, or -ETIMEDOUT after timeout milliseconds. */
sfs_err sfs_process_wait_gone(pid_t pid, int timeout);

/* Close every descriptor from 3 on but those count ones, which are sorted by this; -1 among them is nothing. */
void sfs_process_close_all_but(int keep[], size_t count);

/* Enter the mount namespace of a process ("1234") or a namespace file (as mount -N does). */
sfs_err sfs_process_enter_mount_namespace(const char *target);
