/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/log.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static _Atomic int log_level = SFS_LOG_INFO;
static _Atomic bool log_syslog_prefix;
static sfs_log_sink *_Atomic log_sink;

static const char *const level_names[] = {"error", "warn", "info", "debug", "trace"};
/* the priorities of syslog(3) that sd-daemon(3) reads from stderr */
static const char level_priorities[] = {'3', '4', '6', '7', '7'};

void sfs_log_set_level(enum sfs_log_level level)
{
    atomic_store_explicit(&log_level, (int)level, memory_order_relaxed);
}

enum sfs_log_level sfs_log_level(void)
{
    return (enum sfs_log_level)atomic_load_explicit(&log_level, memory_order_relaxed);
}

const char *sfs_log_level_name(enum sfs_log_level level)
{
    return (size_t)level < sizeof level_names / sizeof level_names[0] ? level_names[level] : NULL;
}

void sfs_log_set_syslog_prefix(bool on)
{
    atomic_store_explicit(&log_syslog_prefix, on, memory_order_relaxed);
}

void sfs_log_set_sink(sfs_log_sink *sink)
{
    atomic_store_explicit(&log_sink, sink, memory_order_release);
}

/* A message is one line, whatever the names in it are. */
static void keep_one_line(char *text)
{
    for (char *at = text; *at != '\0'; at++) {
        if (((unsigned char)*at < 0x20 && (*at != '\n' || at[1] != '\0')) || *at == 0x7f)
            *at = '?';
    }
}

void sfs_logv(enum sfs_log_level level, const char *format, va_list args)
{
    if (level > sfs_log_level())
        return;
    int errno_before = errno;
    char line[4096];
    size_t used = 0;
    sfs_log_sink *sink = atomic_load_explicit(&log_sink, memory_order_acquire);
    if (sink != NULL) {
        (void)vsnprintf(line, sizeof line, format, args);
        keep_one_line(line);
        sink(level, line);
        errno = errno_before;
        return;
    }
    if (atomic_load_explicit(&log_syslog_prefix, memory_order_relaxed)) {
        line[used++] = '<';
        line[used++] = level_priorities[level];
        line[used++] = '>';
    }
    static const char prefix[] = "stablefs: ";
    memcpy(line + used, prefix, sizeof prefix - 1);
    used += sizeof prefix - 1;
    int length = vsnprintf(line + used, sizeof line - used - 1, format, args);
    if (length > 0) {
        keep_one_line(line + used);
        size_t most = sizeof line - used - 2;
        used += (size_t)length < most ? (size_t)length : most;
    }
    if (line[used - 1] != '\n')
        line[used++] = '\n';
    /* nobody can be told that stderr is gone */
    ssize_t written = write(STDERR_FILENO, line, used);
    (void)written;
    errno = errno_before;
}

void sfs_log(enum sfs_log_level level, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    sfs_logv(level, format, args);
    va_end(args);
}
