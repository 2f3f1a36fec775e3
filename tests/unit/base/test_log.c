/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/log.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int log_fd = -1;
static int stderr_fd = -1;

/* stderr of this test goes into a pipe. */
static void catch_log(void)
{
    int fds[2];
    cr_assert_eq(pipe(fds), 0);
    stderr_fd = dup(STDERR_FILENO);
    cr_assert_geq(dup2(fds[1], STDERR_FILENO), 0);
    close(fds[1]);
    log_fd = fds[0];
}

/* What was logged, in one piece. */
static void caught_is(const char *expected)
{
    char text[8192];
    size_t length = 0;
    dup2(stderr_fd, STDERR_FILENO);
    close(stderr_fd);
    for (ssize_t got; (got = read(log_fd, text + length, sizeof text - 1 - length)) > 0;)
        length += (size_t)got;
    close(log_fd);
    text[length] = '\0';
    cr_assert_str_eq(text, expected, "got <%s>", text);
}

Test(log, names_of_levels)
{
    cr_assert_str_eq(sfs_log_level_name(SFS_LOG_ERROR), "error");
    cr_assert_str_eq(sfs_log_level_name(SFS_LOG_TRACE), "trace");
    cr_assert_null(sfs_log_level_name((enum sfs_log_level)99));
}

Test(log, level_decides)
{
    cr_assert_eq(sfs_log_level(), SFS_LOG_INFO);
    catch_log();
    sfs_log_error("an error: %d", 1);
    sfs_log_info("told");
    sfs_log_debug("not told");
    sfs_log_set_level(SFS_LOG_ERROR);
    sfs_log_warn("not told");
    sfs_log_set_level(SFS_LOG_TRACE);
    sfs_log_trace("told too\n");
    caught_is("stablefs: an error: 1\nstablefs: told\nstablefs: told too\n");
}

Test(log, arguments_are_evaluated_only_when_needed)
{
    int evaluated = 0;
    sfs_log_set_level(SFS_LOG_INFO);
    sfs_log_debug("%d", ++evaluated);
    sfs_log_trace("%d", ++evaluated);
    cr_assert_eq(evaluated, 0);
}

Test(log, systemd_prefix)
{
    catch_log();
    sfs_log_set_syslog_prefix(true);
    sfs_log_error("one");
    sfs_log_warn("two");
    sfs_log_info("three");
    sfs_log_set_syslog_prefix(false);
    sfs_log_info("four");
    caught_is("<3>stablefs: one\n<4>stablefs: two\n<6>stablefs: three\nstablefs: four\n");
}

Test(log, a_long_line_is_cut_but_ends)
{
    static char line[6000], expected[4097];
    memset(line, 'x', sizeof line - 1);
    memset(expected, 'x', sizeof expected - 1);
    memcpy(expected, "stablefs: ", 10);
    catch_log();
    sfs_log_info("%s", line);
    sfs_log_info("next");
    /* 4096 bytes of buffer, one of them for vsnprintf's NUL */
    memcpy(expected + 4094, "\n", 2);
    char whole[sizeof expected + 32];
    snprintf(whole, sizeof whole, "%sstablefs: next\n", expected);
    caught_is(whole);
}

Test(log, a_message_is_one_line)
{
    catch_log();
    sfs_log_info("a\nb\033[31mc\td\x7f");
    caught_is("stablefs: a?b?[31mc?d?\n");
}

Test(log, errno_survives)
{
    catch_log();
    errno = EXDEV;
    sfs_log_info("x");
    cr_assert_eq(errno, EXDEV);
    caught_is("stablefs: x\n");
}
