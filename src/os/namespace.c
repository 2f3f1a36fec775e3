/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "os/namespace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "os/fd.h"
#include "os/process.h"

#ifndef NS_GET_MNTNS_ID /* linux/nsfs.h of Linux 6.11 */
#define NS_GET_MNTNS_ID _IOR(0xb7, 0x5, uint64_t)
#endif

static sfs_err write_file(const char *path, const char *text)
{
    SFS_CLEANUP_FD int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    return sfs_fd_write_all(fd, text, strlen(text));
}

/* user_namespaces(7): one line for an own id; the gid only after setgroups(2) was given up. */
static sfs_err map_own_ids(uid_t uid, gid_t gid)
{
    char text[64];
    (void)snprintf(text, sizeof text, "%lu %lu 1\n", (unsigned long)uid, (unsigned long)uid);
    sfs_err r = write_file("/proc/self/uid_map", text);
    if (r == 0)
        r = write_file("/proc/self/setgroups", "deny");
    (void)snprintf(text, sizeof text, "%lu %lu 1\n", (unsigned long)gid, (unsigned long)gid);
    return r == 0 ? write_file("/proc/self/gid_map", text) : r;
}

sfs_err sfs_namespace_enter(bool user)
{
    uid_t uid = geteuid();
    gid_t gid = getegid();
    if (unshare(CLONE_NEWNS | (user ? CLONE_NEWUSER : 0)) < 0)
        return -errno;
    sfs_err r = user ? map_own_ids(uid, gid) : 0;
    if (r == 0 && mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
        r = -errno;
    return r;
}

/* Mounting anything shows whether a security module lets the namespace have its capabilities. */
static sfs_err try_here(void)
{
    sfs_err r = sfs_namespace_enter(true);
    if (r == 0 && mount("tmpfs", "/", "tmpfs", 0, NULL) < 0)
        r = -errno;
    return r;
}

sfs_err sfs_namespace_try_user(void)
{
    pid_t pid = fork();
    if (pid < 0)
        return -errno;
    if (pid == 0) {
        sfs_err r = try_here();
        _exit(-r <= 255 ? -r : 255);
    }
    int status = 0;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return -errno;
    }
    return WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
}

static uint64_t id_of(int proc, const char *path)
{
    SFS_CLEANUP_FD int fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
    uint64_t id = 0;
    return fd >= 0 && ioctl(fd, NS_GET_MNTNS_ID, &id) == 0 ? id : 0;
}

/* Whether the task of /proc ("123", "123/task/124") is in that very namespace; -ENOENT when it has none any more. */
static sfs_err is_in(int proc, const char *task, const struct sfs_namespace *space)
{
    char path[128];
    struct stat stat;
    (void)snprintf(path, sizeof path, "%s/ns/mnt", task);
    if (fstatat(proc, path, &stat, 0) < 0)
        return -errno;
    if (stat.st_dev != space->device || stat.st_ino != space->inode)
        return 0;
    return space->id == 0 || id_of(proc, path) == space->id;
}

sfs_err sfs_namespace_own(struct sfs_namespace *ret)
{
    static const char own[] = "/proc/self/ns/mnt";
    struct stat at;
    if (stat(own, &at) < 0)
        return -errno;
    *ret = (struct sfs_namespace){at.st_dev, at.st_ino, id_of(AT_FDCWD, own)};
    return 0;
}

/* A process whose first thread has ended shows its namespace only in the others. */
static bool belongs(int proc, const char *process, const struct sfs_namespace *space)
{
    sfs_err in = is_in(proc, process, space);
    if (in != -ENOENT)
        return in > 0;
    char path[64];
    (void)snprintf(path, sizeof path, "%.20s/task", process);
    int fd = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    SFS_CLEANUP_DIR DIR *tasks = fd >= 0 ? fdopendir(fd) : NULL;
    if (tasks == NULL) {
        sfs_close(fd);
        return false;
    }
    for (const struct dirent *entry = readdir(tasks); entry != NULL; entry = readdir(tasks)) {
        if (entry->d_name[0] != '.' && is_in(dirfd(tasks), entry->d_name, space) > 0)
            return true;
    }
    return false;
}

static bool is_called(pid_t pid, const char *name)
{
    char command[SFS_PROCESS_COMMAND_SIZE];
    if (name == NULL)
        return false;
    sfs_process_command(pid, command);
    return strcmp(command, name) == 0;
}

/* The process is held while it is looked at: afterwards its number could be another's. */
static sfs_err kill_if_it_belongs(int proc, pid_t pid, const char *process, const struct sfs_namespace *space)
{
    SFS_CLEANUP_FD int fd = pidfd_open(pid, 0);
    if (!belongs(proc, process, space))
        return 0;
    (void)(fd >= 0 ? pidfd_send_signal(fd, SIGKILL, NULL, 0) : kill(pid, SIGKILL));
    return 1;
}

static sfs_err visit(const struct sfs_namespace *space, bool with_kill, const char *spare)
{
    SFS_CLEANUP_DIR DIR *proc = opendir("/proc");
    if (proc == NULL)
        return -errno;
    sfs_err count = 0;
    for (const struct dirent *entry = readdir(proc); entry != NULL; entry = readdir(proc)) {
        char *end;
        long pid = strtol(entry->d_name, &end, 10);
        if (*end != '\0' || pid <= 0 || pid == getpid())
            continue;
        if (with_kill && !is_called((pid_t)pid, spare))
            count += kill_if_it_belongs(dirfd(proc), (pid_t)pid, entry->d_name, space);
        else if (belongs(dirfd(proc), entry->d_name, space))
            count++;
    }
    return count;
}

sfs_err sfs_namespace_count(const struct sfs_namespace *space)
{
    return visit(space, false, NULL);
}

sfs_err sfs_namespace_kill(const struct sfs_namespace *space, const char *spare)
{
    return visit(space, true, spare);
}

sfs_err sfs_namespace_open(pid_t pid, struct sfs_namespace_process *ret)
{
    char path[32];
    (void)snprintf(path, sizeof path, "/proc/%ld", (long)pid);
    SFS_CLEANUP_NAMESPACE_PROCESS struct sfs_namespace_process process = SFS_NAMESPACE_PROCESS_INIT;
    process.proc = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (process.proc < 0)
        return -errno;
    process.mounts = openat(process.proc, "ns/mnt", O_RDONLY | O_CLOEXEC);
    if (process.mounts < 0)
        return -errno;
    struct sfs_namespace own;
    sfs_err r = sfs_namespace_own(&own);
    struct stat stat;
    if (r == 0 && fstat(process.mounts, &stat) < 0)
        r = -errno;
    if (r == 0 && stat.st_dev == own.device && stat.st_ino == own.inode)
        r = -EEXIST;
    if (r < 0)
        return r;
    process.root = openat(process.proc, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (process.root < 0)
        return -errno;
    *ret = process;
    process = (struct sfs_namespace_process)SFS_NAMESPACE_PROCESS_INIT;
    return 0;
}

void sfs_namespace_release(struct sfs_namespace_process *process)
{
    sfs_close(process->proc);
    sfs_close(process->root);
    sfs_close(process->mounts);
    *process = (struct sfs_namespace_process)SFS_NAMESPACE_PROCESS_INIT;
}

sfs_err sfs_namespace_join(const struct sfs_namespace_process *process)
{
    return setns(process->mounts, CLONE_NEWNS) < 0 ? -errno : 0;
}
