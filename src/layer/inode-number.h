/* SPDX-License-Identifier: MIT */
/*
 * One space of inode numbers over several filesystems.
 *
 * Programs identify a file by (st_dev, st_ino), and a map has one st_dev, so numbers of different filesystems below
 * one source must not collide (glibc's dlopen would take one library for another).  They must also stay what they are
 * while mounted, also after the kernel has forgotten the file.
 *
 *   first filesystem, number without a prefix (upper 16 bits 0):  as it is
 *   further filesystem k, number without a prefix:                prefix(k) in the upper 16 bits, the lower
 *                                                               32 changed by it
 *   first filesystem, upper bits that no prefix(k) uses:          as it is
 *   anything else:                                                a number from a table, under a prefix of its own
 *
 * The table has room for 262144 numbers (some 25 MB), which only filesystems need that use all 64 bits, as those do
 * that hash names.  After that the number is a digest of 48 bits: among a million such files two have the same one with
 * a probability of one in 500.
 *
 * Prefixes are given out when a filesystem is first met, and never ones that were already seen in a number of the
 * first filesystem.
 */
#pragma once

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct sfs_inode_numbers;

/* Numbers from here up are never shown by sfs_inode_number(): for directories that exist in no source. */
#define SFS_INODE_NUMBER_SYNTHETIC (UINT64_C(0xffff8) << 44 | UINT64_C(0xfee15000))

/* 0 or -ENOMEM. */
sfs_err sfs_inode_numbers_new(struct sfs_inode_numbers **ret);
void sfs_inode_numbers_free(struct sfs_inode_numbers *numbers);

/* The index of a filesystem, by st_dev: 0 for the first one asked for. -ENFILE after 32000 of them, -ENOMEM. */
sfs_err sfs_inode_numbers_device(struct sfs_inode_numbers *numbers, dev_t dev);

/* The number to show; when the table cannot grow for lack of memory, -ENOMEM and nothing shown. */
sfs_err sfs_inode_number(struct sfs_inode_numbers *numbers, unsigned device, uint64_t ino, ino_t *ret);
