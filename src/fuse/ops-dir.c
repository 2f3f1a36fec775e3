/* SPDX-License-Identifier: MIT */
/* Reading directories. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/path.h"
#include "fuse/ops-internal.h"
#include "fuse/open-state.h"
#include "fuse/relist.h"
#include "fuse/reply.h"

/* The largest answer that is prepared; the kernel asks for one page, or as much as its reader has room for. */
enum { LISTING_MOST = 128 * 1024 };

struct listing {
    fuse_req_t req;
    struct sfs_session *session;
    struct sfs_node *dir;
    char *data;
    size_t room, used;
    struct sfs_node **nodes; /* with attributes: those that were given a reference for the kernel */
    size_t node_count;
};

void sfs_op_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
    struct sfs_session *session = sfs_request(req, SFS_OP_OPENDIR);
    struct sfs_node *node = node_of(session, ino);
    struct sfs_file *file;
    struct sfs_stat at;
    sfs_err r = sfs_node_ops(node)->opendir(node, &file, &at);
    if (r >= 0)
        r = sfs_handle_open_dir(session, node, file, fi);
    if (r < 0)
        sfs_reply(req, r);
    else
        sfs_reply_open(req, fi);
}

void sfs_op_opendir_by_kernel(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
    (void)ino, (void)fi;
    (void)sfs_request(req, SFS_OP_OPENDIR);
    sfs_reply_unsupported(req);
}

static bool add_plain(void *arg, const char *name, ino_t ino, unsigned char type, off_t next)
{
    struct listing *listing = arg;
    struct stat st = {.st_ino = ino, .st_mode = (mode_t)type << 12}; /* DT_* are the S_IFMT bits (readdir(3)) */
    size_t size = fuse_add_direntry(listing->req, listing->data + listing->used, listing->room - listing->used, name,
                                    &st, next);
    if (size > listing->room - listing->used)
        return false;
    listing->used += size;
    return true;
}

/* Those are listed without being looked up (see layer/node.h). */
static bool may_be_elsewhere(const struct sfs_node *node)
{
    return S_ISDIR(node->type) && atomic_load_explicit(&node->moved, memory_order_relaxed);
}

static bool add_plus(void *arg, const char *name, ino_t ino, unsigned char type, off_t next)
{
    struct listing *listing = arg;
    struct sfs_node *node = NULL;
    /* an entry without a node number is listed, but not looked up: for the dots, which count no reference */
    struct fuse_entry_param entry = {.attr = {.st_ino = ino, .st_mode = (mode_t)type << 12}};
    size_t left = listing->room - listing->used;
    size_t size = fuse_add_direntry_plus(listing->req, NULL, 0, name, &entry, next);
    if (size > left)
        return false;
    sfs_moment moment = sfs_moment_now(listing->session);
    struct sfs_stat at;
    if (!sfs_path_is_dot(name)) {
        sfs_err r = sfs_map_lookup(listing->session->map, listing->dir, name, &node, &at);
        if (r == -ENOENT)
            return true; /* gone since it was listed */
        if (r >= 0 && may_be_elsewhere(node)) {
            sfs_node_ops(node)->forget(node, 1);
        } else if (r >= 0) {
            sfs_fill_entry(listing->session, node, &at, moment, &entry);
            listing->nodes[listing->node_count++] = node;
        }
        /* other errors: list it all the same, whoever needs its attributes will be told */
    }
    listing->used += fuse_add_direntry_plus(listing->req, listing->data + listing->used, left, name, &entry, next);
    return true;
}

/* The kernel did not see the listing: it holds none of the references that were made for it. */
static void take_back(struct listing *listing)
{
    for (size_t i = 0; i < listing->node_count; i++)
        sfs_node_ops(listing->nodes[i])->forget(listing->nodes[i], 1);
}

static void list(fuse_req_t req, struct sfs_session *session, fuse_ino_t ino, size_t size, off_t offset,
                 struct fuse_file_info *fi, bool plus)
{
    struct listing listing = {.req = req, .session = session, .dir = node_of(session, ino)};
    listing.room = size < LISTING_MOST ? size : LISTING_MOST;
    listing.data = malloc(listing.room);
    if (plus)
        listing.nodes = calloc(listing.room / fuse_add_direntry_plus(req, NULL, 0, "", NULL, 0) + 1,
                               sizeof(struct sfs_node *));
    if (listing.data == NULL || (plus && listing.nodes == NULL)) {
        free(listing.data);
        free(listing.nodes);
        sfs_reply(req, -ENOMEM);
        return;
    }
    /* an entry with its attributes takes about four times the bytes that it takes in the source's listing */
    sfs_err r = sfs_relist_watch(session, listing.dir, file_of(fi), offset);
    if (r >= 0)
        r = sfs_map_readdir(session->map, listing.dir, file_of(fi), offset,
                                plus ? listing.room / 4 : listing.room, plus ? add_plus : add_plain, &listing);
    /* what was listed before an error is delivered; the reader meets the error when it goes on */
    if (r < 0 && listing.used == 0)
        sfs_reply(req, r);
    else if (fuse_reply_buf(req, listing.data, listing.used) == -ENOENT)
        take_back(&listing);
    free(listing.nodes);
    free(listing.data);
}

void sfs_op_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset, struct fuse_file_info *fi)
{
    struct sfs_session *session = sfs_request(req, SFS_OP_READDIR);
    list(req, session, ino, size, offset, fi, false);
}

void sfs_op_readdirplus(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset, struct fuse_file_info *fi)
{
    struct sfs_session *session = sfs_request(req, SFS_OP_READDIRPLUS);
    list(req, session, ino, size, offset, fi, true);
}

void sfs_op_releasedir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
    (void)ino;
    struct sfs_session *session = sfs_request(req, SFS_OP_RELEASEDIR);
    sfs_handle_close(session, handle_of(fi));
    sfs_reply(req, 0);
}

void sfs_op_fsyncdir(fuse_req_t req, fuse_ino_t ino, int data_only, struct fuse_file_info *fi)
{
    struct sfs_session *session = sfs_request(req, SFS_OP_FSYNCDIR);
    struct sfs_node *node = node_of(session, ino);
    sfs_reply(req, sfs_node_ops(node)->fsyncdir(node, file_of(fi), data_only != 0));
}
