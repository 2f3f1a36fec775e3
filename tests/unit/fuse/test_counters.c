/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "fuse/counters.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>

Test(counters, every_kind_has_a_name_of_its_own)
{
    for (int op = 0; op < SFS_OP_COUNT; op++) {
        cr_assert_not_null(sfs_op_name((enum sfs_op)op), "%d", op);
        for (int other = 0; other < op; other++)
            cr_assert_neq(strcmp(sfs_op_name((enum sfs_op)op), sfs_op_name((enum sfs_op)other)), 0);
    }
}

static void *count(void *data)
{
    for (int i = 0; i < 10000; i++)
        sfs_count(data, (enum sfs_op)(i % SFS_OP_COUNT));
    return NULL;
}

Test(counters, of_several_threads)
{
    static struct sfs_counters counters;
    pthread_t threads[4];
    cr_assert_eq(sfs_counters_total(&counters), 0u);
    for (size_t i = 0; i < 4; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, count, &counters), 0);
    for (size_t i = 0; i < 4; i++)
        (void)pthread_join(threads[i], NULL);
    cr_assert_eq(sfs_counters_total(&counters), 40000u);
    cr_assert_eq(counters.requests[SFS_OP_LOOKUP], 4u * ((10000 + SFS_OP_COUNT - 1) / SFS_OP_COUNT));
}
