/* SPDX-License-Identifier: MIT */
/*
 * Messages of the program itself.  One line per message, written with one write(2), prefixed "stablefs: ".  Library
 * code (everything below src/daemon and src/cli) logs at debug only, except for the once-per-cause warnings of
 * src/fuse.  Safe from any thread; never called with a lock held that another thread needs to make progress.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>

enum sfs_log_level {
    SFS_LOG_ERROR, /* something failed for good */
    SFS_LOG_WARN,  /* works, but a person should know */
    SFS_LOG_INFO,  /* what a person sees without -v or -q; the default */
    SFS_LOG_DEBUG, /* -v: what happens, once per event */
    SFS_LOG_TRACE, /* -vv: every request */
};

void sfs_log_set_level(enum sfs_log_level level);
enum sfs_log_level sfs_log_level(void);
/* "error", "warn", "info", "debug", "trace"; NULL when out of range. */
const char *sfs_log_level_name(enum sfs_log_level level);
/* Start each line with a systemd level tag such as "<3>" (sd-daemon(3)): for a daemon under systemd. */
void sfs_log_set_syslog_prefix(bool on);

/*
 * Give the messages to sink instead of stderr (NULL: back to stderr): text is one line without "stablefs: " and
 * newline.  Set before there are threads that log, or when a message more or less on the old way does not matter.
 */
typedef void sfs_log_sink(enum sfs_log_level level, const char *text);
void sfs_log_set_sink(sfs_log_sink *sink);

void sfs_log(enum sfs_log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
void sfs_logv(enum sfs_log_level level, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

#define sfs_log_error(...) sfs_log(SFS_LOG_ERROR, __VA_ARGS__)
#define sfs_log_warn(...) sfs_log(SFS_LOG_WARN, __VA_ARGS__)
#define sfs_log_info(...) sfs_log(SFS_LOG_INFO, __VA_ARGS__)
/* The arguments are evaluated only when the level is on. */
#define sfs_log_debug(...)                                                                                             \
    do {                                                                                                               \
        if (sfs_log_level() >= SFS_LOG_DEBUG)                                                                          \
            sfs_log(SFS_LOG_DEBUG, __VA_ARGS__);                                                                       \
    } while (0)
#define sfs_log_trace(...)                                                                                             \
    do {                                                                                                               \
        if (sfs_log_level() >= SFS_LOG_TRACE)                                                                          \
            sfs_log(SFS_LOG_TRACE, __VA_ARGS__);                                                                       \
    } while (0)
