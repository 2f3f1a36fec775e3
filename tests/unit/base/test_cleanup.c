/* SPDX-License-Identifier: MIT */
/* That memory is freed is for the leak checker to see (tests/run-test.sh). */
#include "config.h"

#include "base/cleanup.h"

#include <criterion/criterion.h>
#include <string.h>

static char *made(bool keep)
{
    SFS_CLEANUP_FREE char *text = strdup("text");
    SFS_CLEANUP_FREE char *nothing = NULL;
    (void)nothing;
    if (!keep)
        return NULL;
    return SFS_TAKE_PTR(text);
}

Test(cleanup, frees_unless_taken)
{
    cr_assert_null(made(false));
    char *kept = made(true);
    cr_assert_str_eq(kept, "text");
    free(kept);
}

Test(cleanup, take_leaves_nothing_behind)
{
    int fd = 7;
    cr_assert_eq(SFS_TAKE_FD(fd), 7);
    cr_assert_eq(fd, -1);
    char *pointer = strdup("x");
    char *taken = SFS_TAKE_PTR(pointer);
    cr_assert_null(pointer);
    free(taken);
}
