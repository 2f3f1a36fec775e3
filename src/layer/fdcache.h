/* SPDX-License-Identifier: MIT */
/*
 * A bounded cache of descriptors: O_PATH ones of directories, and readable ones of files that are read without being
 * opened.  One cache serves all layers of a process, because the limit (RLIMIT_NOFILE) is the process's.
 *
 * The lock is a leaf: nothing else is locked and no descriptor is closed while it is held.
 */
#pragma once

#include <stddef.h>

#include "base/error.h"
#include "layer/node.h"

struct sfs_fdcache;

/*
 * size: how many descriptors it may keep, at least 1.  limit: how many the process may have in all (RLIMIT_NOFILE).
 * 0 or -ENOMEM.
 */
sfs_err sfs_fdcache_new(size_t size, size_t limit, struct sfs_fdcache **ret);
/* NULL is fine. Closes everything; no reference may be out. */
void sfs_fdcache_free(struct sfs_fdcache *cache);

/* A descriptor on loan. */
struct sfs_fdref {
    int fd;
    int slot; /* in the cache; SFS_FDREF_OWNED: closed at release; SFS_FDREF_BORROWED: kept alive by the node */
};
enum { SFS_FDREF_OWNED = -1, SFS_FDREF_BORROWED = -2 };

/* The node's cached descriptor, on loan until sfs_fdcache_release(); false if it has none. */
bool sfs_fdcache_get(struct sfs_fdcache *cache, struct sfs_node *node, struct sfs_fdref *ret);

/*
 * Offer ref (an owned descriptor) to the cache as the node's.  Afterwards it is on loan from there, or still owned when
 * all places are in use or another thread was faster.
 */
void sfs_fdcache_put(struct sfs_fdcache *cache, struct sfs_node *node, struct sfs_fdref *ref);

/* The same in place of the one that the node has there, which is closed; unless that one is on loan. */
void sfs_fdcache_exchange(struct sfs_fdcache *cache, struct sfs_node *node, struct sfs_fdref *ref);

void sfs_fdcache_release(struct sfs_fdcache *cache, struct sfs_fdref *ref);

/* The node goes away: nobody has its descriptor on loan any more. */
void sfs_fdcache_drop(struct sfs_fdcache *cache, struct sfs_node *node);

/* Close all descriptors that are not on loan: a call failed with EMFILE. Returns how many. */
size_t sfs_fdcache_shrink(struct sfs_fdcache *cache);

/*
 * Account for a descriptor that a client makes us keep: an open file or directory, a removed file that is still in
 * use, an owner of locks.  A share of the limit is never given out, so that names can be
 * looked up and listed while clients hold all the files they can get; the cache gives way first.
 * 0, or -ENFILE.  To be taken back by sfs_fdcache_unclaim().
 */
sfs_err sfs_fdcache_claim(struct sfs_fdcache *cache);
void sfs_fdcache_unclaim(struct sfs_fdcache *cache);

/* How many descriptors it may keep. */
size_t sfs_fdcache_size(const struct sfs_fdcache *cache);
/* Descriptors held now. */
size_t sfs_fdcache_count(struct sfs_fdcache *cache);
