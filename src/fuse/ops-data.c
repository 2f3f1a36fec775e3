/* SPDX-License-Identifier: MIT */
/* Reading, writing and what else is done with the bytes of a file. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "fuse/ops-internal.h"
#include "fuse/reply.h"
#include "fuse/writer.h"

/* Reads up to this size use the thread's stack; it is what the kernel's readahead asks for unless told otherwise. */
enum { STACK_BUFFER = 128 * 1024 };

static ssize_t read_any(struct sfs_node *node, struct fuse_file_info *fi, void *data, size_t size, off_t offset)
{
    const struct sfs_layer_ops *ops = sfs_node_ops(node);
    struct sfs_file *file = file_of(fi);
    return file != NULL ? ops->read(file, data, size, offset) : ops->read_node(node, data, size, offset);
}

static void read_with_heap(fuse_req_t req, struct sfs_node *node, struct fuse_file_info *fi, size_t size, off_t offset)
{
    char *data = malloc(size);
    ssize_t n = data != NULL ? read_any(node, fi, data, size, offset) : -ENOMEM;
    sfs_reply_data(req, n, data);
    free(data);
}

void sfs_op_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset, struct fuse_file_info *fi)
{
    struct sfs_session *session = sfs_request(req, SFS_OP_READ);
    struct sfs_node *node = node_of(session, ino);
    if (size > STACK_BUFFER) {
        read_with_heap(req, node, fi, size, offset);
        return;
    }
    char data[STACK_BUFFER];
    sfs_reply_data(req, read_any(node, fi, data, size, offset), data);
}

void sfs_op_write(fuse_req_t req, fuse_ino_t ino, const char *data, size_t size, off_t offset,
                  struct fuse_file_info *fi)
{
    (void)ino;
    struct sfs_session *session = sfs_request(req, SFS_OP_WRITE);
    struct sfs_file *file = file_of(fi);
    struct sfs_caller caller;
    bool matters = fi->writepage ? sfs_late_writer_matters(session, handle_of(fi), &caller)
                                 : sfs_writer_matters(req, file, size, &caller);
    /* the flag as it is now, which F_SETFL may have changed since the opening; pages have their place */
    bool appends = !fi->writepage && (fi->flags & O_APPEND) != 0;
    ssize_t n = sfs_node_ops(file->node)->write(file, data, size, offset, appends, matters ? &caller : NULL);
    if (matters)
        sfs_caller_acted(session, file->node, &caller);
    sfs_reply_count(req, n);
}

void sfs_op_fsync(fuse_req_t req, fuse_ino_t ino, int data_only, struct fuse_file_info *fi)
{
    (void)ino;
    (void)sfs_request(req, SFS_OP_FSYNC);
    struct sfs_file *file = file_of(fi);
    sfs_reply(req, sfs_node_ops(file->node)->fsync(file, data_only != 0));
}

void sfs_op_fallocate(fuse_req_t req, fuse_ino_t ino, int mode, off_t offset, off_t length, struct fuse_file_info *fi)
{
    (void)ino;
    struct sfs_session *session = sfs_request(req, SFS_OP_FALLOCATE);
    struct sfs_file *file = file_of(fi);
    struct sfs_caller caller;
    bool matters = sfs_writer_matters(req, file, length > 0 ? (uint64_t)length : 0, &caller);
    sfs_err r = sfs_node_ops(file->node)->fallocate(file, mode, offset, length, matters ? &caller : NULL);
    if (matters)
        sfs_caller_acted(session, file->node, &caller);
    sfs_reply(req, r);
}

void sfs_op_lseek(fuse_req_t req, fuse_ino_t ino, off_t offset, int whence, struct fuse_file_info *fi)
{
    struct sfs_session *session = sfs_request(req, SFS_OP_LSEEK);
    struct sfs_node *node = node_of(session, ino);
    sfs_reply_offset(req, sfs_node_ops(node)->lseek(file_of(fi), node, offset, whence));
}

void sfs_op_copy_file_range(fuse_req_t req, fuse_ino_t from_ino, off_t from_offset, struct fuse_file_info *from,
                            fuse_ino_t to_ino, off_t to_offset, struct fuse_file_info *to, size_t size, int flags)
{
    (void)from_ino, (void)to_ino;
    struct sfs_session *session = sfs_request(req, SFS_OP_COPY_FILE_RANGE);
    struct sfs_file *source = file_of(from), *target = file_of(to);
    if (flags != 0) {
        sfs_reply(req, -EINVAL); /* none is defined (copy_file_range(2)) */
        return;
    }
    struct sfs_caller caller;
    bool matters = sfs_writer_matters(req, target, size, &caller);
    ssize_t n = sfs_node_ops(target->node)->copy_range(source, from_offset, target, to_offset, size,
                                                       matters ? &caller : NULL);
    if (matters)
        sfs_caller_acted(session, target->node, &caller);
    sfs_reply_count(req, n);
}
