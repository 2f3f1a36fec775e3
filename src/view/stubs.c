/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "view/stubs.h"

#include <bsd/sys/queue.h>
#include <dirent.h>
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "layer/inode-number.h"

struct sfs_stub {
    TAILQ_ENTRY(sfs_stub) siblings;
    TAILQ_HEAD(, sfs_stub) children;
    struct sfs_stub *parent;
    bool hides;
    struct sfs_node *shown; /* its own node, or one of the map's layer, with a reference */
    struct sfs_node node;   /* last: it has a flexible end. Its name is the stub's. */
};

struct sfs_stubs {
    struct sfs_layer base;
    struct sfs_stub *root; /* stands for the root of the map; only its children are ever shown */
    uint64_t count;
    struct timespec made;
};

static struct sfs_stub *stub_of(const struct sfs_node *node)
{
    return (struct sfs_stub *)(void *)((char *)(uintptr_t)node - offsetof(struct sfs_stub, node));
}

/* --- the layer ---------------------------------------------------------------------------------------------------- */

/* The map looks for places on a way itself (sfs_map_lookup()); there is nothing else. */
static sfs_err stub_lookup(struct sfs_node *dir, const char *name, struct sfs_node **ret, struct sfs_stat *ret_stat)
{
    (void)dir, (void)name, (void)ret, (void)ret_stat;
    return -ENOENT;
}

static void stub_forget(struct sfs_node *node, uint64_t references)
{
    (void)node;
    (void)references;
}

static void stub_refer(struct sfs_node *node)
{
    (void)node;
}

static sfs_err stub_keep(struct sfs_node *node)
{
    (void)node;
    return 0;
}

static sfs_err stub_getattr(struct sfs_node *node, struct sfs_file *file, struct sfs_stat *ret)
{
    (void)file;
    const struct sfs_stubs *stubs = (const struct sfs_stubs *)(const void *)node->layer;
    nlink_t links = 2;
    const struct sfs_stub *child;
    TAILQ_FOREACH (child, &stub_of(node)->children, siblings)
        links++;
    memset(ret, 0, sizeof *ret);
    ret->st.st_mode = S_IFDIR | 0555;
    ret->st.st_ino = node->ino;
    ret->st.st_nlink = links;
    ret->st.st_uid = geteuid();
    ret->st.st_gid = getegid();
    ret->st.st_blksize = 4096;
    ret->st.st_atim = ret->st.st_mtim = ret->st.st_ctim = stubs->made;
    return 0;
}

static sfs_err stub_opendir(struct sfs_node *dir, struct sfs_file **ret, struct sfs_stat *ret_stat)
{
    struct sfs_file *file = calloc(1, sizeof *file);
    if (file == NULL)
        return -ENOMEM;
    file->node = dir;
    file->fd = -1;
    *ret = file;
    return stub_getattr(dir, file, ret_stat);
}

static void stub_release(struct sfs_file *file)
{
    free(file);
}

/* Only the dots: the map adds the ways (sfs_map_readdir()). */
static sfs_err stub_readdir(struct sfs_node *dir, struct sfs_file *file, off_t offset, size_t room,
                            sfs_dirent_sink *sink, void *arg)
{
    (void)file;
    (void)room;
    struct sfs_node *above = stub_of(dir)->parent->shown;
    struct sfs_stat at;
    ino_t above_ino = sfs_node_ops(above)->getattr(above, NULL, &at) >= 0 ? at.st.st_ino : dir->ino;
    if (offset < 1 && !sink(arg, ".", dir->ino, DT_DIR, 1))
        return 0;
    if (offset < 2)
        (void)sink(arg, "..", above_ino, DT_DIR, 2);
    return 0;
}

/* What cannot be done here is refused as on a read-only filesystem: these directories are not anybody's. */
static sfs_err refuse_mknod(struct sfs_node *dir, const char *name, mode_t mode, dev_t device,
                            const struct sfs_caller *caller, struct sfs_node **ret, struct sfs_stat *ret_stat)
{
    (void)dir, (void)name, (void)mode, (void)device, (void)caller, (void)ret, (void)ret_stat;
    return -EROFS;
}

static sfs_err refuse_mkdir(struct sfs_node *dir, const char *name, mode_t mode, const struct sfs_caller *caller,
                            struct sfs_node **ret, struct sfs_stat *ret_stat)
{
    (void)dir, (void)name, (void)mode, (void)caller, (void)ret, (void)ret_stat;
    return -EROFS;
}

static sfs_err refuse_symlink(struct sfs_node *dir, const char *name, const char *target,
                              const struct sfs_caller *caller, struct sfs_node **ret, struct sfs_stat *ret_stat)
{
    (void)dir, (void)name, (void)target, (void)caller, (void)ret, (void)ret_stat;
    return -EROFS;
}

static sfs_err refuse_link(struct sfs_node *node, struct sfs_node *dir, const char *name, struct sfs_node **ret,
                           struct sfs_stat *ret_stat)
{
    (void)node, (void)dir, (void)name, (void)ret, (void)ret_stat;
    return -EROFS;
}

static sfs_err refuse_remove(struct sfs_node *dir, const char *name)
{
    (void)dir, (void)name;
    return -EROFS;
}

static sfs_err refuse_rename(struct sfs_node *dir, const char *name, struct sfs_node *to_dir, const char *to_name,
                             unsigned flags, const struct sfs_caller *caller)
{
    (void)dir, (void)name, (void)to_dir, (void)to_name, (void)flags, (void)caller;
    return -EROFS;
}

static sfs_err refuse_setattr(struct sfs_node *node, struct sfs_file *file, const struct stat *to, unsigned set,
                              const struct sfs_caller *caller, struct sfs_stat *ret)
{
    (void)node, (void)file, (void)to, (void)set, (void)caller, (void)ret;
    return -EROFS;
}

static sfs_err refuse_readlink(struct sfs_node *node, char *target, size_t size)
{
    (void)node, (void)target, (void)size;
    return -EINVAL;
}

static sfs_err refuse_statfs(struct sfs_node *node, struct statvfs *ret)
{
    (void)node, (void)ret;
    return -ENOSYS; /* sfs_map_statfs() asks the map's root instead */
}

static ssize_t refuse_getxattr(struct sfs_node *node, const char *name, void *value, size_t size)
{
    (void)node, (void)name, (void)value, (void)size;
    return -ENODATA;
}

static ssize_t no_xattrs(struct sfs_node *node, char *list, size_t size)
{
    (void)node, (void)list, (void)size;
    return 0;
}

static sfs_err refuse_setxattr(struct sfs_node *node, const char *name, const void *value, size_t size, int flags,
                               const struct sfs_caller *caller)
{
    (void)node, (void)name, (void)value, (void)size, (void)flags, (void)caller;
    return -EROFS;
}

static sfs_err refuse_removexattr(struct sfs_node *node, const char *name)
{
    (void)node, (void)name;
    return -EROFS;
}

static sfs_err refuse_flags(struct sfs_node *node, struct sfs_file *file, unsigned command, void *value,
                            const struct sfs_caller *caller)
{
    (void)node, (void)file, (void)command, (void)value, (void)caller;
    return -ENOTTY;
}

static sfs_err refuse_create(struct sfs_node *dir, const char *name, mode_t mode, int flags,
                             const struct sfs_caller *caller, struct sfs_node **ret, struct sfs_file **ret_file,
                             struct sfs_stat *ret_stat)
{
    (void)dir, (void)name, (void)mode, (void)flags, (void)caller, (void)ret, (void)ret_file, (void)ret_stat;
    return -EROFS;
}

static sfs_err refuse_tmpfile(struct sfs_node *dir, mode_t mode, int flags, const struct sfs_caller *caller,
                              struct sfs_node **ret, struct sfs_file **ret_file, struct sfs_stat *ret_stat)
{
    (void)dir, (void)mode, (void)flags, (void)caller, (void)ret, (void)ret_file, (void)ret_stat;
    return -EROFS;
}

static sfs_err refuse_open(struct sfs_node *node, int flags, const struct sfs_caller *caller, struct sfs_file **ret,
                           struct sfs_stat *ret_stat)
{
    (void)node, (void)flags, (void)caller, (void)ret, (void)ret_stat;
    return -EISDIR;
}

static sfs_err refuse_borrow(struct sfs_node *node, bool writes, struct sfs_borrowed *ret)
{
    (void)node, (void)writes, (void)ret;
    return -EISDIR;
}

static sfs_err nothing_to_sync(struct sfs_node *dir, struct sfs_file *file, bool data_only)
{
    (void)dir, (void)file, (void)data_only;
    return 0;
}

/* Operations on open files are missing: a directory is never opened as one. */
static const struct sfs_layer_ops stub_ops = {
    .name = "stub",
    .lookup = stub_lookup,
    .forget = stub_forget,
    .refer = stub_refer,
    .keep = stub_keep,
    .mknod = refuse_mknod,
    .mkdir = refuse_mkdir,
    .symlink = refuse_symlink,
    .link = refuse_link,
    .unlink = refuse_remove,
    .rmdir = refuse_remove,
    .rename = refuse_rename,
    .getattr = stub_getattr,
    .setattr = refuse_setattr,
    .readlink = refuse_readlink,
    .statfs = refuse_statfs,
    .getxattr = refuse_getxattr,
    .listxattr = no_xattrs,
    .setxattr = refuse_setxattr,
    .removexattr = refuse_removexattr,
    .inode_flags = refuse_flags,
    .open = refuse_open,
    .create = refuse_create,
    .tmpfile = refuse_tmpfile,
    .release = stub_release,
    .borrow = refuse_borrow,
    .opendir = stub_opendir,
    .readdir = stub_readdir,
    .fsyncdir = nothing_to_sync,
};

/* --- the tree ----------------------------------------------------------------------------------------------------- */

static struct sfs_stub *stub_new(struct sfs_stubs *stubs, struct sfs_stub *parent, const char *name, size_t length)
{
    struct sfs_stub *stub = calloc(1, sizeof *stub);
    if (stub == NULL)
        return NULL;
    stub->node.name = strndup(name, length);
    if (stub->node.name == NULL) {
        free(stub);
        return NULL;
    }
    TAILQ_INIT(&stub->children);
    stub->parent = parent != NULL ? parent : stub;
    stub->shown = &stub->node;
    stub->node.layer = &stubs->base;
    stub->node.ino = SFS_INODE_NUMBER_SYNTHETIC + stubs->count++;
    stub->node.type = S_IFDIR;
    stub->node.slot = stub->node.pinned_fd = -1;
    if (parent != NULL)
        TAILQ_INSERT_TAIL(&parent->children, stub, siblings);
    return stub;
}

static void stub_free(struct sfs_stub *stub)
{
    struct sfs_stub *child;
    while ((child = TAILQ_FIRST(&stub->children)) != NULL) {
        TAILQ_REMOVE(&stub->children, child, siblings);
        stub_free(child);
    }
    free(stub->node.name);
    free(stub);
}

sfs_err sfs_stubs_new(struct sfs_stubs **ret)
{
    struct sfs_stubs *stubs = calloc(1, sizeof *stubs);
    if (stubs == NULL)
        return -ENOMEM;
    stubs->base.ops = &stub_ops;
    (void)clock_gettime(CLOCK_REALTIME, &stubs->made);
    stubs->root = stub_new(stubs, NULL, "", 0);
    if (stubs->root == NULL) {
        free(stubs);
        return -ENOMEM;
    }
    *ret = stubs;
    return 0;
}

void sfs_stubs_free(struct sfs_stubs *stubs)
{
    if (stubs == NULL)
        return;
    stub_free(stubs->root);
    free(stubs);
}

static struct sfs_stub *child_of(const struct sfs_stub *stub, const char *name, size_t length)
{
    struct sfs_stub *child;
    TAILQ_FOREACH (child, &stub->children, siblings) {
        if (strncmp(child->node.name, name, length) == 0 && child->node.name[length] == '\0')
            return child;
    }
    return NULL;
}

sfs_err sfs_stubs_add(struct sfs_stubs *stubs, const char *path, bool hides)
{
    struct sfs_stub *at = stubs->root;
    while (*path != '\0') {
        size_t length = strcspn(path, "/");
        struct sfs_stub *child = child_of(at, path, length);
        if (child == NULL)
            child = stub_new(stubs, at, path, length);
        if (child == NULL)
            return -ENOMEM;
        at = child;
        path += length;
        path += strspn(path, "/");
    }
    at->hides = at->hides || hides;
    return 0;
}

/* The source's directory of that name, kept for good; NULL where there is none. */
static sfs_err find_real(const struct sfs_stub *stub, struct sfs_node **ret)
{
    *ret = NULL;
    struct sfs_node *dir = stub->parent->shown, *node;
    if (stub->hides || dir == &stub->parent->node)
        return 0;
    struct sfs_stat at;
    sfs_err r = sfs_node_ops(dir)->lookup(dir, stub->node.name, &node, &at);
    if (r < 0)
        return r == -ENOENT ? 0 : r;
    r = S_ISDIR(at.st.st_mode) ? sfs_node_ops(node)->keep(node) : -ENOTDIR;
    if (r < 0)
        sfs_node_ops(node)->forget(node, 1);
    else
        *ret = node;
    return r;
}

static char *path_of(const struct sfs_stub *stub)
{
    if (stub->parent->parent == stub->parent)
        return strdup(stub->node.name);
    SFS_CLEANUP_FREE char *above = path_of(stub->parent);
    return above != NULL ? sfs_path_join(above, stub->node.name) : NULL;
}

static sfs_err settle(struct sfs_stub *stub, char **ret_path)
{
    struct sfs_stub *child;
    TAILQ_FOREACH (child, &stub->children, siblings) {
        struct sfs_node *real;
        sfs_err r = find_real(child, &real);
        if (r < 0) {
            *ret_path = path_of(child);
            return r;
        }
        if (real != NULL)
            child->shown = real;
        r = settle(child, ret_path);
        if (r < 0)
            return r;
    }
    return 0;
}

sfs_err sfs_stubs_settle(struct sfs_stubs *stubs, struct sfs_layer *layer, char **ret_path)
{
    stubs->root->shown = layer->root;
    return settle(stubs->root, ret_path);
}

static const struct sfs_stub *place_below(const struct sfs_stub *stub, const struct sfs_node *dir)
{
    if (stub->shown == dir)
        return stub;
    const struct sfs_stub *child, *found = NULL;
    TAILQ_FOREACH (child, &stub->children, siblings)
        if ((found = place_below(child, dir)) != NULL)
            break;
    return found;
}

const struct sfs_stub *sfs_stubs_place(const struct sfs_stubs *stubs, const struct sfs_node *dir)
{
    return place_below(stubs->root, dir);
}

const struct sfs_stub *sfs_stub_child(const struct sfs_stub *stub, const char *name)
{
    return child_of(stub, name, strlen(name));
}

const struct sfs_stub *sfs_stub_child_at(const struct sfs_stub *stub, size_t index)
{
    const struct sfs_stub *child;
    TAILQ_FOREACH (child, &stub->children, siblings)
        if (index-- == 0)
            break;
    return child;
}

const char *sfs_stub_name(const struct sfs_stub *stub)
{
    return stub->node.name;
}

struct sfs_node *sfs_stub_node(const struct sfs_stub *stub)
{
    return stub->shown;
}
