/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "os/process.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "os/umount.h"

Test(process, run_collects_what_is_said)
{
    SFS_CLEANUP_STRBUF struct sfs_strbuf said = SFS_STRBUF_INIT;
    int status = -1;
    const char *const both[] = {"sh", "-c", "echo out; echo err >&2; exit 7", NULL};
    cr_assert_eq(sfs_process_run(both, &said, &status), 0);
    cr_assert_eq(status, 7);
    cr_assert_str_eq(said.data, "out\nerr\n");
    const char *const killed[] = {"sh", "-c", "kill -9 $$", NULL};
    cr_assert_eq(sfs_process_run(killed, &said, &status), 0);
    cr_assert_eq(status, 128 + SIGKILL);
    /* a PATH of its own: a directory in it that may not be entered would give EACCES */
    cr_assert_eq(setenv("PATH", "/usr/bin:/bin", 1), 0);
    const char *const missing[] = {"sfs-no-such-program", NULL};
    cr_assert_eq(sfs_process_run(missing, &said, &status), -ENOENT);
}

Test(process, run_is_bounded_and_in_english)
{
    SFS_CLEANUP_STRBUF struct sfs_strbuf said = SFS_STRBUF_INIT;
    int status = -1;
    const char *const much[] = {"sh", "-c", "i=0; while [ $i -lt 2000 ]; do echo 0123456789; i=$((i+1)); done", NULL};
    cr_assert_eq(sfs_process_run(much, &said, &status), 0);
    cr_assert_eq(status, 0);
    cr_assert_eq(said.length, 4096);
    sfs_strbuf_truncate(&said, 0);
    const char *const language[] = {"sh", "-c", "echo $LC_ALL", NULL};
    cr_assert_eq(sfs_process_run(language, &said, &status), 0);
    cr_assert_str_eq(said.data, "C\n");
}

Test(process, blocked_signals_are_not_inherited)
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    SFS_CLEANUP_STRBUF struct sfs_strbuf said = SFS_STRBUF_INIT;
    int status = -1;
    const char *const argv[] = {"sh", "-c", "kill -TERM $$; echo survived", NULL};
    cr_assert_eq(sfs_process_run(argv, &said, &status), 0);
    cr_assert_eq(status, 128 + SIGTERM);
}

Test(process, read_file_is_bounded)
{
    SFS_CLEANUP_STRBUF struct sfs_strbuf text = SFS_STRBUF_INIT;
    cr_assert_eq(sfs_process_read_file(AT_FDCWD, "/proc/self/comm", 100, &text), 0);
    cr_assert_gt(text.length, 1);
    cr_assert_eq(sfs_process_read_file(AT_FDCWD, "/dev/zero", 100000, &text), -EFBIG);
    cr_assert_eq(sfs_process_read_file(AT_FDCWD, "/nothing", 100, &text), -ENOENT);
}

Test(process, command_and_end)
{
    pid_t child = fork();
    if (child == 0) {
        (void)pause();
        _exit(0);
    }
    char command[SFS_PROCESS_COMMAND_SIZE];
    sfs_process_command(child, command);
    cr_assert_neq(command[0], '\0');
    cr_assert_neq(command[0], '?');
    cr_assert_eq(sfs_process_wait_gone(child, 50), -ETIMEDOUT);
    (void)kill(child, SIGKILL);
    cr_assert_eq(sfs_process_wait_gone(child, 10000), 0);
    (void)waitpid(child, NULL, 0);
    cr_assert_eq(sfs_process_wait_gone(child, 50), 0);
    sfs_process_command(child, command);
    cr_assert_str_eq(command, "?");
}

Test(umount, of_nothing)
{
    sfs_err r = sfs_umount_direct("/proc/self", false);
    cr_assert(r == -EINVAL || r == -EPERM, "%d", r);
    SFS_CLEANUP_STRBUF struct sfs_strbuf said = SFS_STRBUF_INIT;
    cr_assert_lt(sfs_umount_by_helper("/sfs-nothing-here", false, &said), 0);
}

Test(process, finds_programs)
{
    SFS_CLEANUP_FREE char *shell = sfs_process_find("sh");
    cr_assert_not_null(shell);
    cr_assert_eq(access(shell, X_OK), 0);
    cr_assert_null(sfs_process_find("stablefs-no-such-program"));
    (void)setenv("PATH", "/nowhere", 1);
    cr_assert_null(sfs_process_find("sh"));
}
