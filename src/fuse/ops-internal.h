/* SPDX-License-Identifier: MIT */
/* The operations, as libfuse calls them (fuse_lowlevel.h says what each gets). In the files ops-*.c. */
#pragma once

#include "fuse/session-internal.h"

/* ops-lookup.c */
void sfs_op_lookup(fuse_req_t req, fuse_ino_t parent, const char *name);
void sfs_op_forget(fuse_req_t req, fuse_ino_t ino, uint64_t count);
void sfs_op_forget_multi(fuse_req_t req, size_t count, struct fuse_forget_data *forgets);
/* ops-attr.c */
void sfs_op_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
#ifdef HAVE_FUSE_OP_STATX
void sfs_op_statx(fuse_req_t req, fuse_ino_t ino, int flags, int mask, struct fuse_file_info *fi);
#endif
void sfs_op_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *attr, int to_set, struct fuse_file_info *fi);
void sfs_op_readlink(fuse_req_t req, fuse_ino_t ino);
void sfs_op_statfs(fuse_req_t req, fuse_ino_t ino);
void sfs_op_ioctl(fuse_req_t req, fuse_ino_t ino, unsigned command, void *arg, struct fuse_file_info *fi,
                  unsigned flags, const void *in, size_t in_size, size_t out_size);
/* ops-xattr.c */
void sfs_op_getxattr(fuse_req_t req, fuse_ino_t ino, const char *name, size_t size);
void sfs_op_listxattr(fuse_req_t req, fuse_ino_t ino, size_t size);
void sfs_op_setxattr(fuse_req_t req, fuse_ino_t ino, const char *name, const char *value, size_t size, int flags);
void sfs_op_removexattr(fuse_req_t req, fuse_ino_t ino, const char *name);
/* ops-name.c */
void sfs_op_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t device);
void sfs_op_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode);
void sfs_op_unlink(fuse_req_t req, fuse_ino_t parent, const char *name);
void sfs_op_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name);
void sfs_op_symlink(fuse_req_t req, const char *target, fuse_ino_t parent, const char *name);
void sfs_op_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t to_parent, const char *to_name,
                   unsigned flags);
void sfs_op_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t parent, const char *name);
/* ops-open.c */
void sfs_op_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void sfs_op_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, struct fuse_file_info *fi);
void sfs_op_tmpfile(fuse_req_t req, fuse_ino_t parent, mode_t mode, struct fuse_file_info *fi);
void sfs_op_flush(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void sfs_op_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
/* For maps whose files the kernel opens alone: tells it so. */
void sfs_op_open_by_kernel(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
/* ops-data.c */
void sfs_op_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset, struct fuse_file_info *fi);
void sfs_op_write(fuse_req_t req, fuse_ino_t ino, const char *data, size_t size, off_t offset,
                  struct fuse_file_info *fi);
void sfs_op_fsync(fuse_req_t req, fuse_ino_t ino, int data_only, struct fuse_file_info *fi);
void sfs_op_fallocate(fuse_req_t req, fuse_ino_t ino, int mode, off_t offset, off_t length, struct fuse_file_info *fi);
void sfs_op_lseek(fuse_req_t req, fuse_ino_t ino, off_t offset, int whence, struct fuse_file_info *fi);
void sfs_op_copy_file_range(fuse_req_t req, fuse_ino_t from_ino, off_t from_offset, struct fuse_file_info *from,
                            fuse_ino_t to_ino, off_t to_offset, struct fuse_file_info *to, size_t size, int flags);
/* ops-dir.c */
void sfs_op_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
/* For maps whose directories the kernel opens alone. */
void sfs_op_opendir_by_kernel(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void sfs_op_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset, struct fuse_file_info *fi);
void sfs_op_readdirplus(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset, struct fuse_file_info *fi);
void sfs_op_releasedir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void sfs_op_fsyncdir(fuse_req_t req, fuse_ino_t ino, int data_only, struct fuse_file_info *fi);
/* ops-lock.c */
void sfs_op_getlk(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi, struct flock *lock);
void sfs_op_setlk(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi, struct flock *lock, int wait);
void sfs_op_flock(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi, int operation);
