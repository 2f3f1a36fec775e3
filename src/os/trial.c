/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "os/trial.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/fd.h"
#include "os/namespace.h"
#include "os/tree.h"

/* The kernel's first request is there when mount(2) returns. */
#define HELLO_MS 200

/* linux/fuse.h, struct fuse_init_in: the second word of flags came with protocol 7.36. */
#define FLAGS_EXTENDED (1U << 30)

static void hear_kernel(int fd, struct sfs_trial *trial)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    if (poll(&wait, 1, HELLO_MS) != 1)
        return;
    _Alignas(8) char request[FUSE_MIN_READ_BUFFER];
    ssize_t got = read(fd, request, sizeof request);
    size_t head = sizeof(struct fuse_in_header);
    uint32_t words[5] = {0}; /* major, minor, max_readahead, flags, flags2 */
    if (got < (ssize_t)(head + 4 * sizeof words[0]))
        return;
    size_t length = (size_t)got - head;
    memcpy(words, request + head, length < sizeof words ? length : sizeof words);
    trial->major = words[0];
    trial->minor = words[1];
    trial->features = words[3] | ((words[3] & FLAGS_EXTENDED) != 0 ? (uint64_t)words[4] << 32 : 0);
}

static sfs_err mount_fuse(struct sfs_trial *trial)
{
    struct sfs_tree_mount fuse = {.source = "stablefs-doctor", .point = "/", .nosuid = true, .nodev = true};
    SFS_CLEANUP_FD int fd = -1;
    bool device = false;
    sfs_err r = sfs_tree_fuse(&fuse, &fd, &device);
    trial->step = device ? SFS_TRIAL_DEVICE : SFS_TRIAL_MOUNT;
    if (r == 0)
        hear_kernel(fd, trial);
    return r;
}

/* In the child. The root directory is a place that everybody has; what covers it is seen by nobody. */
static sfs_err try_here(enum sfs_trial_kind kind, bool user, struct sfs_trial *trial)
{
    trial->step = SFS_TRIAL_NAMESPACE;
    sfs_err r = sfs_namespace_enter(user);
    if (r < 0)
        return r;
    if (kind == SFS_TRIAL_FUSE)
        return mount_fuse(trial);
    trial->step = SFS_TRIAL_MOUNT;
    if (kind == SFS_TRIAL_BIND)
        return sfs_tree_show(&(struct sfs_tree_mount){.source = "/", .point = "/", .read_only = false});
    return mount("tmpfs", "/", "tmpfs", 0, NULL) < 0 ? -errno : 0;
}

struct sfs_trial sfs_trial_mount(enum sfs_trial_kind kind, bool user)
{
    struct sfs_trial trial = {.step = SFS_TRIAL_CHILD};
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) {
        trial.result = -errno;
        return trial;
    }
    pid_t pid = fork();
    if (pid == 0) {
        trial.result = try_here(kind, user, &trial);
        if (trial.result == 0)
            trial.step = SFS_TRIAL_DONE;
        _exit(sfs_fd_write_all(ends[1], &trial, sizeof trial) < 0);
    }
    trial.result = pid < 0 ? -errno : 0;
    sfs_close(ends[1]);
    struct sfs_trial told;
    if (pid > 0) {
        ssize_t got;
        do {
            got = read(ends[0], &told, sizeof told);
        } while (got < 0 && errno == EINTR);
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            ;
        trial.result = -EIO; /* it was killed: by a seccomp filter, say */
        if (got == (ssize_t)sizeof told)
            trial = told;
    }
    sfs_close(ends[0]);
    return trial;
}
