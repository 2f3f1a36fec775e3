/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/strbuf.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

Test(strbuf, starts_empty)
{
    struct sfs_strbuf buf = SFS_STRBUF_INIT;
    cr_assert_str_eq(buf.data, "");
    cr_assert_eq(buf.length, 0);
    sfs_strbuf_release(&buf);
    sfs_strbuf_release(&buf);
    cr_assert_str_eq(buf.data, "");
}

Test(strbuf, adds_and_stays_terminated)
{
    struct sfs_strbuf buf = SFS_STRBUF_INIT;
    cr_assert_eq(sfs_strbuf_add_string(&buf, "one"), 0);
    cr_assert_eq(sfs_strbuf_add_char(&buf, ' '), 0);
    cr_assert_eq(sfs_strbuf_addf(&buf, "%d-%s", 2, "three"), 0);
    cr_assert_eq(sfs_strbuf_add(&buf, "!?", 1), 0);
    cr_assert_eq(sfs_strbuf_add(&buf, NULL, 0), 0);
    cr_assert_str_eq(buf.data, "one 2-three!");
    cr_assert_eq(buf.length, strlen("one 2-three!"));
    cr_assert_lt(buf.length, buf.room);
    sfs_strbuf_release(&buf);
}

Test(strbuf, keeps_bytes_of_any_value)
{
    struct sfs_strbuf buf = SFS_STRBUF_INIT;
    cr_assert_eq(sfs_strbuf_add(&buf, "a\0b", 3), 0);
    cr_assert_eq(buf.length, 3);
    cr_assert_eq(memcmp(buf.data, "a\0b", 4), 0);
    sfs_strbuf_release(&buf);
}

Test(strbuf, grows_over_many_additions)
{
    struct sfs_strbuf buf = SFS_STRBUF_INIT;
    for (size_t i = 0; i < 10000; i++)
        cr_assert_eq(sfs_strbuf_add_char(&buf, (char)('a' + i % 26)), 0);
    cr_assert_eq(buf.length, 10000);
    cr_assert_eq(strlen(buf.data), 10000);
    for (size_t i = 0; i < 10000; i++)
        cr_assert_eq(buf.data[i], (char)('a' + i % 26));
    sfs_strbuf_release(&buf);
}

Test(strbuf, refuses_sizes_that_overflow)
{
    struct sfs_strbuf buf = SFS_STRBUF_INIT;
    cr_assert_eq(sfs_strbuf_add_string(&buf, "kept"), 0);
    cr_assert_eq(sfs_strbuf_reserve(&buf, SIZE_MAX), -ENOMEM);
    cr_assert_eq(sfs_strbuf_reserve(&buf, SIZE_MAX / 2), -ENOMEM);
    cr_assert_str_eq(buf.data, "kept");
    sfs_strbuf_release(&buf);
}

Test(strbuf, truncates)
{
    struct sfs_strbuf buf = SFS_STRBUF_INIT;
    sfs_strbuf_truncate(&buf, 0);
    cr_assert_eq(sfs_strbuf_add_string(&buf, "abcdef"), 0);
    sfs_strbuf_truncate(&buf, 10);
    cr_assert_str_eq(buf.data, "abcdef");
    sfs_strbuf_truncate(&buf, 2);
    cr_assert_str_eq(buf.data, "ab");
    cr_assert_eq(buf.length, 2);
    sfs_strbuf_release(&buf);
}

Test(strbuf, hands_over_and_is_usable_again)
{
    struct sfs_strbuf buf = SFS_STRBUF_INIT;
    char *empty = sfs_strbuf_take(&buf);
    cr_assert_str_eq(empty, "");
    free(empty);
    cr_assert_eq(sfs_strbuf_add_string(&buf, "first"), 0);
    char *first = sfs_strbuf_take(&buf);
    cr_assert_str_eq(buf.data, "");
    cr_assert_eq(sfs_strbuf_add_string(&buf, "second"), 0);
    cr_assert_str_eq(first, "first");
    cr_assert_str_eq(buf.data, "second");
    free(first);
    sfs_strbuf_release(&buf);
}
