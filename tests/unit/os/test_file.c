/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "os/file.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/fd.h"
#include "os/handle.h"
#include "os/stat.h"
#include "scratch.h"

static struct scratch at;

static void make(void)
{
    scratch_make(&at);
    scratch_write(&at, "file", "text");
    cr_assert_eq(symlinkat("file", at.fd, "link"), 0);
}

static void unmake(void)
{
    scratch_remove(&at);
}

TestSuite(file, .init = make, .fini = unmake);

static int path_fd(const char *name)
{
    int fd = openat(at.fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    cr_assert_geq(fd, 0, "%s", name);
    return fd;
}

Test(file, xattrs_by_path_descriptor)
{
    int fd = path_fd("file");
    sfs_err r = sfs_xattr_set(fd, "user.test", "value", 5, 0);
    if (r == -EOPNOTSUPP) {
        (void)close(fd);
        cr_skip_test("no user xattrs in /tmp");
    }
    cr_assert_eq(r, 0);
    cr_assert_eq(sfs_xattr_set(fd, "user.test", "value", 5, 1 /* XATTR_CREATE */), -EEXIST);
    char value[16];
    cr_assert_eq(sfs_xattr_get(fd, "user.test", NULL, 0), 5);
    cr_assert_eq(sfs_xattr_get(fd, "user.test", value, 2), -ERANGE);
    cr_assert_eq(sfs_xattr_get(fd, "user.test", value, sizeof value), 5);
    cr_assert_eq(memcmp(value, "value", 5), 0);
    char list[256];
    ssize_t n = sfs_xattr_list(fd, list, sizeof list);
    cr_assert_geq(n, (ssize_t)sizeof "user.test");
    cr_assert_eq(sfs_xattr_remove(fd, "user.test"), 0);
    cr_assert_eq(sfs_xattr_get(fd, "user.test", value, sizeof value), -ENODATA);
    (void)close(fd);
}

/* The link itself is meant, never what it leads to: user.* is not allowed on it, security.* and trusted.* are. */
Test(file, xattrs_of_a_symlink)
{
    int fd = path_fd("link"), target = path_fd("file");
    char value[16];
    cr_assert_eq(sfs_xattr_set(fd, "user.test", "v", 1, 0), -EPERM);
    cr_assert_eq(sfs_xattr_get(target, "user.test", value, sizeof value), -ENODATA);
    if (geteuid() == 0 && sfs_xattr_set(fd, "trusted.test", "link", 4, 0) == 0) {
        cr_assert_eq(sfs_xattr_get(fd, "trusted.test", value, sizeof value), 4);
        cr_assert_eq(sfs_xattr_get(target, "trusted.test", value, sizeof value), -ENODATA);
    }
    (void)close(fd);
    (void)close(target);
}

Test(file, stat_knows_the_file)
{
    struct sfs_stat by_name, by_fd, link;
    struct stat plain;
    int fd = path_fd("file");
    cr_assert_eq(sfs_stat_at(at.fd, "file", &by_name), 0);
    cr_assert_eq(sfs_stat_fd(fd, &by_fd), 0);
    cr_assert_eq(fstatat(at.fd, "file", &plain, 0), 0);
    cr_assert_eq(by_name.st.st_dev, plain.st_dev);
    cr_assert_eq(by_name.st.st_ino, plain.st_ino);
    cr_assert_eq(by_name.st.st_size, 4);
    cr_assert_eq(by_name.st.st_mode, plain.st_mode);
    cr_assert_eq(by_name.st.st_mtim.tv_nsec, plain.st_mtim.tv_nsec);
    cr_assert_eq(by_fd.btime, by_name.btime);
    cr_assert_eq(by_fd.mount, by_name.mount);
    cr_assert_eq(sfs_stat_at(at.fd, "link", &link), 0);
    cr_assert(S_ISLNK(link.st.st_mode));
    cr_assert_eq(sfs_stat_at(at.fd, "missing", &link), -ENOENT);
    (void)close(fd);
}

Test(file, reopen)
{
    int fd = path_fd("file");
    int opened = sfs_fd_reopen(fd, O_RDWR | O_NOFOLLOW);
    char text[8];
    cr_assert_geq(opened, 0);
    cr_assert_eq(read(opened, text, sizeof text), 4);
    cr_assert_eq(sfs_fd_write_all(opened, "more", 4), 0);
    cr_assert_str_eq(scratch_read(&at, "file"), "textmore");
    /* also when it has no name any more */
    cr_assert_eq(unlinkat(at.fd, "file", 0), 0);
    int again = sfs_fd_reopen(fd, O_RDONLY);
    cr_assert_geq(again, 0);
    cr_assert_eq(read(again, text, sizeof text), 8);
    sfs_close(again);
    sfs_close(opened);
    sfs_close(fd);
    sfs_close(-1);
}

Test(file, locks_of_two_descriptions)
{
    int one = openat(at.fd, "file", O_RDWR), two = openat(at.fd, "file", O_RDWR);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 1, .l_len = 2, .l_pid = 77};
    cr_assert_eq(sfs_lock_set(one, &lock, false), 0);
    struct flock asked = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
    cr_assert_eq(sfs_lock_get(two, &asked), 0);
    cr_assert_eq(asked.l_type, F_WRLCK);
    cr_assert_eq(asked.l_start, 1);
    cr_assert_eq(asked.l_len, 2);
    lock.l_type = F_RDLCK;
    cr_assert_eq(sfs_lock_set(two, &lock, false), -EAGAIN);
    (void)close(one);
    cr_assert_eq(sfs_lock_set(two, &lock, true), 0);
    (void)close(two);
}

Test(file, inode_flags)
{
    bool set;
    cr_assert_eq(sfs_inode_flags_size(FS_IOC_GETFLAGS, &set), sizeof(int));
    cr_assert_not(set);
    cr_assert_eq(sfs_inode_flags_size(FS_IOC_SETFLAGS, &set), sizeof(int));
    cr_assert(set);
    cr_assert_eq(sfs_inode_flags_size(FS_IOC_FSSETXATTR, &set), sizeof(struct fsxattr));
    cr_assert(set);
    cr_assert_eq(sfs_inode_flags_size(FIONREAD, &set), 0);
    int value = 0;
    int fd = openat(at.fd, "file", O_RDONLY);
    cr_assert_eq(sfs_inode_flags(fd, FIONREAD, &value), -ENOTTY);
    (void)close(fd);
}

/* --- handles ------------------------------------------------------------------------------------------------------- */

Test(file, handle_survives_rename_but_not_removal)
{
    struct sfs_handle handle, same, other;
    sfs_err r = sfs_handle_get(at.fd, "file", &handle);
    if (r == -EOPNOTSUPP)
        cr_skip_test("no file handles in /tmp");
    cr_assert_eq(r, 0);
    cr_assert_gt(handle.length, 0);
    cr_assert_eq(sfs_handle_get(at.fd, "link", &other), 0);
    cr_assert(other.length != handle.length || memcmp(other.bytes, handle.bytes, handle.length) != 0);
    int fd = path_fd("file");
    cr_assert_eq(sfs_handle_get(fd, "", &same), 0);
    cr_assert_eq(same.length, handle.length);
    cr_assert_eq(memcmp(same.bytes, handle.bytes, handle.length), 0);
    (void)close(fd);
    int opened = sfs_handle_open(at.fd, handle.type, handle.bytes, handle.length, O_RDONLY);
    if (opened == -EPERM)
        cr_skip_test("SKIP-OK: opening handles is for root");
    cr_assert_geq(opened, 0);
    (void)close(opened);
    cr_assert_eq(renameat(at.fd, "file", at.fd, "renamed"), 0);
    opened = sfs_handle_open(at.fd, handle.type, handle.bytes, handle.length, O_PATH);
    cr_assert_geq(opened, 0);
    (void)close(opened);
    cr_assert_eq(unlinkat(at.fd, "renamed", 0), 0);
    cr_assert_eq(sfs_handle_open(at.fd, handle.type, handle.bytes, handle.length, O_PATH), -ESTALE);
}

Test(file, handle_of_nothing)
{
    struct sfs_handle handle = {.length = 3};
    cr_assert_eq(sfs_handle_get(at.fd, "missing", &handle), -ENOENT);
    cr_assert_eq(handle.length, 3); /* untouched */
}
