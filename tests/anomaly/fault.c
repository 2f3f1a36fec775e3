/* SPDX-License-Identifier: MIT */
/*
 * Preloaded into the daemon: makes one chosen call fail.  The driver (anomaly.py) shares a page with every process that
 * has this library, named by $SFS_FAULT_CONTROL:
 *
 *   armed     0: nothing fails; else 1: allocations, 2: calls of the system, 3: either
 *   fail_at   which call fails, counted from 1 since the driver set count to 0; 0: none, calls are only counted
 *   errnum    what a failing call of the system says; allocations say ENOMEM
 *   fired     set when it has failed; name: which function it was
 *
 * Left alone is what has no way to fail or no way to go on: close, munmap, locking, and the reads and writes of
 * /dev/fuse (a reply that cannot be written leaves its caller waiting, as the kernel has it).
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

enum { ALLOCATION = 1, SYSTEM = 2 };

struct control {
    _Atomic uint32_t armed;
    _Atomic uint32_t fired;
    _Atomic uint64_t count;
    _Atomic uint64_t fail_at;
    _Atomic int32_t errnum;
    char name[60];
};

static struct control *control;

__attribute__((constructor)) static void attach(void)
{
    const char *path = getenv("SFS_FAULT_CONTROL");
    if (path == NULL)
        return;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return;
    void *page = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    (void)syscall(SYS_close, fd);
    if (page != MAP_FAILED)
        control = page;
}

static int is_in(const void *caller, const char *library)
{
    Dl_info from;
    return dladdr(caller, &from) != 0 && from.dli_fname != NULL && strstr(from.dli_fname, library) != NULL;
}

/*
 * Calls of others that are not made to fail.  libseccomp 2.5 loops for ever or crashes in seccomp_load() when an
 * allocation fails, and the dynamic linker forgets what it had when dlopen() gives up: neither is ours to mend.
 */
static int is_spared(const void *caller)
{
    return is_in(caller, "libseccomp") || is_in(caller, "ld-linux");
}

/* "NAME", or "NAME in libfuse": where that lacks memory for a request, it answers it without asking anybody. */
static void record(const char *name, const void *caller)
{
    const char *parts[] = {name, is_in(caller, "libfuse") ? " in libfuse" : ""};
    size_t used = 0;
    for (size_t part = 0; part < 2; part++)
        for (const char *at = parts[part]; *at != '\0' && used + 1 < sizeof control->name; at++)
            control->name[used++] = *at;
    control->name[used] = '\0';
}

/* Whether this call is the one; then errno is set. */
static int fails_for(uint32_t kind, const char *name, const void *caller)
{
    if (control == NULL || (atomic_load(&control->armed) & kind) == 0 || is_spared(caller))
        return 0;
    if (atomic_fetch_add(&control->count, 1) + 1 != atomic_load(&control->fail_at))
        return 0;
    record(name, caller);
    atomic_store(&control->fired, 1);
    errno = kind == ALLOCATION ? ENOMEM : atomic_load(&control->errnum);
    return 1;
}

#define fails(kind, name) fails_for((kind), (name), __builtin_return_address(0))

/* --- allocations ----------------------------------------------------------------------------------------------------- */

/* dlsym() may allocate before the real functions are known: from here, and never freed. */
static _Alignas(16) char early[8192];
static size_t early_used;

static void *early_alloc(size_t size)
{
    size_t at = early_used;
    early_used += (size + 15) & ~(size_t)15;
    return early_used <= sizeof early ? early + at : NULL;
}

static int is_early(const void *pointer)
{
    return (const char *)pointer >= early && (const char *)pointer < early + sizeof early;
}

static void *(*real_malloc)(size_t);
static void *(*real_calloc)(size_t, size_t);
static void *(*real_realloc)(void *, size_t);
static void (*real_free)(void *);

static int resolve(void)
{
    static int resolving;
    if (real_free != NULL)
        return 1;
    if (resolving)
        return 0;
    resolving = 1;
    real_malloc = (void *(*)(size_t))dlsym(RTLD_NEXT, "malloc");
    real_calloc = (void *(*)(size_t, size_t))dlsym(RTLD_NEXT, "calloc");
    real_realloc = (void *(*)(void *, size_t))dlsym(RTLD_NEXT, "realloc");
    real_free = (void (*)(void *))dlsym(RTLD_NEXT, "free");
    resolving = 0;
    return real_free != NULL;
}

void *malloc(size_t size)
{
    if (!resolve())
        return early_alloc(size);
    return fails(ALLOCATION, "malloc") ? NULL : real_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    if (!resolve())
        return early_alloc(count * size); /* static: zero */
    return fails(ALLOCATION, "calloc") ? NULL : real_calloc(count, size);
}

void *realloc(void *pointer, size_t size)
{
    if (!resolve() || is_early(pointer)) {
        void *moved = malloc(size);
        if (moved != NULL && pointer != NULL)
            memcpy(moved, pointer, size);
        return moved;
    }
    return fails(ALLOCATION, "realloc") ? NULL : real_realloc(pointer, size);
}

void free(void *pointer)
{
    if (pointer != NULL && !is_early(pointer) && resolve())
        real_free(pointer);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* These allocate inside libc (or a sanitizer), out of reach of the wrappers above. */
char *strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = malloc(size);
    return copy != NULL ? memcpy(copy, text, size) : NULL;
}

char *strndup(const char *text, size_t most)
{
    size_t size = strnlen(text, most);
    char *copy = malloc(size + 1);
    if (copy == NULL)
        return NULL;
    memcpy(copy, text, size);
    copy[size] = '\0';
    return copy;
}

void *reallocarray(void *pointer, size_t count, size_t size)
{
    size_t all;
    if (__builtin_mul_overflow(count, size, &all)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(pointer, all);
}

int posix_memalign(void **ret, size_t alignment, size_t size)
{
    return fails(ALLOCATION, "posix_memalign") ? ENOMEM : REAL(posix_memalign)(ret, alignment, size);
}

/* --- the system ------------------------------------------------------------------------------------------------------ */

#define WRAP(type, name, parameters, arguments)                                                                        \
    type name parameters                                                                                               \
    {                                                                                                                  \
        static type(*_Atomic real) parameters;                                                                         \
        if (real == NULL)                                                                                              \
            real = (type(*) parameters)dlsym(RTLD_NEXT, #name);                                                        \
        return fails(SYSTEM, #name) ? (type)-1 : real arguments;                                                       \
    }

/* open(2) and the like take a mode only sometimes; passing one always is what libc itself does */
#define WRAP_OPEN(name)                                                                                                \
    int name(const char *path, int flags, ...)                                                                         \
    {                                                                                                                  \
        va_list args;                                                                                                  \
        va_start(args, flags);                                                                                         \
        mode_t mode = va_arg(args, mode_t);                                                                            \
        va_end(args);                                                                                                  \
        return fails(SYSTEM, #name) ? -1 : REAL(name)(path, flags, mode);                                              \
    }
#define WRAP_OPENAT(name)                                                                                              \
    int name(int dfd, const char *path, int flags, ...)                                                                \
    {                                                                                                                  \
        va_list args;                                                                                                  \
        va_start(args, flags);                                                                                         \
        mode_t mode = va_arg(args, mode_t);                                                                            \
        va_end(args);                                                                                                  \
        return fails(SYSTEM, #name) ? -1 : REAL(name)(dfd, path, flags, mode);                                         \
    }
WRAP_OPEN(open)
WRAP_OPEN(open64)
WRAP_OPENAT(openat)
WRAP_OPENAT(openat64)

/* openat2(2) has no wrapper in libc; identities and capabilities are taken by syscall(2), too */
long syscall(long number, ...)
{
    va_list args;
    va_start(args, number);
    long a = va_arg(args, long), b = va_arg(args, long), c = va_arg(args, long), d = va_arg(args, long),
         e = va_arg(args, long), f = va_arg(args, long);
    va_end(args);
    if (number == SYS_openat2 && fails(SYSTEM, "openat2"))
        return -1;
    if (number == SYS_setgroups && fails(SYSTEM, "setgroups"))
        return -1;
    static __typeof__(&syscall) real;
    if (real == NULL)
        real = REAL(syscall);
    return real(number, a, b, c, d, e, f);
}

#define WRAP_POINTER_ARG(name, before, ...)                                                                            \
    int name(before, ...)                                                                                              \
    {                                                                                                                  \
        va_list args;                                                                                                  \
        va_start(args, request);                                                                                       \
        void *value = va_arg(args, void *);                                                                            \
        va_end(args);                                                                                                  \
        return fails(SYSTEM, #name) ? -1 : REAL(name)(__VA_ARGS__, value);                                             \
    }
#define COMMA ,
WRAP_POINTER_ARG(fcntl, int fd COMMA int request, fd, request)
WRAP_POINTER_ARG(fcntl64, int fd COMMA int request, fd, request)
WRAP_POINTER_ARG(ioctl, int fd COMMA unsigned long request, fd, request)

WRAP(int, statx, (int dfd, const char *path, int flags, unsigned mask, struct statx *ret),
     (dfd, path, flags, mask, ret))
WRAP(int, fstat64, (int fd, struct stat64 *ret), (fd, ret))
WRAP(int, stat64, (const char *path, struct stat64 *ret), (path, ret))
WRAP(int, lstat64, (const char *path, struct stat64 *ret), (path, ret))
WRAP(int, statfs64, (const char *path, struct statfs64 *ret), (path, ret))
WRAP(int, fstatvfs64, (int fd, struct statvfs64 *ret), (fd, ret))
WRAP(ssize_t, pread64, (int fd, void *data, size_t size, off64_t at), (fd, data, size, at))
WRAP(ssize_t, pwrite64, (int fd, const void *data, size_t size, off64_t at), (fd, data, size, at))
WRAP(ssize_t, copy_file_range, (int in, off64_t *in_at, int out, off64_t *out_at, size_t size, unsigned flags),
     (in, in_at, out, out_at, size, flags))
WRAP(off64_t, lseek64, (int fd, off64_t at, int whence), (fd, at, whence))
WRAP(ssize_t, readlinkat, (int dfd, const char *path, char *text, size_t size), (dfd, path, text, size))
WRAP(ssize_t, readlink, (const char *path, char *text, size_t size), (path, text, size))
WRAP(ssize_t, getdents64, (int fd, void *data, size_t size), (fd, data, size))
WRAP(int, mkdir, (const char *path, mode_t mode), (path, mode))
WRAP(int, mkdirat, (int dfd, const char *path, mode_t mode), (dfd, path, mode))
WRAP(int, mknodat, (int dfd, const char *path, mode_t mode, dev_t device), (dfd, path, mode, device))
WRAP(int, unlinkat, (int dfd, const char *path, int flags), (dfd, path, flags))
WRAP(int, symlinkat, (const char *target, int dfd, const char *path), (target, dfd, path))
WRAP(int, linkat, (int dfd, const char *path, int to_dfd, const char *to, int flags), (dfd, path, to_dfd, to, flags))
WRAP(int, renameat2, (int dfd, const char *path, int to_dfd, const char *to, unsigned flags),
     (dfd, path, to_dfd, to, flags))
WRAP(int, fchownat, (int dfd, const char *path, uid_t uid, gid_t gid, int flags), (dfd, path, uid, gid, flags))
WRAP(int, chmod, (const char *path, mode_t mode), (path, mode))
WRAP(int, fchmod, (int fd, mode_t mode), (fd, mode))
WRAP(int, truncate64, (const char *path, off64_t size), (path, size))
WRAP(int, ftruncate64, (int fd, off64_t size), (fd, size))
WRAP(int, fallocate64, (int fd, int mode, off64_t at, off64_t size), (fd, mode, at, size))
WRAP(int, utimensat, (int dfd, const char *path, const struct timespec times[2], int flags), (dfd, path, times, flags))
WRAP(int, fsync, (int fd), (fd))
WRAP(int, fdatasync, (int fd), (fd))
WRAP(int, flock, (int fd, int operation), (fd, operation))
WRAP(ssize_t, getxattr, (const char *path, const char *name, void *value, size_t size), (path, name, value, size))
WRAP(ssize_t, listxattr, (const char *path, char *list, size_t size), (path, list, size))
WRAP(int, setxattr, (const char *path, const char *name, const void *value, size_t size, int flags),
     (path, name, value, size, flags))
WRAP(int, removexattr, (const char *path, const char *name), (path, name))
WRAP(int, name_to_handle_at, (int dfd, const char *path, struct file_handle *handle, int *mount, int flags),
     (dfd, path, handle, mount, flags))
WRAP(int, open_by_handle_at, (int mount, struct file_handle *handle, int flags), (mount, handle, flags))
WRAP(int, unshare, (int flags), (flags))
WRAP(int, timer_create, (clockid_t clock, struct sigevent *event, timer_t *ret), (clock, event, ret))
/* starting */
WRAP(int, mount, (const char *source, const char *target, const char *type, unsigned long flags, const void *data),
     (source, target, type, flags, data))
WRAP(int, pipe2, (int ends[2], int flags), (ends, flags))
WRAP(int, socket, (int domain, int type, int protocol), (domain, type, protocol))
WRAP(int, bind, (int fd, const struct sockaddr *address, socklen_t length), (fd, address, length))
WRAP(int, listen, (int fd, int backlog), (fd, backlog))
WRAP(int, eventfd, (unsigned count, int flags), (count, flags))
WRAP(int, signalfd, (int fd, const sigset_t *mask, int flags), (fd, mask, flags))
WRAP(int, chdir, (const char *path), (path))
WRAP(pid_t, fork, (void), ())

FILE *fopen64(const char *path, const char *mode)
{
    return fails(SYSTEM, "fopen") ? NULL : REAL(fopen64)(path, mode);
}

DIR *opendir(const char *path)
{
    return fails(SYSTEM, "opendir") ? NULL : REAL(opendir)(path);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *arg)
{
    return fails(SYSTEM, "pthread_create") ? EAGAIN : REAL(pthread_create)(thread, attr, start, arg);
}
