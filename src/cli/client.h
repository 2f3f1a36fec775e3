/* SPDX-License-Identifier: MIT */
/* Talking to running daemons over their control sockets (daemon/commands.h). */
#pragma once

#include <jansson.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

/* One running instance that answered. */
struct sfs_peer {
    char *dir;  /* the directory of its socket */
    char *file; /* the socket in there */
    uid_t uid;  /* whose directory it is */
    pid_t pid;  /* 0 when it lives in another pid namespace */
    json_t *status;
};

struct sfs_peers {
    struct sfs_peer *items;
    size_t count;
};

#define SFS_PEERS_INIT {NULL, 0}

/*
 * Find all instances of this user (for root: and of the users that have stablefs mounts here) and ask each for its
 * status.  Sockets of dead daemons are removed; what does not answer is warned about and left out.
 * Returns 0 or -ENOMEM.
 */
sfs_err sfs_peers_find(struct sfs_peers *ret);
void sfs_peers_release(struct sfs_peers *peers);
#define SFS_CLEANUP_PEERS __attribute__((cleanup(sfs_peers_release)))

/*
 * One request (a new reference is not taken over) and its answer.  Returns 0 and the answer, an object; -ENOENT or
 * -ECONNREFUSED: the daemon has gone; -ETIMEDOUT: it does not answer within 5 seconds; -EPROTO: not understood.
 */
sfs_err sfs_peer_ask(const struct sfs_peer *peer, json_t *request, json_t **ret);

/* The maps of a status, and the string of a member ("" when it is missing). */
json_t *sfs_peer_maps(const struct sfs_peer *peer);
const char *sfs_json_member(const json_t *object, const char *key);
