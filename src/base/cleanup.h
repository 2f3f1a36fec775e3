/* SPDX-License-Identifier: MIT */
/*
 * Scope-bound release: the attribute, and heap memory (descriptors and directory streams: os/fd.h).
 *
 * Rules (HACKING.md, "Memory"): never for locks; never mixed with goto in one function.  A value that leaves
 * the scope alive is handed over with SFS_TAKE_PTR().
 */
#pragma once

#include <stdlib.h>

#define SFS_CLEANUP(function) __attribute__((cleanup(function)))

static inline void sfs_free_pointer(void *pointer)
{
    free(*(void **)pointer);
}

/* A heap pointer (any type) that is freed when its scope ends. */
#define SFS_CLEANUP_FREE SFS_CLEANUP(sfs_free_pointer)

/* Give a pointer away: yields its value and leaves NULL behind, so that the cleanup frees nothing. */
#define SFS_TAKE_PTR(pointer)                                                                                          \
    ({                                                                                                                 \
        __typeof__(pointer) sfs_taken_ = (pointer);                                                                    \
        (pointer) = NULL;                                                                                              \
        sfs_taken_;                                                                                                    \
    })

/* Give a descriptor away: yields its value and leaves -1 behind. */
#define SFS_TAKE_FD(fd)                                                                                                \
    ({                                                                                                                 \
        int sfs_taken_ = (fd);                                                                                         \
        (fd) = -1;                                                                                                     \
        sfs_taken_;                                                                                                    \
    })
