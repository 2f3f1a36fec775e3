/* SPDX-License-Identifier: MIT */
/* Hashing of small fixed keys. Not for strings from outside, not cryptographic. */
#pragma once

#include <stdint.h>

/* The finalizer of splitmix64: every input bit changes every output bit with probability one half. */
static inline uint64_t sfs_hash_mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* Two numbers under a secret seed. */
static inline uint64_t sfs_hash_pair(uint64_t a, uint64_t b, uint64_t seed)
{
    return sfs_hash_mix(sfs_hash_mix(a + seed) ^ (b * UINT64_C(0x9e3779b97f4a7c15)));
}
