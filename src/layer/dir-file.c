/* SPDX-License-Identifier: MIT */
/* Open files. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/path.h"
#include "layer/dir-internal.h"
#include "os/fd.h"

/*
 * The caller's flags as the daemon opens the file.  O_DIRECT is left out: the kernel bypasses its own cache for it,
 * and our buffers have no particular alignment.  So is O_APPEND: it would send pages of a mapping, and what is written
 * after the caller took the flag away, to the end of the file (pwrite(2), BUGS); see dir_write().
 */
static int flags_for(const struct dir_layer *layer, int flags)
{
    int kept = flags & (O_ACCMODE | O_TRUNC | O_SYNC | O_DSYNC | O_NOATIME | O_NONBLOCK);
    if (layer->options.read_only)
        kept = O_RDONLY | O_NOATIME | (flags & O_NONBLOCK);
    if (layer->options.unopened && (flags & O_ACCMODE) != O_RDONLY)
        kept = O_RDWR | (flags & O_TRUNC); /* whoever borrows it, for whatever */
    return kept;
}

/* An open file around a descriptor for which a place was claimed; on failure both stay the caller's. */
static sfs_err file_new(struct sfs_node *node, int fd, int flags, struct sfs_file **ret)
{
    struct sfs_file *file = calloc(1, sizeof *file);
    if (file == NULL)
        return -ENOMEM;
    file->fd = fd;
    file->flags = flags;
    atomic_store_explicit(&file->users, 1, memory_order_relaxed);
    sfs_node_add_file(&dir_of(node)->table, node, file);
    *ret = file;
    return 0;
}

sfs_err dir_open_quietly(struct sfs_node *node, int flags, struct sfs_stat *ret_stat)
{
    sfs_err fd = dir_open_fd(node, flags, ret_stat);
    if (fd == -EPERM && (flags & O_NOATIME))
        fd = dir_open_fd(node, flags & ~O_NOATIME, ret_stat);
    return fd;
}

static sfs_err open_claimed(struct sfs_node *node, int asked, const struct sfs_caller *caller, struct sfs_file **ret,
                            struct sfs_stat *ret_stat)
{
    int flags = flags_for(dir_of(node), asked);
    bool truncates = (flags & O_TRUNC) != 0;
    /* truncating takes set-id bits away unless the caller has CAP_FSETID */
    if (truncates)
        sfs_cred_drop(caller);
    SFS_CLEANUP_FD int fd = dir_open_quietly(node, flags, ret_stat);
    if (fd == -EPERM && (asked & O_APPEND) && (flags & O_ACCMODE) != O_RDONLY) {
        flags |= O_APPEND; /* a file that can only be appended to (chattr(1), a) */
        fd = dir_open_quietly(node, flags, ret_stat);
    }
    if (truncates)
        sfs_cred_restore(caller);
    if (fd < 0)
        return fd;
    sfs_err r = dir_show_number(node, ret_stat);
    if (r < 0)
        return r;
    r = file_new(node, fd, flags, ret);
    if (r < 0)
        return r;
    (void)SFS_TAKE_FD(fd);
    return 0;
}

sfs_err dir_open(struct sfs_node *node, int flags, const struct sfs_caller *caller, struct sfs_file **ret,
                 struct sfs_stat *ret_stat)
{
    struct dir_layer *layer = dir_of(node);
    sfs_err r = sfs_fdcache_claim(layer->cache);
    if (r < 0)
        return r;
    r = open_claimed(node, flags, caller, ret, ret_stat);
    if (r < 0)
        sfs_fdcache_unclaim(layer->cache);
    return r;
}

/* Make node and file of a descriptor that was just made as name in dir; on failure the file is as if never made. */
static sfs_err adopt_open(struct sfs_node *dir, const char *name, int fd, int flags, struct sfs_node **ret,
                          struct sfs_file **ret_file, struct sfs_stat *ret_stat)
{
    sfs_err r = dir_adopt(dir, name, fd, ret, ret_stat);
    if (r < 0)
        return r;
    r = file_new(*ret, fd, flags, ret_file);
    if (r < 0)
        sfs_node_unref(&dir_of(dir)->table, *ret, 1);
    return r;
}

static sfs_err create_claimed(struct sfs_node *dir, const char *name, mode_t mode, int flags,
                              const struct sfs_caller *caller, struct sfs_node **ret, struct sfs_file **ret_file,
                              struct sfs_stat *ret_stat)
{
    struct dir_layer *layer = dir_of(dir);
    struct dir_reached reached;
    sfs_err r = dir_reach(dir, &reached);
    if (r < 0)
        return r;
    flags = flags_for(layer, flags) & ~(O_TRUNC | O_NOATIME);
    r = sfs_cred_enter(caller);
    int fd = r;
    if (r >= 0) {
        int how = flags | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY;
        DIR_WITH_ROOM(layer, fd, (fd = openat(reached.ref.fd, name, how, mode & 07777)) < 0 ? -errno : fd);
        sfs_cred_leave(caller);
    }
    if (fd >= 0) {
        r = adopt_open(dir, name, fd, flags, ret, ret_file, ret_stat);
        if (r < 0) {
            (void)unlinkat(reached.ref.fd, name, 0);
            sfs_close(fd);
        }
    } else {
        r = fd;
    }
    dir_let_go(dir, &reached);
    return r;
}

sfs_err dir_create(struct sfs_node *dir, const char *name, mode_t mode, int flags, const struct sfs_caller *caller,
                   struct sfs_node **ret, struct sfs_file **ret_file, struct sfs_stat *ret_stat)
{
    struct dir_layer *layer = dir_of(dir);
    if (!sfs_path_is_name(name))
        return -EINVAL;
    sfs_err r = sfs_fdcache_claim(layer->cache);
    if (r < 0)
        return r;
    r = create_claimed(dir, name, mode, flags, caller, ret, ret_file, ret_stat);
    if (r < 0)
        sfs_fdcache_unclaim(layer->cache);
    return r;
}

static sfs_err tmpfile_claimed(struct sfs_node *dir, mode_t mode, int flags, const struct sfs_caller *caller,
                               struct sfs_node **ret, struct sfs_file **ret_file, struct sfs_stat *ret_stat)
{
    struct dir_layer *layer = dir_of(dir);
    struct dir_reached reached;
    sfs_err r = dir_reach(dir, &reached);
    if (r < 0)
        return r;
    int exclusive = flags & O_EXCL; /* it may never get a name (open(2), O_TMPFILE) */
    flags = flags_for(layer, flags) & ~(O_TRUNC | O_NOATIME);
    r = sfs_cred_enter(caller);
    SFS_CLEANUP_FD int fd = r;
    if (r >= 0) {
        /* the path of the directory itself: an O_PATH descriptor with "." would do the same, but needs search right */
        struct sfs_fd_path path = sfs_fd_path(reached.ref.fd);
        int how = flags | exclusive | O_TMPFILE | O_CLOEXEC;
        DIR_WITH_ROOM(layer, fd, (fd = open(path.text, how, mode & 07777)) < 0 ? -errno : fd);
        sfs_cred_leave(caller);
    }
    dir_let_go(dir, &reached);
    if (fd < 0)
        return fd;
    r = adopt_open(dir, NULL, fd, flags, ret, ret_file, ret_stat);
    if (r >= 0)
        (void)SFS_TAKE_FD(fd);
    return r;
}

/* Without a name and without being open, a file needs a descriptor that stays until it is forgotten. 0 or -ENFILE. */
static sfs_err keep_nameless(struct sfs_file *file)
{
    struct dir_layer *layer = dir_of(file->node);
    if (!dir_claim_pin(layer))
        return -ENFILE;
    if (sfs_node_pin(&layer->table, file->node, fcntl(file->fd, F_DUPFD_CLOEXEC, 0)))
        return 0;
    dir_unclaim_pin(layer);
    return -ENFILE;
}

sfs_err dir_tmpfile(struct sfs_node *dir, mode_t mode, int flags, const struct sfs_caller *caller,
                    struct sfs_node **ret, struct sfs_file **ret_file, struct sfs_stat *ret_stat)
{
    struct dir_layer *layer = dir_of(dir);
    sfs_err r = sfs_fdcache_claim(layer->cache);
    if (r < 0)
        return r;
    r = tmpfile_claimed(dir, mode, flags, caller, ret, ret_file, ret_stat);
    if (r < 0)
        sfs_fdcache_unclaim(layer->cache);
    else if (layer->options.unopened && (r = keep_nameless(*ret_file)) < 0) {
        dir_release(*ret_file);
        sfs_node_unref(&layer->table, *ret, 1);
    }
    return r;
}

/* The end of a file that has just been made: its descriptor is for the writes that follow. */
static void keep_for_borrowers(struct sfs_file *file)
{
    struct sfs_node *node = file->node;
    struct dir_layer *layer = dir_of(node);
    sfs_node_ref(&layer->table, node);
    sfs_node_remove_file(&layer->table, node, file);
    struct sfs_fdref ref = {SFS_TAKE_FD(file->fd), SFS_FDREF_OWNED};
    sfs_fdcache_put(layer->cache, node, &ref);
    sfs_fdcache_release(layer->cache, &ref);
    sfs_node_unref(&layer->table, node, 1);
}

void dir_release(struct sfs_file *file)
{
    if (atomic_fetch_sub_explicit(&file->users, 1, memory_order_acq_rel) > 1)
        return;
    if (file->fd >= 0)
        sfs_fdcache_unclaim(dir_of(file->node)->cache);
    if (dir_of(file->node)->options.unopened && file->flags == O_RDWR)
        keep_for_borrowers(file);
    else
        sfs_node_remove_file(&dir_of(file->node)->table, file->node, file);
    sfs_close(file->fd);
    if (file->flags & O_DIRECTORY)
        dir_stream_free(file);
    else
        free(file);
}

ssize_t dir_read(struct sfs_file *file, void *data, size_t size, off_t offset)
{
    ssize_t n = pread(file->fd, data, size, offset);
    return n >= 0 ? n : -errno;
}

static bool is_for_writing(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && (flags & O_ACCMODE) != O_RDONLY;
}

/* A descriptor for reading does not keep the source's file from being executed; one that writes takes its place. */
sfs_err dir_borrow(struct sfs_node *node, bool writes, struct sfs_borrowed *ret)
{
    struct dir_layer *layer = dir_of(node);
    ret->file = (struct sfs_file){.node = node, .flags = writes ? O_RDWR : flags_for(layer, O_RDONLY)};
    bool found = sfs_fdcache_get(layer->cache, node, &ret->ref);
    if (found && writes && !is_for_writing(ret->ref.fd)) {
        sfs_fdcache_release(layer->cache, &ret->ref);
        found = false;
    }
    if (!found) {
        struct sfs_stat at;
        sfs_err fd = dir_open_quietly(node, ret->file.flags, &at);
        if (fd < 0)
            return fd;
        ret->ref = (struct sfs_fdref){fd, SFS_FDREF_OWNED};
        sfs_fdcache_exchange(layer->cache, node, &ret->ref);
    }
    ret->file.fd = ret->ref.fd;
    return 0;
}

void dir_give_back(struct sfs_borrowed *borrowed)
{
    sfs_fdcache_release(dir_of(borrowed->file.node)->cache, &borrowed->ref);
}

/* For a kernel or filesystem without RWF_APPEND: a description of its own for this one write. */
static ssize_t append_reopened(struct sfs_file *file, const void *data, size_t size)
{
    SFS_CLEANUP_FD int fd = sfs_fd_reopen(file->fd, O_WRONLY | O_APPEND);
    if (fd < 0)
        return fd;
    ssize_t n = write(fd, data, size);
    return n >= 0 ? n : -errno;
}

/* At the end of the file, found in the same step: others may append on the source. */
static ssize_t append(struct sfs_file *file, const void *data, size_t size)
{
    struct iovec piece = {(void *)(uintptr_t)data, size};
    ssize_t n = pwritev2(file->fd, &piece, 1, 0, RWF_APPEND);
    if (n >= 0 || (errno != EOPNOTSUPP && errno != ENOSYS))
        return n >= 0 ? n : -errno;
    return append_reopened(file, data, size);
}

ssize_t dir_write(struct sfs_file *file, const void *data, size_t size, off_t offset, bool appends,
                  const struct sfs_caller *caller)
{
    ssize_t n;
    /* can only be appended to: on the source O_APPEND would stay, and there would be no mapping to write to */
    if ((file->flags & O_APPEND) && !appends)
        return -EPERM;
    sfs_cred_drop(caller);
    if (appends)
        n = append(file, data, size);
    else if ((n = pwrite(file->fd, data, size, offset)) < 0)
        n = -errno;
    sfs_cred_restore(caller);
    return n;
}

sfs_err dir_fsync(struct sfs_file *file, bool data_only)
{
    return (data_only ? fdatasync(file->fd) : fsync(file->fd)) < 0 ? -errno : 0;
}

sfs_err dir_flush(struct sfs_file *file)
{
    /* closing a duplicate makes a network filesystem report what it could not write (close(2), NOTES) */
    const struct dir_layer *layer = dir_of(file->node);
    bool local = layer->root_is_local && file->node->device == layer->base.root->device;
    if ((file->flags & O_ACCMODE) == O_RDONLY || local)
        return 0;
    int copy = fcntl(file->fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0)
        return errno == EMFILE ? 0 : -errno;
    return close(copy) < 0 ? -errno : 0;
}

sfs_err dir_fallocate(struct sfs_file *file, int mode, off_t offset, off_t length, const struct sfs_caller *caller)
{
    sfs_cred_drop(caller);
    sfs_err r = fallocate(file->fd, mode, offset, length) < 0 ? -errno : 0;
    sfs_cred_restore(caller);
    return r;
}

off_t dir_lseek(struct sfs_file *file, struct sfs_node *node, off_t offset, int whence)
{
    SFS_CLEANUP_FD int own_fd = -1;
    if (whence != SEEK_DATA && whence != SEEK_HOLE)
        return -EINVAL; /* the others are the kernel's own */
    if (file == NULL) {
        struct sfs_stat at;
        own_fd = dir_open_quietly(node, O_RDONLY | O_NOATIME, &at);
        if (own_fd < 0)
            return own_fd;
    }
    /* moves the position of the description, which nothing else uses: all reads and writes state theirs */
    off_t at = lseek(file != NULL ? file->fd : own_fd, offset, whence);
    return at >= 0 ? at : -errno;
}

ssize_t dir_copy_range(struct sfs_file *from, off_t from_offset, struct sfs_file *to, off_t to_offset, size_t size,
                       const struct sfs_caller *caller)
{
    sfs_cred_drop(caller);
    ssize_t n = copy_file_range(from->fd, &from_offset, to->fd, &to_offset, size, 0);
    if (n < 0)
        n = -errno;
    sfs_cred_restore(caller);
    return n;
}

sfs_err dir_flock(struct sfs_file *file, int operation)
{
    return flock(file->fd, operation) < 0 ? -errno : 0;
}

/* As the file is opened, or with O_APPEND where nothing else is allowed any more (chattr(1), a). */
static sfs_err reopen(struct sfs_file *file, int access)
{
    sfs_err fd = sfs_fd_reopen(file->fd, access | O_NONBLOCK);
    return fd == -EPERM ? sfs_fd_reopen(file->fd, access | O_APPEND | O_NONBLOCK) : fd;
}

sfs_err dir_lock_fd(struct sfs_file *file)
{
    /*
     * Who may write may take both kinds of locks, and all by this one description: best open for both.  A reader's must
     * not be open for writing: the source could not be executed then.
     */
    int access = file->flags & O_ACCMODE;
    sfs_err fd = -EACCES;
    if (access == O_WRONLY)
        fd = reopen(file, O_RDWR);
    if (fd < 0)
        fd = reopen(file, access);
    /* Where the mode or the flags of the inode forbid what the file was made with, its own description has to do. */
    if (fd < 0 && fd != -EMFILE && fd != -ENFILE && (fd = fcntl(file->fd, F_DUPFD_CLOEXEC, 0)) < 0)
        fd = -errno;
    return fd;
}

sfs_err dir_backing_fd(struct sfs_file *file)
{
    return file->fd;
}
