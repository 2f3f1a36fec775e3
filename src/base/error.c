/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/error.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct sfs_error {
    enum sfs_status status;
    char *text;
};

/* What a caller gets when there is no memory for the real message; never freed. */
static struct sfs_error error_no_memory = {SFS_STATUS_FAILED, (char *)"out of memory (free some and try again)"};

int sfs_error_setv(struct sfs_error **err, enum sfs_status status, const char *format, va_list args)
{
    if (err == NULL)
        return -1;
    struct sfs_error *made = malloc(sizeof *made);
    if (made != NULL && vasprintf(&made->text, format, args) < 0) {
        free(made);
        made = NULL;
    }
    /* only now: the arguments may point into the old text */
    sfs_error_free(*err);
    if (made == NULL) {
        *err = &error_no_memory;
        return -1;
    }
    made->status = status;
    *err = made;
    return -1;
}

int sfs_error_set(struct sfs_error **err, enum sfs_status status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)sfs_error_setv(err, status, format, args);
    va_end(args);
    return -1;
}

enum sfs_status sfs_status_of_errno(int errnum)
{
    switch (errnum) {
    case 0:
        return SFS_STATUS_OK;
    case ENOENT:
    case ENOTDIR:
        return SFS_STATUS_NOT_FOUND;
    case EBUSY:
    case ETXTBSY:
        return SFS_STATUS_BUSY;
    case EPERM:
    case EACCES:
    case ENOSYS:
    case ENODEV:
    case EOPNOTSUPP:
        return SFS_STATUS_REFUSED;
    case EINVAL:
        return SFS_STATUS_USAGE;
    default:
        return SFS_STATUS_FAILED;
    }
}

enum sfs_status sfs_error_status(const struct sfs_error *err)
{
    return err != NULL ? err->status : SFS_STATUS_OK;
}

const char *sfs_error_text(const struct sfs_error *err)
{
    return err != NULL ? err->text : "no error";
}

void sfs_error_free(struct sfs_error *err)
{
    if (err == NULL || err == &error_no_memory)
        return;
    free(err->text);
    free(err);
}

void sfs_error_freep(struct sfs_error **err)
{
    sfs_error_free(*err);
    *err = NULL;
}
