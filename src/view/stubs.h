/* SPDX-License-Identifier: MIT */
/*
 * The ways to mount points inside a map: the stable paths of other maps that lie in it, and the directories that lead
 * there.  A directory on such a way is shown as the source's own where the source has it when the map is made, else as
 * a synthetic one (mode 0555, owned by the daemon, empty but for the way).
 *
 * That is settled once, before anything is mounted, and then holds whatever happens to the source: the kernel takes a
 * mount away silently when a name on the way to it gets another file (d_invalidate() in fs/dcache.c).
 *
 * Synthetic directories are a small layer of their own, in which nothing can be made or changed.  Read-only after
 * sfs_stubs_settle().
 */
#pragma once

#include <stdbool.h>

#include "layer/layer.h"

struct sfs_stubs;
struct sfs_stub;

sfs_err sfs_stubs_new(struct sfs_stubs **ret);
/* NULL is fine. Before the layer it was settled with. */
void sfs_stubs_free(struct sfs_stubs *stubs);

/*
 * Add a mount point at a clean relative path. hides: what the source has there must never be touched, because it is a
 * mount of this very view (a stable path inside a source).  0 or -ENOMEM.
 */
sfs_err sfs_stubs_add(struct sfs_stubs *stubs, const char *path, bool hides);

/*
 * Decide for every directory on a way whether it is the source's or synthetic.  0; -ENOTDIR with *ret_path (malloc()ed,
 * relative) when something else is in the way; other -errno.
 */
sfs_err sfs_stubs_settle(struct sfs_stubs *stubs, struct sfs_layer *layer, char **ret_path);

/* The place of a directory on the ways, or NULL for nearly all. */
const struct sfs_stub *sfs_stubs_place(const struct sfs_stubs *stubs, const struct sfs_node *dir);
/* The next place on a way, by name; NULL where none leads. */
const struct sfs_stub *sfs_stub_child(const struct sfs_stub *stub, const char *name);
/* The index-th, NULL behind the last. */
const struct sfs_stub *sfs_stub_child_at(const struct sfs_stub *stub, size_t index);
const char *sfs_stub_name(const struct sfs_stub *stub);
/* What is shown there: a node of the map's layer or a synthetic one. */
struct sfs_node *sfs_stub_node(const struct sfs_stub *stub);
