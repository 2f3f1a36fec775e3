/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "os/open.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "scratch.h"

static struct scratch at;

static void make(void)
{
    scratch_make(&at);
    cr_assert_eq(mkdirat(at.fd, "dir", 0755), 0);
    cr_assert_eq(mkdirat(at.fd, "dir/sub", 0755), 0);
    scratch_write(&at, "dir/sub/file", "text");
    scratch_write(&at, "file", "top");
    cr_assert_eq(symlinkat("dir", at.fd, "link"), 0);
    cr_assert_eq(symlinkat("file", at.fd, "dir/flink"), 0);
    cr_assert_eq(symlinkat("/etc", at.fd, "dir/out"), 0);
}

static void unmake(void)
{
    scratch_remove(&at);
}

TestSuite(open_beneath, .init = make, .fini = unmake);

static void gives(const char *path, int flags, int expected)
{
    int fd = sfs_open_beneath(at.fd, path, flags);
    if (expected == 0) {
        cr_assert_geq(fd, 0, "%s: %s", path, strerror(-fd));
        cr_assert(fcntl(fd, F_GETFD) & FD_CLOEXEC);
        (void)close(fd);
    } else {
        cr_assert_eq(fd, expected, "%s gave %d (%s)", path, fd, strerror(fd < 0 ? -fd : 0));
    }
}

/* Every path that is looked at, whichever way it goes. */
static void all_cases(void)
{
    gives("dir", O_PATH, 0);
    gives("dir/sub/file", O_RDONLY, 0);
    gives("dir/sub", O_RDONLY | O_DIRECTORY, 0);
    gives("missing", O_PATH, -ENOENT);
    gives("dir/missing/file", O_PATH, -ENOENT);
    gives("file/below", O_PATH | O_DIRECTORY, -ENOTDIR);
    gives("link/sub/file", O_PATH, -ELOOP);
    gives("dir/out/passwd", O_PATH, -ELOOP);
    gives("dir/flink", O_RDONLY, -ELOOP);
    gives("..", O_PATH, -EXDEV);
    gives("../..", O_PATH, -EXDEV);
    gives("dir/../..", O_PATH, -EXDEV);
    /* what does not lead out is refused all the same: the ways of opening would differ in it */
    gives("dir/..", O_PATH, -EXDEV);
    gives("dir/../dir", O_PATH, -EXDEV);
    gives(".", O_PATH, -EXDEV);
    gives("dir/.", O_PATH, -EXDEV);
    gives("./dir", O_PATH, -EXDEV);
    gives("dir//sub", O_PATH, -EXDEV);
    gives("dir/", O_PATH, -EXDEV);
    gives("/dir", O_PATH, -EXDEV);
    gives("/", O_PATH, -EXDEV);
    gives("", O_PATH, -ENOENT);
    scratch_write(&at, "..name", "odd");
    gives("..name", O_PATH, 0);
}

Test(open_beneath, paths)
{
    all_cases();
    /* the way taken at the end may not matter: a file opened by O_PATH is the file */
    int fd = sfs_open_beneath(at.fd, "dir/sub/file", O_PATH);
    struct stat by_fd, by_path;
    cr_assert_eq(fstat(fd, &by_fd), 0);
    cr_assert_eq(fstatat(at.fd, "dir/sub/file", &by_path, 0), 0);
    cr_assert_eq(by_fd.st_ino, by_path.st_ino);
    (void)close(fd);
}

/* Forbid openat2(2) from here on, in this process (each test is one), as old kernels or container filters do. */
static void forbid_openat2(unsigned errnum)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | errnum),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof code[0], code};
    cr_assert_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    cr_assert_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
    struct open_how how = {.flags = O_PATH};
    cr_assert_eq(syscall(SYS_openat2, at.fd, "dir", &how, sizeof how), -1);
    cr_assert_eq((unsigned)errno, errnum);
}

Test(open_beneath, without_openat2)
{
    forbid_openat2(ENOSYS);
    all_cases();
}

Test(open_beneath, with_openat2_forbidden)
{
    forbid_openat2(EPERM);
    all_cases();
}

/* 40 directories with names of 200 bytes are 8 KiB of path. */
static char *deep_path(void)
{
    enum { DEPTH = 40, NAME = 200 };
    char *path = malloc(DEPTH * (NAME + 1) + 8);
    char name[NAME + 1];
    size_t used = 0;
    int dfd = dup(at.fd);
    for (int i = 0; i < DEPTH; i++) {
        memset(name, 'a' + i % 26, NAME);
        name[NAME] = '\0';
        cr_assert_eq(mkdirat(dfd, name, 0755), 0);
        int next = openat(dfd, name, O_PATH);
        (void)close(dfd);
        dfd = next;
        memcpy(path + used, name, NAME);
        path[used + NAME] = '/';
        used += NAME + 1;
    }
    strcpy(path + used, "end");
    int fd = openat(dfd, "end", O_WRONLY | O_CREAT, 0644);
    cr_assert_geq(fd, 0);
    (void)close(fd);
    (void)close(dfd);
    cr_assert_gt(strlen(path), PATH_MAX);
    return path;
}

Test(open_beneath, longer_than_path_max)
{
    char *path = deep_path();
    gives(path, O_RDONLY, 0);
    path[strlen(path) - 1] = 'x';
    gives(path, O_RDONLY, -ENOENT);
    free(path);
}

Test(open_beneath, longer_than_path_max_without_openat2)
{
    char *path = deep_path();
    forbid_openat2(ENOSYS);
    gives(path, O_RDONLY, 0);
    free(path);
}

Test(open_beneath, one_name_longer_than_a_path)
{
    char *name = malloc(PATH_MAX + 100);
    memset(name, 'n', PATH_MAX + 99);
    name[PATH_MAX + 99] = '\0';
    gives(name, O_PATH, -ENAMETOOLONG);
    name[300] = '\0';
    gives(name, O_PATH, -ENAMETOOLONG);
    free(name);
}

static void unmounted_gives(int dfd, const char *name, mode_t type)
{
    struct stat st;
    int fd = sfs_open_unmounted(dfd, name);
    cr_assert_geq(fd, 0, "%s: %s", name, strerror(-fd));
    cr_assert_eq(fstat(fd, &st), 0);
    cr_assert_eq(st.st_mode & S_IFMT, type, "%s", name);
    (void)close(fd);
}

Test(open_beneath, unmounted)
{
    unmounted_gives(at.fd, "dir", S_IFDIR);
    unmounted_gives(at.fd, "file", S_IFREG);
    unmounted_gives(at.fd, "link", S_IFLNK);
    cr_assert_eq(sfs_open_unmounted(at.fd, "missing"), -ENOENT);
    int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    cr_assert_eq(sfs_open_unmounted(root, "proc"), -EXDEV);
    (void)close(root);
}
