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

/* The file that a request is about: the open one, or, where the kernel opens files alone, one for this request. */
struct used {
    struct sfs_file *file;
    struct sfs_borrowed borrowed;
};

static sfs_err use(struct sfs_node *node, struct fuse_file_info *fi, bool writes, struct used *ret)
{
    ret->file = file_of(fi);
    if (ret->file != NULL)
        return 0;
    sfs_err r = sfs_node_ops(node)->borrow(node, writes, &ret->borrowed);
    if (r >= 0)
        ret->file = &ret->borrowed.file;
    return r;
}

static void use_end(struct used *used)
{
    if (used->file == &used->borrowed.file)
        sfs_node_ops(used->file->node)->give_back(&used->borrowed);
}

static ssize_t read_any(struct sfs_node *node, struct fuse_file_info *fi, void *data, size_t size, off_t offset)
{
    struct used used;
    ssize_t n = use(node, fi, false, &used);
    if (n < 0)
        return n;
    n = sfs_node_ops(node)->read(used.file, data, size, offset);
    use_end(&used);
    return n;
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
    struct sfs_session *session = sfs_request(req, SFS_OP_WRITE);
    struct sfs_node *node = node_of(session, ino);
    struct used used;
    sfs_err r = use(node, fi, true, &used);
    if (r < 0) {
        sfs_reply(req, r);
        return;
    }
    struct sfs_caller caller;
    bool matters = fi->writepage ? sfs_late_writer_matters(session, used.file, handle_of(fi), &caller)
                                 : sfs_writer_matters(req, used.file, size, sfs_caller_loses(req, fi), &caller);
    /* the flag as it is now, which F_SETFL may have changed since the opening; pages have their place */
    bool appends = !fi->writepage && (fi->flags & O_APPEND) != 0;
    ssize_t n = sfs_node_ops(node)->write(used.file, data, size, offset, appends, matters ? &caller : NULL);
    use_end(&used);
    if (matters)
        sfs_caller_acted(session, node, &caller);
    sfs_reply_count(req, n);
}

void sfs_op_fsync(fuse_req_t req, fuse_ino_t ino, int data_only, struct fuse_file_info *fi)
{
    struct sfs_session *session = sfs_request(req, SFS_OP_FSYNC);
    struct sfs_node *node = node_of(session, ino);
    struct used used;
    sfs_err r = use(node, fi, false, &used);
    if (r >= 0) {
        r = sfs_node_ops(node)->fsync(used.file, data_only != 0);
        use_end(&used);
    }
    sfs_reply(req, r);
}

void sfs_op_fallocate(fuse_req_t req, fuse_ino_t ino, int mode, off_t offset, off_t length, struct fuse_file_info *fi)
{
    struct sfs_session *session = sfs_request(req, SFS_OP_FALLOCATE);
    struct sfs_node *node = node_of(session, ino);
    struct used used;
    sfs_err r = use(node, fi, true, &used);
    if (r < 0) {
        sfs_reply(req, r);
        return;
    }
    struct sfs_caller caller;
    bool matters = sfs_writer_matters(req, used.file, length > 0 ? (uint64_t)length : 0, false, &caller);
    r = sfs_node_ops(node)->fallocate(used.file, mode, offset, length, matters ? &caller : NULL);
    use_end(&used);
    if (matters)
        sfs_caller_acted(session, node, &caller);
    sfs_reply(req, r);
}

void sfs_op_lseek(fuse_req_t req, fuse_ino_t ino, off_t offset, int whence, struct fuse_file_info *fi)
{
    struct sfs_session *session = sfs_request(req, SFS_OP_LSEEK);
    struct sfs_node *node = node_of(session, ino);
    sfs_reply_offset(req, sfs_node_ops(node)->lseek(file_of(fi), node, offset, whence));
}

/* Between two files in use. n bytes or -errno. */
static ssize_t copy(fuse_req_t req, struct used *from, off_t from_offset, struct used *to, off_t to_offset, size_t size)
{
    struct sfs_node *node = to->file->node;
    struct sfs_caller caller;
    bool matters = sfs_writer_matters(req, to->file, size, false, &caller);
    ssize_t n = sfs_node_ops(node)->copy_range(from->file, from_offset, to->file, to_offset, size,
                                               matters ? &caller : NULL);
    if (matters)
        sfs_caller_acted(session_of(req), node, &caller);
    return n;
}

void sfs_op_copy_file_range(fuse_req_t req, fuse_ino_t from_ino, off_t from_offset, struct fuse_file_info *from,
                            fuse_ino_t to_ino, off_t to_offset, struct fuse_file_info *to, size_t size, int flags)
{
    struct sfs_session *session = sfs_request(req, SFS_OP_COPY_FILE_RANGE);
    struct used source, target;
    if (flags != 0) {
        sfs_reply(req, -EINVAL); /* none is defined (copy_file_range(2)) */
        return;
    }
    ssize_t n = use(node_of(session, from_ino), from, false, &source);
    if (n >= 0) {
        n = use(node_of(session, to_ino), to, true, &target);
        if (n >= 0) {
            n = copy(req, &source, from_offset, &target, to_offset, size);
            use_end(&target);
        }
        use_end(&source);
    }
    sfs_reply_count(req, n);
}
