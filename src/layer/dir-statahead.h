/* SPDX-License-Identifier: MIT */
/*
 * Statahead: while somebody walks through the directories of a layer, a thread goes the same way some directories
 * ahead and asks for the attributes of all entries, so that the source's filesystem has them in memory when the walk
 * comes there.  A walk through a cold tree would wait for the disk and then for the daemon at each step; so it waits
 * for both at the same time.  (The name is Lustre's, which does it for the entries of one directory.)
 *
 * Nothing that the thread sees is used or kept here: a layer with it gives the same answers as one without.
 *
 * It begins when directories are listed one after the other, each of them in one that was listed just before.  It
 * follows the order in which the source lists them, as find(1), rm(1) and most others do, and is never more than 64 of
 * them ahead; what is mounted on one of them it leaves alone.  It ends when the walk pauses.  When that is faster, or goes
 * another way, or when the source turns out to be in memory anyway, it rests for some hundred listings.
 */
#pragma once

#include <stdint.h>

#include "layer/node.h"

struct dir_statahead;

/*
 * The thread is made with the first walk, and has at most 24 directories open.  NULL without memory for it, or where
 * the limit of open files is low: then nothing is done ahead.
 */
struct dir_statahead *dir_statahead_new(void);
/*
 * Ends the thread; before the layer's table is released.  Waits for the system call that it is in, as long as that takes.
 * NULL is fine.
 */
void dir_statahead_free(struct dir_statahead *ahead);

/* Somebody begins to list dir, which he holds. NULL for ahead is fine. Takes the table's lock; does not wait. */
void dir_statahead_listed(struct dir_statahead *ahead, struct sfs_node *dir);

/* How many directories have been looked at. NULL is fine. */
uint64_t dir_statahead_count(const struct dir_statahead *ahead);
