/* SPDX-License-Identifier: MIT */
/* Clocks as one number (clock_gettime(2), which does not fail for the clocks of this program). */
#pragma once

#include <stdint.h>
#include <time.h>

static inline int64_t sfs_clock_ns(clockid_t clock)
{
    struct timespec now;
    (void)clock_gettime(clock, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static inline int64_t sfs_clock_ms(clockid_t clock)
{
    return sfs_clock_ns(clock) / 1000000;
}
