/* SPDX-License-Identifier: MIT */
/*
 * In whose name the daemon writes.  It matters in two cases, and costs several system calls in each:
 *
 *   the file has set-id bits.  Only root may write to it without taking them away; the kernel sees to that itself for
 *   most calls, but not for direct I/O, and not for every combination of bits.
 *
 *   the filesystem keeps blocks for root and is so full that they may be touched (ext4 does, for the filesystem uid 0).
 *
 * True with *ret to be released by sfs_caller_release(); false when the daemon may act as itself.
 */
#pragma once

#include "fuse/reply.h"

/* Who writes, allocates, or copies so many bytes into an open file. loses: see sfs_caller_matters(). */
bool sfs_writer_matters(fuse_req_t req, struct sfs_file *file, uint64_t size, bool loses, struct sfs_caller *ret);

/*
 * The same for what is written out of the page cache: nobody knows any more by whom, so it was who opened the handle,
 * or, where the kernel opens files alone (handle NULL), the owner of the file.  Set-id bits went when the mapping was
 * made, or stay as on any filesystem.
 */
bool sfs_late_writer_matters(struct sfs_session *session, struct sfs_file *file, const struct sfs_handle_ref *handle,
                             struct sfs_caller *ret);

/* The same for what the kernel will write for as long as the file stays open; device: the source's. */
bool sfs_lasting_writer_matters(struct sfs_session *session, const struct sfs_handle_ref *handle, dev_t device,
                                struct sfs_caller *ret);
