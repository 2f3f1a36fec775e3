/* SPDX-License-Identifier: MIT */
/* One thread's own subtree: every operation is done in the map and in a model, and both must agree, errors included. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "race.h"

enum { NAMES = 8, DEPTH_MOST = 5, DATA_MOST = 200 * 1024, KEPT = 4, PATH_ROOM = 2048 };

struct node {
    mode_t type;
    mode_t mode;
    unsigned links; /* names; directories: 1 */
    unsigned opens; /* kept descriptors */
    ino_t ino;      /* 0: not seen yet */
    unsigned char *data;
    size_t size;
    char xattr[64]; /* "": none */
    struct node *entries[NAMES];
    struct node *parent; /* of a directory */
    char target[64];
};

struct kept {
    int fd;
    struct node *node;
};

struct own {
    struct thread *thread;
    int root_fd;
    struct node *root;
    struct kept kept[KEPT];
    char names[NAMES][256];
    unsigned char room[DATA_MOST];
    bool has_xattrs;
    bool has_maps; /* shared mappings: not with io=direct on every libfuse */
};

/* A place in the tree: a directory, one of the names, and how it is called from the thread's root. */
struct place {
    struct node *dir;
    unsigned name;
    unsigned depth;
    struct node *node; /* what is there, or NULL */
    char path[PATH_ROOM];
};

#define RANDOM(own, limit) race_random((own)->thread, (limit))
#define FAIL(own, ...) race_fail((own)->thread, __VA_ARGS__)

static struct node *node_new(struct own *own, mode_t type, mode_t mode)
{
    struct node *node = calloc(1, sizeof *node);
    if (node == NULL)
        FAIL(own, "out of memory");
    node->type = type;
    node->mode = mode;
    node->links = 1;
    return node;
}

static void node_drop(struct node *node)
{
    if (node->links > 0 || node->opens > 0)
        return;
    free(node->data);
    free(node);
}

static void pick(struct own *own, struct place *ret)
{
    struct node *dir = own->root;
    size_t used = 0;
    ret->depth = 0;
    ret->path[0] = '\0';
    for (;;) {
        ret->name = (unsigned)RANDOM(own, NAMES);
        ret->dir = dir;
        ret->node = dir->entries[ret->name];
        used += (size_t)snprintf(ret->path + used, sizeof ret->path - used, "%s%s", used > 0 ? "/" : "",
                                 own->names[ret->name]);
        if (ret->node == NULL || ret->node->type != S_IFDIR || RANDOM(own, 3) == 0)
            return;
        dir = ret->node;
        ret->depth++;
    }
}

/* The call gave r (and errno); it should give expected (0 or an errno value). Returns whether both say success. */
static bool agree(struct own *own, const char *what, const char *path, int r, int expected)
{
    int got = r < 0 ? errno : 0;
    if (got != expected)
        FAIL(own, "%s %s: got %s, the model says %s", what, path, got ? strerrorname_np(got) : "success",
             expected ? strerrorname_np(expected) : "success");
    return r >= 0;
}

static void check_stat(struct own *own, const char *path, struct node *node, const struct stat *st)
{
    if ((st->st_mode & S_IFMT) != node->type)
        FAIL(own, "%s: type %o instead of %o", path, st->st_mode & S_IFMT, node->type);
    if (node->type != S_IFLNK && (st->st_mode & 07777) != node->mode)
        FAIL(own, "%s: mode %o instead of %o", path, st->st_mode & 07777, node->mode);
    if (node->type == S_IFREG && (size_t)st->st_size != node->size)
        FAIL(own, "%s: size %jd instead of %zu", path, (intmax_t)st->st_size, node->size);
    if (node->type != S_IFDIR && st->st_nlink != node->links)
        FAIL(own, "%s: %ju links instead of %u", path, (uintmax_t)st->st_nlink, node->links);
    if (node->ino != 0 && st->st_ino != node->ino)
        FAIL(own, "%s: inode number %ju, before it was %ju", path, (uintmax_t)st->st_ino, (uintmax_t)node->ino);
    node->ino = st->st_ino;
}

static void do_stat(struct own *own)
{
    struct place at;
    pick(own, &at);
    struct stat st;
    if (agree(own, "stat", at.path, fstatat(own->root_fd, at.path, &st, AT_SYMLINK_NOFOLLOW), at.node ? 0 : ENOENT))
        check_stat(own, at.path, at.node, &st);
}

/* --- content ------------------------------------------------------------------------------------------------------- */

static void check_content(struct own *own, const char *path, int fd, const struct node *node)
{
    size_t got = 0;
    for (ssize_t n; (n = pread(fd, own->room + got, sizeof own->room - got, (off_t)got)) != 0; got += (size_t)n)
        if (n < 0)
            FAIL(own, "read %s", path);
    if (got != node->size)
        FAIL(own, "read %s: %zu bytes instead of %zu", path, got, node->size);
    for (size_t i = 0; i < got; i++)
        if (own->room[i] != node->data[i])
            FAIL(own, "read %s: byte %zu of %zu is %02x instead of %02x", path, i, got, own->room[i], node->data[i]);
}

static void resize(struct own *own, struct node *node, size_t size)
{
    unsigned char *data = realloc(node->data, size > 0 ? size : 1);
    if (data == NULL)
        FAIL(own, "out of memory");
    if (size > node->size)
        memset(data + node->size, 0, size - node->size);
    node->data = data;
    node->size = size;
}

static void write_some(struct own *own, const char *path, int fd, struct node *node)
{
    size_t most = RANDOM(own, 10) == 0 ? DATA_MOST : 9000;
    size_t at = RANDOM(own, most), size = RANDOM(own, most - at);
    race_pattern(own->room, size, RANDOM(own, UINT64_MAX));
    ssize_t n = pwrite(fd, own->room, size, (off_t)at);
    if (n != (ssize_t)size)
        FAIL(own, "write %s: %zd of %zu", path, n, size);
    if (size > 0 && at + size > node->size)
        resize(own, node, at + size);
    memcpy(node->data != NULL ? node->data + at : own->room, own->room, node->data != NULL ? size : 0);
}

static void truncate_some(struct own *own, const char *path, int fd, struct node *node)
{
    size_t size = RANDOM(own, 12000);
    if (ftruncate(fd, (off_t)size) < 0)
        FAIL(own, "ftruncate %s to %zu", path, size);
    resize(own, node, size);
}

static void map_some(struct own *own, const char *path, int fd, struct node *node)
{
    if (node->size == 0 || !own->has_maps)
        return;
    unsigned char *mapped = mmap(NULL, node->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (mapped == MAP_FAILED)
        FAIL(own, "mmap %s", path);
    size_t at = RANDOM(own, node->size);
    mapped[at] ^= 0x5a;
    node->data[at] ^= 0x5a;
    if (munmap(mapped, node->size) < 0)
        FAIL(own, "munmap %s", path);
}

static void change_some(struct own *own, const char *path, int fd, struct node *node)
{
    switch (RANDOM(own, 6)) {
    case 0:
        truncate_some(own, path, fd, node);
        break;
    case 1:
        map_some(own, path, fd, node);
        break;
    case 2:
        if (fsync(fd) < 0)
            FAIL(own, "fsync %s", path);
        break;
    default:
        write_some(own, path, fd, node);
    }
    check_content(own, path, fd, node);
}

static void do_create(struct own *own)
{
    struct place at;
    pick(own, &at);
    mode_t mode = RANDOM(own, 4) == 0 ? 0444 : 0644; /* 0444: writable all the same by who makes it */
    int fd = openat(own->root_fd, at.path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (!agree(own, "create", at.path, fd, at.node ? EEXIST : 0))
        return;
    struct node *node = at.dir->entries[at.name] = node_new(own, S_IFREG, mode);
    write_some(own, at.path, fd, node);
    check_content(own, at.path, fd, node);
    (void)close(fd);
}

static int open_expected(const struct node *node, bool writes)
{
    if (node == NULL)
        return ENOENT;
    if (node->type == S_IFLNK)
        return ELOOP;
    if (node->type == S_IFDIR && writes)
        return EISDIR;
    return writes && (node->mode & 0200) == 0 && geteuid() != 0 ? EACCES : 0;
}

static void do_open(struct own *own)
{
    struct place at;
    pick(own, &at);
    bool writes = RANDOM(own, 2) == 0;
    bool cuts = writes && RANDOM(own, 6) == 0;
    int flags = (writes ? O_RDWR : O_RDONLY) | (cuts ? O_TRUNC : 0) | O_NOFOLLOW | O_CLOEXEC;
    int fd = openat(own->root_fd, at.path, flags);
    if (!agree(own, "open", at.path, fd, open_expected(at.node, writes)))
        return;
    if (at.node->type == S_IFREG) {
        if (cuts)
            resize(own, at.node, 0);
        if (writes)
            change_some(own, at.path, fd, at.node);
        else
            check_content(own, at.path, fd, at.node);
    }
    struct kept *kept = &own->kept[RANDOM(own, KEPT)];
    if (writes && kept->fd < 0 && RANDOM(own, 3) == 0) {
        *kept = (struct kept){fd, at.node};
        at.node->opens++;
    } else {
        (void)close(fd);
    }
}

/* A file that was opened a while ago, renamed, linked or without any name by now. */
static void do_kept(struct own *own)
{
    struct kept *kept = &own->kept[RANDOM(own, KEPT)];
    if (kept->fd < 0)
        return;
    struct stat st;
    if (fstat(kept->fd, &st) < 0)
        FAIL(own, "fstat of a kept file with %u links", kept->node->links);
    check_stat(own, "(kept)", kept->node, &st);
    change_some(own, "(kept)", kept->fd, kept->node);
    if (RANDOM(own, 2) == 0)
        return;
    (void)close(kept->fd);
    kept->fd = -1;
    kept->node->opens--;
    node_drop(kept->node);
}

/* --- names --------------------------------------------------------------------------------------------------------- */

static void do_mkdir(struct own *own)
{
    struct place at;
    pick(own, &at);
    if (at.depth >= DEPTH_MOST)
        return;
    if (agree(own, "mkdir", at.path, mkdirat(own->root_fd, at.path, 0755), at.node ? EEXIST : 0)) {
        struct node *made = at.dir->entries[at.name] = node_new(own, S_IFDIR, 0755);
        made->parent = at.dir;
    }
}

static bool is_empty(const struct node *dir)
{
    for (unsigned i = 0; i < NAMES; i++)
        if (dir->entries[i] != NULL)
            return false;
    return true;
}

static void remove_entry(struct node *dir, unsigned name)
{
    struct node *node = dir->entries[name];
    dir->entries[name] = NULL;
    node->links--;
    node_drop(node);
}

static void do_remove(struct own *own)
{
    struct place at;
    pick(own, &at);
    bool as_dir = RANDOM(own, 3) == 0;
    int expected = at.node == NULL                          ? ENOENT
                   : as_dir && at.node->type != S_IFDIR     ? ENOTDIR
                   : as_dir && !is_empty(at.node)           ? ENOTEMPTY
                   : !as_dir && at.node->type == S_IFDIR    ? EISDIR
                                                            : 0;
    int r = unlinkat(own->root_fd, at.path, as_dir ? AT_REMOVEDIR : 0);
    if (agree(own, as_dir ? "rmdir" : "unlink", at.path, r, expected))
        remove_entry(at.dir, at.name);
}

/* Whether node is dir or above it. */
static bool is_above(const struct node *node, const struct node *dir)
{
    while (dir != NULL && dir != node)
        dir = dir->parent;
    return dir != NULL;
}

/* The order of the kernel's own questions (fs/namei.c, do_renameat2() and vfs_rename()). */
static int rename_expected(const struct place *from, const struct place *to, unsigned flags)
{
    bool exchange = (flags & RENAME_EXCHANGE) != 0;
    if (from->node == NULL)
        return ENOENT;
    if ((flags & RENAME_NOREPLACE) && to->node != NULL)
        return EEXIST;
    if (exchange && to->node == NULL)
        return ENOENT;
    if (from->node->type == S_IFDIR && is_above(from->node, to->dir))
        return EINVAL;
    if (to->node != NULL && to->node->type == S_IFDIR && is_above(to->node, from->dir))
        return exchange ? EINVAL : ENOTEMPTY;
    if (from->node == to->node || to->node == NULL || exchange)
        return 0;
    if (from->node->type == S_IFDIR && to->node->type != S_IFDIR)
        return ENOTDIR;
    if (from->node->type != S_IFDIR && to->node->type == S_IFDIR)
        return EISDIR;
    return to->node->type == S_IFDIR && !is_empty(to->node) ? ENOTEMPTY : 0;
}

static void set_entry(struct place *at, struct node *node)
{
    at->dir->entries[at->name] = node;
    if (node != NULL && node->type == S_IFDIR)
        node->parent = at->dir;
}

static unsigned height(const struct node *node)
{
    unsigned most = 0;
    if (node->type != S_IFDIR)
        return 0;
    for (unsigned i = 0; i < NAMES; i++) {
        unsigned h = node->entries[i] != NULL ? 1 + height(node->entries[i]) : 0;
        most = h > most ? h : most;
    }
    return most;
}

static void do_rename(struct own *own)
{
    struct place from, to;
    pick(own, &from);
    pick(own, &to);
    unsigned how = (unsigned)RANDOM(own, 6);
    unsigned flags = how == 0 ? RENAME_NOREPLACE : how == 1 ? RENAME_EXCHANGE : 0;
    if ((from.node != NULL && to.depth + height(from.node) > DEPTH_MOST) ||
        (flags == RENAME_EXCHANGE && to.node != NULL && from.depth + height(to.node) > DEPTH_MOST))
        return;
    int expected = rename_expected(&from, &to, flags);
    char what[2 * PATH_ROOM + 32];
    (void)snprintf(what, sizeof what, "%s -> %s flags %u", from.path, to.path, flags);
    int r = renameat2(own->root_fd, from.path, own->root_fd, to.path, flags);
    if (!agree(own, "rename", what, r, expected) || from.node == to.node)
        return;
    if (flags == RENAME_EXCHANGE) {
        set_entry(&from, to.node);
    } else {
        if (to.node != NULL)
            remove_entry(to.dir, to.name);
        set_entry(&from, NULL);
    }
    set_entry(&to, from.node);
}

static void do_link(struct own *own)
{
    struct place from, to;
    pick(own, &from);
    pick(own, &to);
    int expected = from.node == NULL                ? ENOENT
                   : to.node != NULL                ? EEXIST
                   : from.node->type == S_IFDIR     ? EPERM
                                                    : 0;
    if (agree(own, "link", to.path, linkat(own->root_fd, from.path, own->root_fd, to.path, 0), expected)) {
        to.dir->entries[to.name] = from.node;
        from.node->links++;
    }
}

static void do_symlink(struct own *own)
{
    struct place at;
    pick(own, &at);
    char target[64];
    (void)snprintf(target, sizeof target, "target-%" PRIu64, RANDOM(own, UINT64_MAX));
    if (agree(own, "symlink", at.path, symlinkat(target, own->root_fd, at.path), at.node ? EEXIST : 0)) {
        struct node *made = at.dir->entries[at.name] = node_new(own, S_IFLNK, 0777);
        memcpy(made->target, target, sizeof made->target);
    }
}

static void do_readlink(struct own *own)
{
    struct place at;
    pick(own, &at);
    char target[64] = "";
    int expected = at.node == NULL ? ENOENT : at.node->type != S_IFLNK ? EINVAL : 0;
    int r = (int)readlinkat(own->root_fd, at.path, target, sizeof target - 1);
    if (agree(own, "readlink", at.path, r, expected) && strcmp(target, at.node->target) != 0)
        FAIL(own, "readlink %s: %s instead of %s", at.path, target, at.node->target);
}

static void do_list(struct own *own)
{
    struct place at;
    pick(own, &at);
    int expected = at.node == NULL ? ENOENT : at.node->type != S_IFDIR ? ENOTDIR : 0;
    int fd = openat(own->root_fd, at.path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (!agree(own, "opendir", at.path, fd, expected))
        return;
    unsigned seen[NAMES] = {0};
    DIR *dir = fdopendir(fd);
    errno = 0;
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        unsigned i = 0;
        while (i < NAMES && strcmp(entry->d_name, own->names[i]) != 0)
            i++;
        struct node *node = i < NAMES ? at.node->entries[i] : NULL;
        if (node == NULL)
            FAIL(own, "list %s: shows %s", at.path, entry->d_name);
        seen[i]++;
        if (node->ino != 0 && entry->d_ino != node->ino)
            FAIL(own, "list %s: %s has number %ju instead of %ju", at.path, entry->d_name, (uintmax_t)entry->d_ino,
                 (uintmax_t)node->ino);
    }
    if (errno != 0)
        FAIL(own, "list %s", at.path);
    (void)closedir(dir);
    for (unsigned i = 0; i < NAMES; i++)
        if (seen[i] != (at.node->entries[i] != NULL ? 1u : 0u))
            FAIL(own, "list %s: %s is shown %u times", at.path, own->names[i], seen[i]);
}

/* --- attributes and locks ------------------------------------------------------------------------------------------ */

static void do_chmod(struct own *own)
{
    struct place at;
    pick(own, &at);
    if (at.node == NULL || at.node->type != S_IFREG)
        return;
    mode_t mode = RANDOM(own, 2) == 0 ? 0640 : 0604;
    if (fchmodat(own->root_fd, at.path, mode, 0) < 0)
        FAIL(own, "chmod %s", at.path);
    at.node->mode = mode;
}

static void do_xattr(struct own *own)
{
    struct place at;
    pick(own, &at);
    if (!own->has_xattrs || at.node == NULL || at.node->type == S_IFLNK)
        return;
    int fd = openat(own->root_fd, at.path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    char value[64] = "";
    if (fd < 0)
        FAIL(own, "open %s", at.path);
    ssize_t n = fgetxattr(fd, "user.race", value, sizeof value - 1);
    if (n < 0 && errno != ENODATA)
        FAIL(own, "getxattr %s", at.path);
    if (strcmp(value, at.node->xattr) != 0)
        FAIL(own, "getxattr %s: \"%s\" instead of \"%s\"", at.path, value, at.node->xattr);
    char changed[sizeof at.node->xattr];
    (void)snprintf(changed, sizeof changed, "%" PRIu64, RANDOM(own, UINT64_MAX));
    /* user attributes take write permission, which only root has without a bit (xattr(7)) */
    bool may = geteuid() == 0 || (at.node->mode & S_IWUSR) != 0;
    if (agree(own, "setxattr", at.path, fsetxattr(fd, "user.race", changed, strlen(changed), 0), may ? 0 : EACCES) && may)
        memcpy(at.node->xattr, changed, sizeof changed);
    (void)close(fd);
}

/* Two openings of one file exclude each other, whatever the lock. */
static void flock_both(struct own *own, const char *path, int one, int two)
{
    (void)agree(own, "flock", path, flock(one, LOCK_EX | LOCK_NB), 0);
    (void)agree(own, "second flock", path, flock(two, LOCK_SH | LOCK_NB), EWOULDBLOCK);
    (void)agree(own, "flock made shared", path, flock(one, LOCK_SH | LOCK_NB), 0);
    (void)agree(own, "second flock, shared", path, flock(two, LOCK_SH | LOCK_NB), 0);
    (void)agree(own, "unlock", path, flock(one, LOCK_UN), 0);
    (void)agree(own, "unlock", path, flock(two, LOCK_UN), 0);
}

static void lock_both(struct own *own, const char *path, int one, int two)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 10, .l_len = 20};
    (void)agree(own, "lock", path, fcntl(one, F_OFD_SETLK, &lock), 0);
    (void)agree(own, "second lock", path, fcntl(two, F_OFD_SETLK, &lock), EAGAIN);
    struct flock asked = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
    (void)agree(own, "question", path, fcntl(two, F_OFD_GETLK, &asked), 0);
    if (asked.l_type != F_WRLCK || asked.l_start != 10 || asked.l_len != 20)
        FAIL(own, "locks of %s: told type %d %jd+%jd", path, asked.l_type, (intmax_t)asked.l_start,
             (intmax_t)asked.l_len);
    lock.l_type = F_UNLCK;
    (void)agree(own, "unlock", path, fcntl(one, F_OFD_SETLK, &lock), 0);
}

static void do_locks(struct own *own)
{
    struct place at;
    pick(own, &at);
    if (at.node == NULL || at.node->type != S_IFREG || open_expected(at.node, true) != 0)
        return;
    int one = openat(own->root_fd, at.path, O_RDWR | O_CLOEXEC), two = openat(own->root_fd, at.path, O_RDWR | O_CLOEXEC);
    if (one < 0 || two < 0)
        FAIL(own, "open %s", at.path);
    if (RANDOM(own, 2) == 0)
        flock_both(own, at.path, one, two);
    else
        lock_both(own, at.path, one, two);
    /* closing ends a lock, too, though the kernel tells a FUSE filesystem only some time after close(2) */
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    (void)agree(own, "lock to be closed", at.path, fcntl(one, F_OFD_SETLK, &lock), 0);
    (void)close(one);
    int tries = 0;
    while (fcntl(two, F_OFD_SETLK, &lock) < 0 && tries++ < 20000)
        (void)usleep(500);
    if (tries >= 20000)
        FAIL(own, "%s: a lock outlives the closing of its file", at.path);
    lock.l_type = F_UNLCK;
    (void)agree(own, "unlock", at.path, fcntl(two, F_OFD_SETLK, &lock), 0);
    (void)close(two);
}

/* --- the thread ---------------------------------------------------------------------------------------------------- */

static bool can_map(struct own *own)
{
    int fd = openat(own->root_fd, "probe", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, "x", 1) != 1)
        FAIL(own, "create probe");
    void *mapped = mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (mapped == MAP_FAILED && errno != ENODEV)
        FAIL(own, "mmap probe");
    if (mapped != MAP_FAILED)
        (void)munmap(mapped, 1);
    (void)close(fd);
    if (unlinkat(own->root_fd, "probe", 0) < 0)
        FAIL(own, "unlink probe");
    return mapped != MAP_FAILED;
}

static void own_begin(struct own *own)
{
    char name[32];
    (void)snprintf(name, sizeof name, "own-%u", own->thread->index);
    if (mkdirat(own->thread->race->map_fd, name, 0755) < 0)
        FAIL(own, "mkdir %s", name);
    own->root_fd = openat(own->thread->race->map_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (own->root_fd < 0)
        FAIL(own, "open %s", name);
    own->root = node_new(own, S_IFDIR, 0755);
    own->has_xattrs = fsetxattr(own->root_fd, "user.race", "", 0, 0) == 0;
    own->has_maps = can_map(own);
    memset(own->names[0], 'n', NAME_MAX);
    for (unsigned i = 1; i < NAMES; i++)
        (void)snprintf(own->names[i], sizeof own->names[i], "name-%u", i);
    for (unsigned i = 0; i < KEPT; i++)
        own->kept[i].fd = -1;
}

static void own_end(struct own *own, struct node *dir)
{
    for (unsigned i = 0; i < NAMES; i++) {
        struct node *node = dir->entries[i];
        if (node == NULL)
            continue;
        if (node->type == S_IFDIR)
            own_end(own, node);
        remove_entry(dir, i);
    }
}

void own_run(struct thread *thread)
{
    static void (*const steps[])(struct own *) = {
        do_stat, do_stat,  do_create, do_create, do_open,    do_open,     do_open, do_kept,  do_mkdir, do_remove,
        do_link, do_rename, do_rename, do_rename, do_symlink, do_readlink, do_list, do_chmod, do_xattr, do_locks,
    };
    struct own *own = calloc(1, sizeof *own);
    if (own == NULL)
        race_fail(thread, "out of memory");
    own->thread = thread;
    own_begin(own);
    for (; !race_over(); thread->steps++)
        steps[RANDOM(own, sizeof steps / sizeof steps[0])](own);
    for (unsigned i = 0; i < KEPT; i++) {
        if (own->kept[i].fd < 0)
            continue;
        (void)close(own->kept[i].fd);
        own->kept[i].node->opens--;
        node_drop(own->kept[i].node);
    }
    own_end(own, own->root);
    free(own->root);
    (void)close(own->root_fd);
    free(own);
}
