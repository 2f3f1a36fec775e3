/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "os/open.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "os/fd.h"

/* how much of a path goes into one openat2(2); below PATH_MAX, which counts the NUL */
enum { CHUNK = 4000 };

/* how often the kernel may say that a walk has to be tried again */
enum { ATTEMPTS = 100 };

/* the call was refused once as unknown (old kernel) or by a seccomp filter: no use to ask again */
static atomic_bool openat2_missing;

static sfs_err open_by_openat2(int dfd, const char *path, int flags, uint64_t resolve)
{
    struct open_how how = {
        .flags = (unsigned)(flags | O_CLOEXEC | O_NOFOLLOW),
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | resolve,
    };
    sfs_err fd = -EAGAIN;
    /* EAGAIN: a rename or a mount elsewhere raced with the walk (openat2(2)) */
    for (int attempt = 0; attempt < ATTEMPTS && (fd == -EAGAIN || fd == -EINTR); attempt++) {
        fd = (sfs_err)syscall(SYS_openat2, dfd, path, &how, sizeof how);
        if (fd < 0)
            fd = -errno;
    }
    return fd;
}

static sfs_err open_component(int dfd, const char *name, int flags)
{
    int fd = openat(dfd, name, flags | O_NOFOLLOW | O_CLOEXEC);
    return fd >= 0 ? fd : -errno;
}

static bool is_symlink(int dfd, const char *name)
{
    struct stat at;
    return fstatat(dfd, name, &at, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(at.st_mode);
}

/* The same promise without openat2: every step is a single name that is not a symlink. */
static sfs_err open_by_components(int dfd, char *path, int flags)
{
    SFS_CLEANUP_FD int held = -1;
    char *rest = NULL;
    for (char *name = strtok_r(path, "/", &rest); name != NULL;) {
        char *next = strtok_r(NULL, "/", &rest);
        int at = held >= 0 ? held : dfd;
        /* a symlink under O_PATH|O_NOFOLLOW opens as itself; O_DIRECTORY refuses it */
        int fd = open_component(at, name, next != NULL ? O_PATH | O_DIRECTORY : flags);
        if (fd < 0)
            return fd == -ENOTDIR && next != NULL && is_symlink(at, name) ? -ELOOP : fd;
        sfs_close(held);
        held = fd;
        name = next;
    }
    return SFS_TAKE_FD(held);
}

static sfs_err open_chunk(int dfd, char *path, int flags)
{
    if (!atomic_load_explicit(&openat2_missing, memory_order_relaxed)) {
        sfs_err fd = open_by_openat2(dfd, path, flags, 0);
        if (fd != -ENOSYS && fd != -EPERM && fd != -EAGAIN)
            return fd;
        /* EPERM is how container runtimes' filters refuse what they do not know; a real one comes back below */
        if (fd == -ENOSYS)
            atomic_store_explicit(&openat2_missing, true, memory_order_relaxed);
    }
    return open_by_components(dfd, path, flags);
}

/* Names only, with one slash between: the two ways of opening differ in what they make of anything else. */
static sfs_err check_names(const char *path)
{
    if (path[0] == '\0')
        return -ENOENT;
    for (const char *name = path;; name++) {
        size_t length = strcspn(name, "/");
        if (length == 0 || (name[0] == '.' && (length == 1 || (length == 2 && name[1] == '.'))))
            return -EXDEV;
        name += length;
        if (*name == '\0')
            return 0;
    }
}

sfs_err sfs_open_beneath(int dfd, const char *path, int flags)
{
    sfs_err r = check_names(path);
    if (r < 0)
        return r;
    SFS_CLEANUP_FD int held = -1;
    for (;;) {
        size_t length = strlen(path);
        bool last = length <= CHUNK;
        if (!last) {
            length = CHUNK;
            while (length > 0 && path[length] != '/')
                length--;
            if (length == 0)
                return -ENAMETOOLONG;
        }
        char chunk[CHUNK + 1];
        memcpy(chunk, path, length);
        chunk[length] = '\0';
        int fd = open_chunk(held >= 0 ? held : dfd, chunk, last ? flags : O_PATH | O_DIRECTORY);
        if (fd < 0 || last)
            return fd;
        sfs_close(held);
        held = fd;
        path += length + 1;
    }
}

sfs_err sfs_open_unmounted(int dfd, const char *name)
{
    return open_by_openat2(dfd, name, O_PATH, RESOLVE_NO_XDEV);
}
