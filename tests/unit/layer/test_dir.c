/* SPDX-License-Identifier: MIT */
/* Every operation of a dir layer, by each way of reaching a node. */
#include "config.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "os/fd.h"
#include "world.h"

static struct world w;

/* Run the body once for each way, in a fresh world. */
#define EVERY_WAY(test)                                                                                                \
    static void test##_body(void);                                                                                     \
    Test(dir, test)                                                                                                    \
    {                                                                                                                  \
        for (enum way way = 0; way < WAYS; way++) {                                                                    \
            world_make(&w, way);                                                                                       \
            test##_body();                                                                                             \
            world_remove(&w);                                                                                          \
        }                                                                                                              \
    }                                                                                                                  \
    static void test##_body(void)

EVERY_WAY(lookup)
{
    struct stat plain;
    scratch_write(&w.at, "file", "text");
    cr_assert_eq(symlinkat("file", w.at.fd, "link"), 0);
    struct sfs_node *file, *link;
    struct sfs_stat at;
    cr_assert_eq(w.ops->lookup(w.root, "file", &file, &at), 0);
    cr_assert_eq(fstatat(w.at.fd, "file", &plain, 0), 0);
    cr_assert_eq(at.st.st_ino, plain.st_ino);
    cr_assert_eq(at.st.st_size, 4);
    cr_assert_eq(w.ops->lookup(w.root, "link", &link, &at), 0);
    cr_assert(S_ISLNK(at.st.st_mode));
    cr_assert_eq(world_lookup(&w, w.root, "missing"), -ENOENT);
    cr_assert_eq(world_lookup(&w, w.root, "."), -EINVAL);
    cr_assert_eq(world_lookup(&w, w.root, ".."), -EINVAL);
    cr_assert_eq(world_lookup(&w, w.root, "a/b"), -EINVAL);
    cr_assert_eq(world_lookup(&w, w.root, ""), -EINVAL);
    cr_assert_eq(world_lookup(&w, file, "below"), -ENOTDIR);
    char *path;
    cr_assert_eq(w.layer->path(file, &path), 0);
    cr_assert_str_eq(path, "file");
    free(path);
    world_forget(&w, file);
    world_forget(&w, link);
}

EVERY_WAY(one_file_under_two_names)
{
    scratch_write(&w.at, "one", "text");
    cr_assert_eq(linkat(w.at.fd, "one", w.at.fd, "two", 0), 0);
    struct sfs_node *one = world_find(&w, "one"), *two = world_find(&w, "two");
    cr_assert_eq(one, two);
    w.ops->forget(one, 2);
}

EVERY_WAY(make_and_remove)
{
    struct sfs_node *dir, *fifo, *link, *linked;
    struct sfs_stat at;
    cr_assert_eq(w.ops->mkdir(w.root, "dir", 0777, &w.me, &dir, &at), 0);
    cr_assert_eq(at.st.st_mode, S_IFDIR | 0755u);
    cr_assert_eq(w.ops->mkdir(w.root, "dir", 0777, &w.me, &dir, &at), -EEXIST);
    cr_assert_eq(w.ops->mknod(dir, "fifo", S_IFIFO | 0666, 0, &w.me, &fifo, &at), 0);
    cr_assert_eq(at.st.st_mode, S_IFIFO | 0644u);
    cr_assert_eq(w.ops->symlink(dir, "link", "../else/where", &w.me, &link, &at), 0);
    char target[64];
    cr_assert_eq(w.ops->readlink(link, target, sizeof target), 0);
    cr_assert_str_eq(target, "../else/where");
    cr_assert_eq(w.ops->readlink(link, target, 5), -ENAMETOOLONG);
    cr_assert_eq(w.ops->readlink(dir, target, sizeof target), -EINVAL);
    cr_assert_eq(w.ops->link(fifo, w.root, "fifo2", &linked, &at), 0);
    cr_assert_eq(linked, fifo);
    cr_assert_eq(at.st.st_nlink, 2u);
    cr_assert_eq(w.ops->unlink(w.root, "dir"), -EISDIR);
    cr_assert_eq(w.ops->rmdir(w.root, "dir"), -ENOTEMPTY);
    cr_assert_eq(w.ops->unlink(dir, "fifo"), 0);
    cr_assert_eq(w.ops->unlink(dir, "fifo"), -ENOENT);
    cr_assert_eq(w.ops->getattr(fifo, NULL, &at), 0);
    cr_assert_eq(at.st.st_nlink, 1u);
    cr_assert_eq(w.ops->unlink(dir, "link"), 0);
    cr_assert_eq(w.ops->unlink(w.root, "fifo2"), 0);
    cr_assert_eq(w.ops->rmdir(w.root, "dir"), 0);
    static const char *const bad[] = {"", ".", "..", "a/b"};
    for (size_t i = 0; i < 4; i++) {
        cr_assert_eq(w.ops->mkdir(w.root, bad[i], 0777, &w.me, &linked, &at), -EINVAL);
        cr_assert_eq(w.ops->link(fifo, w.root, bad[i], &linked, &at), -EINVAL);
        cr_assert_eq(w.ops->unlink(w.root, bad[i]), -EINVAL);
        cr_assert_eq(w.ops->rename(w.root, bad[i], w.root, "x", 0, &w.me), -EINVAL);
        cr_assert_eq(w.ops->rename(w.root, "x", w.root, bad[i], 0, &w.me), -EINVAL);
    }
    world_forget(&w, dir);
    w.ops->forget(fifo, 2);
    world_forget(&w, link);
}

EVERY_WAY(create_write_read)
{
    struct sfs_node *node, *other;
    struct sfs_file *file, *more;
    struct sfs_stat at;
    cr_assert_eq(w.ops->create(w.root, "file", 0444, O_RDWR, &w.me, &node, &file, &at), 0);
    cr_assert_eq(at.st.st_mode, S_IFREG | 0444u);
    cr_assert_eq(w.ops->create(w.root, "file", 0644, O_RDWR, &w.me, &other, &more, &at), -EEXIST);
    cr_assert_eq(w.ops->write(file, "0123456789", 10, 0, false, &w.me), 10);
    cr_assert_eq(w.ops->write(file, "ab", 2, 4, false, &w.me), 2);
    cr_assert_str_eq(scratch_read(&w.at, "file"), "0123ab6789");
    char text[16];
    cr_assert_eq(w.ops->read(file, text, sizeof text, 3), 7);
    cr_assert_eq(memcmp(text, "3ab6789", 7), 0);
    struct sfs_borrowed borrowed;
    cr_assert_eq(w.ops->borrow(node, false, &borrowed), 0);
    cr_assert_eq(w.ops->read(&borrowed.file, text, sizeof text, 8), 2);
    w.ops->give_back(&borrowed);
    cr_assert_eq(w.ops->read(file, text, sizeof text, 100), 0);
    cr_assert_eq(w.ops->fsync(file, false), 0);
    cr_assert_eq(w.ops->fsync(file, true), 0);
    cr_assert_eq(w.ops->flush(file), 0);
    cr_assert_eq(w.ops->fallocate(file, 0, 0, 20, &w.me), 0);
    cr_assert_eq(w.ops->getattr(node, file, &at), 0);
    cr_assert_eq(at.st.st_size, 20);
    cr_assert_geq(w.ops->backing_fd(file), 0);
    w.ops->release(file);
    world_forget(&w, node);
}

EVERY_WAY(open)
{
    scratch_write(&w.at, "file", "text");
    struct sfs_node *node = world_find(&w, "file");
    struct sfs_file *file;
    struct sfs_stat at;
    char text[8];
    cr_assert_eq(w.ops->open(node, O_RDONLY, &w.me, &file, &at), 0);
    cr_assert_eq(at.st.st_size, 4);
    cr_assert_eq(w.ops->write(file, "x", 1, 0, false, &w.me), -EBADF);
    w.ops->release(file);
    cr_assert_eq(w.ops->open(node, O_WRONLY | O_APPEND, &w.me, &file, &at), 0);
    cr_assert_eq(w.ops->read(file, text, sizeof text, 0), -EBADF);
    cr_assert_eq(w.ops->write(file, "+", 1, 0, true, &w.me), 1);
    cr_assert_str_eq(scratch_read(&w.at, "file"), "text+");
    cr_assert_eq(w.ops->write(file, "T", 1, 0, false, &w.me), 1); /* the write says where, not the opening */
    cr_assert_str_eq(scratch_read(&w.at, "file"), "Text+");
    w.ops->release(file);
    cr_assert_eq(w.ops->open(node, O_RDWR | O_TRUNC, &w.me, &file, &at), 0);
    cr_assert_eq(at.st.st_size, 0);
    w.ops->release(file);
    world_forget(&w, node);
    cr_assert_eq(mkfifoat(w.at.fd, "fifo", 0644), 0);
    node = world_find(&w, "fifo");
    cr_assert_eq(w.ops->open(node, O_RDONLY, &w.me, &file, &at), -EINVAL); /* would wait for a writer */
    world_forget(&w, node);
}

EVERY_WAY(tmpfile_gets_a_name)
{
    struct sfs_node *node, *linked;
    struct sfs_file *file;
    struct sfs_stat at;
    sfs_err r = w.ops->tmpfile(w.root, 0644, O_RDWR, &w.me, &node, &file, &at);
    if (r == -EOPNOTSUPP)
        return;
    cr_assert_eq(r, 0);
    cr_assert_eq(at.st.st_nlink, 0u);
    cr_assert_eq(w.ops->write(file, "tmp", 3, 0, false, &w.me), 3);
    cr_assert_eq(w.ops->getattr(node, NULL, &at), 0);
    cr_assert_eq(at.st.st_size, 3);
    cr_assert_eq(w.ops->link(node, w.root, "named", &linked, &at), 0);
    cr_assert_eq(linked, node);
    cr_assert_str_eq(scratch_read(&w.at, "named"), "tmp");
    w.ops->release(file);
    w.ops->forget(node, 2);
}

EVERY_WAY(setattr)
{
    scratch_write(&w.at, "file", "0123456789");
    struct sfs_node *node = world_find(&w, "file");
    struct sfs_stat at;
    struct stat to = {.st_mode = 0640, .st_size = 4};
    cr_assert_eq(w.ops->setattr(node, NULL, &to, SFS_SET_MODE | SFS_SET_SIZE, &w.me, &at), 0);
    cr_assert_eq(at.st.st_mode, S_IFREG | 0640u);
    cr_assert_eq(at.st.st_size, 4);
    cr_assert_str_eq(scratch_read(&w.at, "file"), "0123");
    to.st_atim = (struct timespec){.tv_sec = 1000, .tv_nsec = 1};
    to.st_mtim = (struct timespec){.tv_sec = 2000, .tv_nsec = 2};
    cr_assert_eq(w.ops->setattr(node, NULL, &to, SFS_SET_ATIME | SFS_SET_MTIME, &w.me, &at), 0);
    cr_assert_eq(at.st.st_atim.tv_sec, 1000);
    cr_assert_eq(at.st.st_mtim.tv_nsec, 2);
    to.st_mtim.tv_nsec = UTIME_NOW;
    cr_assert_eq(w.ops->setattr(node, NULL, &to, SFS_SET_MTIME, &w.me, &at), 0);
    cr_assert_gt(at.st.st_mtim.tv_sec, 1000000);
    cr_assert_eq(at.st.st_atim.tv_sec, 1000);
    to.st_size = -1;
    cr_assert_eq(w.ops->setattr(node, NULL, &to, SFS_SET_SIZE, &w.me, &at), -EINVAL);
    if (geteuid() == 0) {
        to.st_uid = 12;
        to.st_gid = 34;
        cr_assert_eq(w.ops->setattr(node, NULL, &to, SFS_SET_UID, &w.me, &at), 0);
        cr_assert(at.st.st_uid == 12 && at.st.st_gid == 0);
        cr_assert_eq(w.ops->setattr(node, NULL, &to, SFS_SET_GID, &w.me, &at), 0);
        cr_assert(at.st.st_uid == 12 && at.st.st_gid == 34);
    }
    world_forget(&w, node);
}

/* open(2) with O_CREAT: the file is writable by who made it, although its mode is not. */
EVERY_WAY(truncated_through_the_open_file)
{
    struct sfs_node *node;
    struct sfs_file *file;
    struct sfs_stat at;
    struct stat to = {.st_size = 7};
    cr_assert_eq(w.ops->create(w.root, "file", 0000, O_RDWR, &w.me, &node, &file, &at), 0);
    cr_assert_eq(w.ops->setattr(node, file, &to, SFS_SET_SIZE, &w.me, &at), 0);
    cr_assert_eq(at.st.st_size, 7);
    w.ops->release(file);
    world_forget(&w, node);
}

EVERY_WAY(xattrs)
{
    scratch_write(&w.at, "file", "");
    struct sfs_node *node = world_find(&w, "file");
    char value[16], list[256];
    sfs_err r = w.ops->setxattr(node, "user.a", "value", 5, 0, &w.me);
    if (r != -EOPNOTSUPP) {
        cr_assert_eq(r, 0);
        cr_assert_eq(w.ops->getxattr(node, "user.a", value, sizeof value), 5);
        cr_assert_eq(w.ops->getxattr(node, "user.a", NULL, 0), 5);
        cr_assert_eq(w.ops->getxattr(node, "user.b", value, sizeof value), -ENODATA);
        cr_assert_gt(w.ops->listxattr(node, list, sizeof list), 0);
        cr_assert_eq(w.ops->removexattr(node, "user.a"), 0);
        cr_assert_eq(w.ops->removexattr(node, "user.a"), -ENODATA);
    }
    world_forget(&w, node);
}

EVERY_WAY(rest)
{
    scratch_write(&w.at, "file", "0123456789");
    struct sfs_node *node = world_find(&w, "file"), *made;
    struct sfs_file *one, *two, *copy;
    struct sfs_stat at;
    struct statvfs fs;
    cr_assert_eq(w.ops->statfs(node, &fs), 0);
    cr_assert_gt(fs.f_bsize, 0u);
    int flags;
    cr_assert_eq(w.ops->inode_flags(node, NULL, 0x1234, &flags, &w.me), -ENOTTY);
    sfs_err r = w.ops->inode_flags(node, NULL, FS_IOC_GETFLAGS, &flags, &w.me);
    cr_assert(r == 0 || r == -ENOTTY || r == -EOPNOTSUPP);
    cr_assert_eq(w.ops->open(node, O_RDWR, &w.me, &one, &at), 0);
    cr_assert_eq(w.ops->open(node, O_RDONLY, &w.me, &two, &at), 0);
    cr_assert_eq(w.ops->flock(one, LOCK_EX), 0);
    cr_assert_eq(w.ops->flock(two, LOCK_EX | LOCK_NB), -EWOULDBLOCK);
    cr_assert_eq(w.ops->flock(one, LOCK_UN), 0);
    int fd = w.ops->lock_fd(two); /* of a reader: would keep the source from being executed otherwise */
    cr_assert_geq(fd, 0);
    cr_assert_eq(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
    sfs_close(fd);
    fd = w.ops->lock_fd(one);
    cr_assert_geq(fd, 0);
    cr_assert_eq(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDWR);
    sfs_close(fd);
    cr_assert_eq(w.ops->lseek(one, node, 0, SEEK_DATA), 0);
    cr_assert_eq(w.ops->lseek(NULL, node, 3, SEEK_HOLE), 10);
    cr_assert_eq(w.ops->lseek(one, node, 10, SEEK_DATA), -ENXIO);
    cr_assert_eq(w.ops->lseek(one, node, 0, SEEK_SET), -EINVAL);
    cr_assert_eq(w.ops->create(w.root, "copy", 0644, O_RDWR, &w.me, &made, &copy, &at), 0);
    cr_assert_eq(w.ops->copy_range(one, 2, copy, 1, 5, &w.me), 5);
    char text[16];
    cr_assert_eq(w.ops->read(copy, text, sizeof text, 0), 6);
    cr_assert_eq(memcmp(text, "\00023456", 6), 0);
    cr_assert_eq(w.ops->fsyncdir(w.root, NULL, false), 0);
    w.ops->release(copy);
    w.ops->release(two);
    w.ops->release(one);
    world_forget(&w, made);
    world_forget(&w, node);
}

EVERY_WAY(rename_flags)
{
    scratch_write(&w.at, "a", "a");
    scratch_write(&w.at, "b", "b");
    cr_assert_eq(mkdirat(w.at.fd, "dir", 0755), 0);
    struct sfs_node *a = world_find(&w, "a"), *b = world_find(&w, "b"), *dir = world_find(&w, "dir");
    struct sfs_stat at;
    sfs_err r;
    cr_assert_eq(w.ops->rename(w.root, "a", w.root, "b", RENAME_NOREPLACE, &w.me), -EEXIST);
    cr_assert_eq(w.ops->rename(w.root, "a", w.root, "b", RENAME_EXCHANGE, &w.me), 0);
    cr_assert_str_eq(scratch_read(&w.at, "a"), "b");
    cr_assert_str_eq(world_read(&w, a, &r), "a");
    cr_assert_str_eq(world_read(&w, b, &r), "b");
    cr_assert_eq(w.ops->rename(w.root, "a", dir, "c", 0, &w.me), 0); /* the file "b" */
    char *path;
    cr_assert_eq(w.layer->path(b, &path), 0);
    cr_assert_str_eq(path, "dir/c");
    free(path);
    cr_assert_str_eq(world_read(&w, b, &r), "b");
    cr_assert_eq(w.ops->rename(w.root, "b", dir, "c", 0, &w.me), 0); /* over it */
    cr_assert_eq(w.ops->getattr(b, NULL, &at), 0);
    cr_assert_eq(at.st.st_nlink, 0u);
    cr_assert_str_eq(world_read(&w, a, &r), "a");
    cr_assert_eq(w.ops->rename(w.root, "dir", dir, "inside", 0, &w.me), -EINVAL);
    cr_assert_eq(w.ops->rename(w.root, "missing", dir, "d", 0, &w.me), -ENOENT);
    /* two names of one file: nothing happens */
    cr_assert_eq(linkat(w.at.fd, "dir/c", w.at.fd, "same", 0), 0);
    cr_assert_eq(w.ops->rename(dir, "c", w.root, "same", 0, &w.me), 0);
    cr_assert_eq(world_lookup(&w, dir, "c"), 0);
    cr_assert_str_eq(world_read(&w, a, &r), "a");
    world_forget(&w, a);
    world_forget(&w, b);
    world_forget(&w, dir);
}

EVERY_WAY(made_in_the_callers_name)
{
    if (geteuid() != 0)
        return;
    struct sfs_caller caller = {.uid = 1234, .gid = 5678, .umask = 077};
    struct sfs_node *node, *dir;
    struct sfs_file *file;
    struct sfs_stat at;
    cr_assert_eq(w.ops->mkdir(w.root, "dir", 0777, &caller, &dir, &at), 0);
    cr_assert(at.st.st_uid == 1234 && at.st.st_gid == 5678 && (at.st.st_mode & 07777) == 0700);
    cr_assert_eq(w.ops->create(dir, "file", 0666, O_RDWR, &caller, &node, &file, &at), 0);
    cr_assert(at.st.st_uid == 1234 && at.st.st_gid == 5678 && (at.st.st_mode & 07777) == 0600);
    w.ops->release(file);
    world_forget(&w, node);
    world_forget(&w, dir);
}

Test(dir, read_only_opens_nothing_for_writing)
{
    struct sfs_dir_options options = {.read_only = true};
    struct sfs_layer *layer;
    struct sfs_node *node;
    struct sfs_file *file;
    struct sfs_stat at;
    world_make(&w, BY_HANDLE);
    scratch_write(&w.at, "file", "text");
    int fd = open(w.at.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    cr_assert_eq(sfs_dir_layer_new(fd, &options, w.cache, &layer), 0);
    cr_assert_eq(layer->ops->lookup(layer->root, "file", &node, &at), 0);
    cr_assert_eq(layer->ops->open(node, O_RDWR | O_TRUNC, &w.me, &file, &at), 0);
    cr_assert_eq(layer->ops->write(file, "x", 1, 0, false, &w.me), -EBADF);
    cr_assert_str_eq(scratch_read(&w.at, "file"), "text");
    layer->ops->release(file);
    layer->ops->forget(node, 1);
    sfs_layer_free(layer);
    sfs_layer_free(NULL);
    world_remove(&w);
}

Test(dir, only_of_a_directory)
{
    struct sfs_dir_options options = {0};
    struct sfs_layer *layer = NULL;
    world_make(&w, BY_HANDLE);
    scratch_write(&w.at, "file", "");
    int fd = openat(w.at.fd, "file", O_PATH | O_CLOEXEC);
    cr_assert_eq(sfs_dir_layer_new(fd, &options, w.cache, &layer), -ENOTDIR);
    cr_assert_null(layer);
    cr_assert_eq(close(fd), 0); /* not taken over */
    world_remove(&w);
}
