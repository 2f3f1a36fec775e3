/* SPDX-License-Identifier: MIT */
/*
 * The directories that were made for stable paths, and their removal when nobody needs them any more.
 *
 * Removing a directory takes away whatever is mounted on it in other mount namespaces (rmdir(2) does not see those, and
 * detaches them: fs/namei.c, vfs_rmdir()).  So every instance holds a shared flock(2) on each directory that it mounts
 * on, and a directory is removed only under an exclusive one.  The user.stablefs.made attribute tells other instances
 * that a directory was made, so that the last of them removes it; where there are no such attributes the one that made
 * it tries, and it may stay.
 *
 * All functions are for the daemon's main thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

struct sfs_made_dirs {
    /* In the order of making: each after its parent. */
    struct sfs_made_dir {
        char *path;
        dev_t device; /* so that another directory of that name is never removed */
        ino_t inode;
    } *items;
    size_t count;
    /* What is mounted on, made or not. */
    struct sfs_held_dir {
        char *path;
        int fd; /* with a shared lock */
    } *held;
    size_t held_count;
};

#define SFS_MADE_DIRS_INIT {NULL, 0, NULL, 0}

/* Note that the directory behind dfd (which may be O_PATH) is ours to remove, and mark it. 0, -ENOMEM or -errno. */
sfs_err sfs_made_dirs_note(struct sfs_made_dirs *made, const char *path, int dfd);

/* Whether an instance of stablefs made the directory behind dfd. */
bool sfs_made_dirs_marked(int dfd);
/* Whether one may have made it: where it could not be marked, that cannot be told. */
bool sfs_made_dirs_may_be(int dfd);

/*
 * Keep the directory behind dfd from being removed by other instances, until sfs_made_dirs_remove() finds it unused.
 * Returns 0, also where it cannot be locked; -ESTALE when it has been removed already; -ENOMEM.
 */
sfs_err sfs_made_dirs_hold(struct sfs_made_dirs *made, const char *path, int dfd);

/*
 * Remove those of the made directories that are empty and not in use, the last made first; the others stay in the list
 * for the next time.
 */
void sfs_made_dirs_remove(struct sfs_made_dirs *made);
void sfs_made_dirs_release(struct sfs_made_dirs *made);
