/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <linux/limits.h>
#include <stdlib.h>
#include <string.h>

#include "fuse/ops-internal.h"
#include "fuse/reply.h"

/* The kernel asks for at most XATTR_SIZE_MAX and XATTR_LIST_MAX, both 64 KiB; more is not allocated for anybody. */
static void *value_room(size_t size)
{
    return malloc(size <= XATTR_SIZE_MAX ? size : XATTR_SIZE_MAX);
}

static bool is_acl(const char *name)
{
    return strncmp(name, "system.posix_acl_", strlen("system.posix_acl_")) == 0;
}

/*
 * As the layer, but a filesystem without ACLs answers that the file has none.  The kernel asks for them on the whole
 * map (sfs_op_init()), and takes any other error for a failed check (fuse_get_acl() in fs/fuse/acl.c).
 */
static ssize_t get_for(struct sfs_node *node, const char *name, void *value, size_t size)
{
    ssize_t n = sfs_node_ops(node)->getxattr(node, name, value, size);
    return n == -EOPNOTSUPP && is_acl(name) ? -ENODATA : n;
}

void sfs_op_getxattr(fuse_req_t req, fuse_ino_t ino, const char *name, size_t size)
{
    struct sfs_session *session = sfs_request(req, SFS_OP_GETXATTR);
    struct sfs_node *node = node_of(session, ino);
    if (size == 0) {
        sfs_reply_size(req, get_for(node, name, NULL, 0));
        return;
    }
    char *value = value_room(size);
    ssize_t n = value != NULL ? get_for(node, name, value, size) : -ENOMEM;
    sfs_reply_data(req, n, value);
    free(value);
}

/* Take "trusted." names out of a list of NUL-terminated names; returns the new length. */
static size_t hide_trusted(char *list, size_t length)
{
    static const char prefix[] = "trusted.";
    size_t kept = 0;
    for (size_t at = 0; at < length;) {
        size_t size = strlen(list + at) + 1;
        if (strncmp(list + at, prefix, sizeof prefix - 1) != 0) {
            memmove(list + kept, list + at, size);
            kept += size;
        }
        at += size;
    }
    return kept;
}

/* The names that the caller may see: "trusted." ones are for CAP_SYS_ADMIN (xattr(7)), which is root to us. */
static ssize_t list_for(fuse_req_t req, struct sfs_node *node, char *list, size_t room)
{
    ssize_t n = sfs_node_ops(node)->listxattr(node, list, room);
    return n > 0 && fuse_req_ctx(req)->uid != 0 ? (ssize_t)hide_trusted(list, (size_t)n) : n;
}

void sfs_op_listxattr(fuse_req_t req, fuse_ino_t ino, size_t size)
{
    struct sfs_session *session = sfs_request(req, SFS_OP_LISTXATTR);
    struct sfs_node *node = node_of(session, ino);
    char *list = value_room(XATTR_LIST_MAX); /* the whole list: its size for the caller is not the source's */
    ssize_t n = list != NULL ? list_for(req, node, list, XATTR_LIST_MAX) : -ENOMEM;
    if (size == 0)
        sfs_reply_size(req, n);
    else
        sfs_reply_data(req, n > (ssize_t)size ? -ERANGE : n, list);
    free(list);
}

void sfs_op_setxattr(fuse_req_t req, fuse_ino_t ino, const char *name, const char *value, size_t size, int flags)
{
    struct sfs_session *session = sfs_request(req, SFS_OP_SETXATTR);
    struct sfs_node *node = node_of(session, ino);
    struct sfs_caller caller;
    /* only an ACL depends on who sets it, and then on all his groups */
    sfs_caller_of(req, is_acl(name), &caller);
    sfs_err r = sfs_node_ops(node)->setxattr(node, name, value, size, flags, &caller);
    sfs_caller_release(&caller);
    sfs_reply(req, r);
}

void sfs_op_removexattr(fuse_req_t req, fuse_ino_t ino, const char *name)
{
    struct sfs_session *session = sfs_request(req, SFS_OP_REMOVEXATTR);
    struct sfs_node *node = node_of(session, ino);
    sfs_reply(req, sfs_node_ops(node)->removexattr(node, name));
}
