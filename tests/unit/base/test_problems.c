/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/problems.h"

#include <criterion/criterion.h>

Test(problems, keeps_order_and_counts_errors)
{
    struct sfs_problems list = SFS_PROBLEMS_INIT;
    sfs_problems_error(&list, "first %d", 1);
    sfs_problems_warning(&list, "second %s", "two");
    sfs_problems_error(&list, "third");
    cr_assert_eq(list.count, 3);
    cr_assert_eq(list.errors, 2);
    cr_assert_not(list.lost);
    cr_assert_str_eq(list.items[0].text, "first 1");
    cr_assert_not(list.items[0].warning);
    cr_assert_str_eq(list.items[1].text, "second two");
    cr_assert(list.items[1].warning);
    cr_assert_str_eq(list.items[2].text, "third");
    sfs_problems_release(&list);
    cr_assert_eq(list.count, 0);
    cr_assert_eq(list.errors, 0);
    cr_assert_null(list.items);
    sfs_problems_release(&list);
}
