/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/background.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "base/log.h"
#include "base/strbuf.h"
#include "os/fd.h"
#include "os/process.h"

/* A report is the status as one byte, and the text. */

static enum sfs_status wait_for_report(int report, pid_t pid, struct sfs_error **err)
{
    SFS_CLEANUP_STRBUF struct sfs_strbuf text = SFS_STRBUF_INIT;
    enum sfs_status reported = SFS_STATUS_OK;
    bool has_reported = false;
    for (;;) {
        char piece[512];
        ssize_t got = read(report, piece, sizeof piece);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        ssize_t skip = has_reported ? 0 : 1;
        if (!has_reported)
            reported = (enum sfs_status)piece[0];
        has_reported = true;
        /* without memory the reason is cut short: the status is what counts */
        (void)sfs_strbuf_add(&text, piece + skip, (size_t)(got - skip));
    }
    if (has_reported) {
        if (reported != SFS_STATUS_OK) {
            (void)sfs_error_set(err, reported, "%s", text.data);
            while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                continue;
        }
        return reported;
    }
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (WIFSIGNALED(status))
        (void)sfs_error_set(err, SFS_STATUS_FAILED, "the daemon was killed by signal %d while it started (try -f -v)",
                            WTERMSIG(status));
    else
        (void)sfs_error_set(err, SFS_STATUS_FAILED, "the daemon ended while it started (try -f -v)");
    return SFS_STATUS_FAILED;
}

static int become_daemon(int report, struct sfs_error **err)
{
    (void)setsid();
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0) /* keeping the caller's standard output would make whoever reads that wait for us */
        return sfs_error_set(err, SFS_STATUS_FAILED, "/dev/null: %m (make it accessible)");
    (void)dup2(null, STDIN_FILENO);
    (void)dup2(null, STDOUT_FILENO);
    if (null > STDERR_FILENO)
        sfs_close(null);
    /* whoever waits for the end of a pipe that we inherited would wait as long as we live */
    sfs_process_close_all_but(&report, 1);
    return 0;
}

int sfs_background_fork(int *ret_report, enum sfs_status *ret_status, struct sfs_error **err)
{
    /* the report must not become one of the standard descriptors when those are closed */
    int ends[2];
    while (true) {
        if (pipe2(ends, O_CLOEXEC) < 0)
            return sfs_error_set(err, SFS_STATUS_FAILED, "cannot start the daemon: %m (end some programs)");
        if (ends[0] > STDERR_FILENO && ends[1] > STDERR_FILENO)
            break;
        sfs_close(ends[0]);
        sfs_close(ends[1]);
        if (open("/dev/null", O_RDWR) < 0) /* stays open: one of the three */
            return sfs_error_set(err, SFS_STATUS_FAILED, "/dev/null: %m (make it accessible)");
    }
    (void)fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        SFS_CLEANUP_ERROR struct sfs_error *own = NULL;
        if (become_daemon(ends[1], &own) < 0) {
            (void)sfs_background_report(ends[1], own);
            _exit(SFS_STATUS_FAILED);
        }
        *ret_report = ends[1];
        return 0;
    }
    sfs_close(ends[1]);
    if (pid < 0)
        (void)sfs_error_set(err, SFS_STATUS_FAILED, "cannot start the daemon: %m (end some programs)");
    else
        *ret_status = wait_for_report(ends[0], pid, err);
    sfs_close(ends[0]);
    return pid < 0 ? -1 : 1;
}

sfs_err sfs_background_report(int report, const struct sfs_error *err)
{
    char status = (char)sfs_error_status(err);
    const char *text = err != NULL ? sfs_error_text(err) : "";
    sfs_err r = sfs_fd_write_all(report, &status, 1);
    if (r == 0)
        r = sfs_fd_write_all(report, text, strlen(text));
    sfs_close(report);
    return r;
}

/* systemd sets JOURNAL_STREAM to "DEVICE:INODE" of the stderr that it made (systemd.exec(5)). */
static bool stderr_is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    struct stat stat;
    if (stream == NULL || fstat(STDERR_FILENO, &stat) < 0)
        return false;
    char own[64];
    (void)snprintf(own, sizeof own, "%llu:%llu", (unsigned long long)stat.st_dev, (unsigned long long)stat.st_ino);
    return strcmp(stream, own) == 0;
}

void sfs_background_tag_journal(void)
{
    if (stderr_is_journal())
        sfs_log_set_syslog_prefix(true);
}

static void log_to_syslog(enum sfs_log_level level, const char *text)
{
    static const int priorities[] = {LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG, LOG_DEBUG};
    syslog(priorities[level], "%s", text);
}

void sfs_background_leave_stderr(void)
{
    if (stderr_is_journal()) {
        sfs_log_set_syslog_prefix(true);
        return;
    }
    /* connected now, before the process confines itself further */
    openlog("stablefs", LOG_PID | LOG_NDELAY, LOG_DAEMON);
    sfs_log_set_sink(log_to_syslog);
    SFS_CLEANUP_FD int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    (void)dup2(null >= 0 ? null : STDIN_FILENO, STDERR_FILENO); /* which was made /dev/null before */
}
