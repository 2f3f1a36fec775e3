/* SPDX-License-Identifier: MIT */
/*
 * Two kinds of failure.
 *
 * Code that answers the kernel returns sfs_err: 0 or more is success, less is -errno.  errno itself never crosses
 * a function boundary.  Code whose result a person reads (start-up, config, control) also takes a
 * struct sfs_error **: it is left untouched on success and set on failure, and the function returns -1.
 */
#pragma once

#include <stdarg.h>

/* >= 0, or -errno */
typedef int sfs_err;

/* The exit statuses of stablefs(1), section EXIT STATUS. */
enum sfs_status {
    SFS_STATUS_OK = 0,
    SFS_STATUS_FAILED = 1,    /* the reason is on stderr */
    SFS_STATUS_USAGE = 2,     /* wrong command line or config */
    SFS_STATUS_NOT_FOUND = 3, /* not found, or not mounted */
    SFS_STATUS_BUSY = 4,
    SFS_STATUS_REFUSED = 5,   /* no permission, or the kernel lacks it */
};

/* A failure for a person: an exit status and one line "WHAT: WHY (HOW TO MEND)" without "stablefs: ". */
struct sfs_error;

/*
 * Set *err to a new error, freeing what was there.  err may be NULL.  When memory is short a static "out of memory"
 * error takes its place, so *err is never NULL afterwards.  Returns -1, for "return sfs_error_set(...)".
 */
int sfs_error_set(struct sfs_error **err, enum sfs_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int sfs_error_setv(struct sfs_error **err, enum sfs_status status, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

/* The status that fits an errno value (positive): EBUSY -> BUSY, ENOENT -> NOT_FOUND, EPERM, EACCES -> REFUSED ... */
enum sfs_status sfs_status_of_errno(int errnum);

enum sfs_status sfs_error_status(const struct sfs_error *err);
const char *sfs_error_text(const struct sfs_error *err);

/* NULL is fine. */
void sfs_error_free(struct sfs_error *err);
void sfs_error_freep(struct sfs_error **err);
#define SFS_CLEANUP_ERROR __attribute__((cleanup(sfs_error_freep)))
