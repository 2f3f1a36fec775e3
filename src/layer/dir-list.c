/* SPDX-License-Identifier: MIT */
/*
 * Reading directories.  Entries are listed with the offsets of the source's filesystem, which keeps them valid while
 * entries come and go.  An open directory keeps what it has read ahead, as readdir(3) does in a process.
 *
 * When clients hold all the descriptors that they can get, a directory opens without one, and each reading opens it for
 * a moment: whatever some of them keep open, the others can list.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "layer/dir-internal.h"
#include "os/fd.h"
#include "os/file.h"

enum { BUFFER_SIZE = 32 * 1024, BUFFER_LEAST = 1024 };

struct dir_stream {
    struct sfs_file file;
    pthread_mutex_t lock; /* of all below; held across getdents64(2) and the sink, see doc/locking.md */
    char *buffer;         /* BUFFER_SIZE bytes, made at the first read */
    size_t filled;        /* bytes in it */
    size_t at;            /* of the next entry */
    off_t next;           /* offset of the next entry: what the reader passes to go on */
    off_t position;       /* of the description, behind what is in the buffer; -1 unknown */
};

/* Reading a read-only map leaves no trace in the source, as far as that can be had. */
static sfs_err open_listed(struct sfs_node *dir, struct sfs_stat *ret_stat)
{
    int quiet = dir_of(dir)->options.read_only ? O_NOATIME : 0;
    return dir_open_quietly(dir, O_RDONLY | O_DIRECTORY | quiet, ret_stat);
}

/* keeps: the descriptor stays with the stream, and a place was claimed for it */
static sfs_err opendir_as(struct sfs_node *dir, bool keeps, struct sfs_file **ret, struct sfs_stat *ret_stat)
{
    SFS_CLEANUP_FD int fd = open_listed(dir, ret_stat);
    if (fd < 0)
        return fd;
    sfs_err r = dir_show_number(dir, ret_stat);
    if (r < 0)
        return r;
    struct dir_stream *stream = calloc(1, sizeof *stream);
    if (stream == NULL)
        return -ENOMEM;
    (void)pthread_mutex_init(&stream->lock, NULL);
    stream->file.fd = keeps ? SFS_TAKE_FD(fd) : -1;
    stream->file.flags = O_RDONLY | O_DIRECTORY;
    atomic_store_explicit(&stream->file.users, 1, memory_order_relaxed);
    sfs_node_add_file(&dir_of(dir)->table, dir, &stream->file);
    *ret = &stream->file;
    return 0;
}

sfs_err dir_opendir(struct sfs_node *dir, struct sfs_file **ret, struct sfs_stat *ret_stat)
{
    struct dir_layer *layer = dir_of(dir);
    bool keeps = sfs_fdcache_claim(layer->cache) >= 0;
    sfs_err r = opendir_as(dir, keeps, ret, ret_stat);
    if (r < 0 && keeps)
        sfs_fdcache_unclaim(layer->cache);
    return r;
}

void dir_stream_free(struct sfs_file *file)
{
    struct dir_stream *stream = (struct dir_stream *)file;
    (void)pthread_mutex_destroy(&stream->lock);
    free(stream->buffer);
    free(stream);
}

/* The number to show for an entry. Without memory for it, one that no file has: a wrong one would be worse. */
static ino_t entry_number(struct sfs_node *dir, const struct dirent64 *entry)
{
    struct dir_layer *layer = dir_of(dir);
    ino_t ino;
    /* ".." of the root leads out of the map */
    uint64_t source = dir == layer->base.root && strcmp(entry->d_name, "..") == 0 ? dir->ino : entry->d_ino;
    return sfs_inode_number(layer->numbers, dir->device, source, &ino) >= 0 ? ino : (ino_t)-1;
}

/* Give entries to the sink until it is full; returns bytes consumed. *ret_next: where to go on. */
static size_t list_buffer(struct sfs_node *dir, const char *buffer, size_t filled, sfs_dirent_sink *sink, void *arg,
                          off_t *ret_next, bool *ret_full)
{
    size_t at = 0;
    *ret_full = false;
    while (at < filled) {
        const struct dirent64 *entry = (const struct dirent64 *)(const void *)(buffer + at);
        if (!sink(arg, entry->d_name, entry_number(dir, entry), entry->d_type, entry->d_off)) {
            *ret_full = true;
            break;
        }
        *ret_next = entry->d_off;
        at += entry->d_reclen;
    }
    return at;
}

static sfs_err refill_locked(struct dir_stream *stream, off_t offset)
{
    if (stream->buffer == NULL && (stream->buffer = malloc(BUFFER_SIZE)) == NULL)
        return -ENOMEM;
    if (stream->position != offset || offset == 0) {
        if (lseek(stream->file.fd, offset, SEEK_SET) < 0)
            return -errno;
    }
    stream->position = -1;
    stream->filled = stream->at = 0;
    ssize_t n = sfs_dirents(stream->file.fd, stream->buffer, BUFFER_SIZE);
    if (n < 0)
        return (sfs_err)n;
    stream->filled = (size_t)n;
    stream->next = stream->position = offset;
    for (size_t at = 0; at < stream->filled;) {
        const struct dirent64 *entry = (const struct dirent64 *)(const void *)(stream->buffer + at);
        stream->position = entry->d_off;
        at += entry->d_reclen;
    }
    return 0;
}

static sfs_err read_stream_locked(struct sfs_node *dir, struct dir_stream *stream, off_t offset, sfs_dirent_sink *sink,
                                  void *arg)
{
    /* what was read ahead serves a reader that goes on; one that starts over or seeks gets fresh entries */
    bool buffered = offset != 0 && stream->next == offset && stream->at < stream->filled;
    bool full = false;
    while (!full) {
        if (!buffered) {
            sfs_err r = refill_locked(stream, offset);
            if (r < 0)
                return r;
            if (stream->filled == 0)
                return 0;
        }
        stream->at += list_buffer(dir, stream->buffer + stream->at, stream->filled - stream->at, sink, arg,
                                  &stream->next, &full);
        offset = stream->next;
        buffered = false;
    }
    return 0;
}

static sfs_err read_once(struct sfs_node *dir, off_t offset, size_t room, sfs_dirent_sink *sink, void *arg)
{
    struct sfs_stat at;
    SFS_CLEANUP_FD int fd = open_listed(dir, &at);
    if (fd < 0)
        return fd;
    if (offset != 0 && lseek(fd, offset, SEEK_SET) < 0)
        return -errno;
    /* about what fits: what is read and not taken would be read again */
    size_t size = room < BUFFER_LEAST ? BUFFER_LEAST : room > BUFFER_SIZE ? BUFFER_SIZE : room;
    SFS_CLEANUP_FREE char *buffer = malloc(size);
    if (buffer == NULL)
        return -ENOMEM;
    for (bool full = false; !full;) {
        ssize_t n = sfs_dirents(fd, buffer, size);
        if (n <= 0)
            return (sfs_err)n;
        (void)list_buffer(dir, buffer, (size_t)n, sink, arg, &offset, &full);
    }
    return 0;
}

sfs_err dir_readdir(struct sfs_node *dir, struct sfs_file *file, off_t offset, size_t room, sfs_dirent_sink *sink,
                    void *arg)
{
    if (offset == 0)
        dir_statahead_listed(dir_of(dir)->ahead, dir);
    if (file == NULL || file->fd < 0)
        return read_once(dir, offset, room, sink, arg);
    struct dir_stream *stream = (struct dir_stream *)file;
    (void)pthread_mutex_lock(&stream->lock);
    sfs_err r = read_stream_locked(dir, stream, offset, sink, arg);
    (void)pthread_mutex_unlock(&stream->lock);
    return r;
}

sfs_err dir_fsyncdir(struct sfs_node *dir, struct sfs_file *file, bool data_only)
{
    SFS_CLEANUP_FD int own_fd = -1;
    if (file == NULL || file->fd < 0) {
        struct sfs_stat at;
        own_fd = dir_open_fd(dir, O_RDONLY | O_DIRECTORY, &at);
        if (own_fd < 0)
            return own_fd;
    }
    int fd = own_fd >= 0 ? own_fd : file->fd;
    return (data_only ? fdatasync(fd) : fsync(fd)) < 0 ? -errno : 0;
}
