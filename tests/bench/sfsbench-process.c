/* SPDX-License-Identifier: MIT */
/* Many processes at once: as a build or a test run starts them. */
#include "config.h"

#include "sfsbench.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

void bench_processes(const struct job *job, struct tally *tally)
{
    posix_spawn_file_actions_t actions;

    if (!job->command[0])
        errx(2, "this workload needs a COMMAND");
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);

    clock_starts(tally);
    for (size_t i = 0; i < job->count; i++) {
        pid_t pid;

        errno = posix_spawnp(&pid, job->command[0], &actions, NULL, job->command, environ);
        if (errno)
            err(1, "%s", job->command[0]);
    }
    for (size_t i = 0; i < job->count; i++) {
        int status;

        if (wait(&status) < 0)
            err(1, "wait");
        if (status != 0)
            errx(1, "%s: status %#x", job->command[0], (unsigned)status);
        tally->ops++;
    }
    clock_stops(tally);
    posix_spawn_file_actions_destroy(&actions);
}
