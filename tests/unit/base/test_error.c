/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/error.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stddef.h>

Test(error, set_and_read)
{
    struct sfs_error *err = NULL;
    cr_assert_eq(sfs_error_set(&err, SFS_STATUS_BUSY, "%s: busy (%d)", "/p", 7), -1);
    cr_assert_eq(sfs_error_status(err), SFS_STATUS_BUSY);
    cr_assert_str_eq(sfs_error_text(err), "/p: busy (7)");
    sfs_error_freep(&err);
    cr_assert_null(err);
    sfs_error_freep(&err);
}

Test(error, a_new_one_may_quote_the_old_one)
{
    struct sfs_error *err = NULL;
    (void)sfs_error_set(&err, SFS_STATUS_FAILED, "inner");
    (void)sfs_error_set(&err, SFS_STATUS_REFUSED, "outer: %s", sfs_error_text(err));
    cr_assert_eq(sfs_error_status(err), SFS_STATUS_REFUSED);
    cr_assert_str_eq(sfs_error_text(err), "outer: inner");
    sfs_error_free(err);
}

Test(error, nobody_has_to_listen)
{
    cr_assert_eq(sfs_error_set(NULL, SFS_STATUS_FAILED, "unheard"), -1);
    cr_assert_eq(sfs_error_status(NULL), SFS_STATUS_OK);
    cr_assert_str_eq(sfs_error_text(NULL), "no error");
    sfs_error_free(NULL);
}

Test(error, status_of_errno)
{
    static const struct {
        int errnum;
        enum sfs_status status;
    } cases[] = {
        {0, SFS_STATUS_OK},           {ENOENT, SFS_STATUS_NOT_FOUND},   {ENOTDIR, SFS_STATUS_NOT_FOUND},
        {EBUSY, SFS_STATUS_BUSY},     {ETXTBSY, SFS_STATUS_BUSY},       {EPERM, SFS_STATUS_REFUSED},
        {EACCES, SFS_STATUS_REFUSED}, {EOPNOTSUPP, SFS_STATUS_REFUSED}, {ENOSYS, SFS_STATUS_REFUSED},
        {ENODEV, SFS_STATUS_REFUSED}, {EINVAL, SFS_STATUS_USAGE},       {EIO, SFS_STATUS_FAILED},
        {ENOMEM, SFS_STATUS_FAILED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_assert_eq(sfs_status_of_errno(cases[i].errnum), cases[i].status, "errno %d", cases[i].errnum);
}
