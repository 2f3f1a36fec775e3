/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "conf/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"

#define DIGEST_MOST (UINT64_C(64) << 20)

static void free_context(EVP_MD_CTX **context)
{
    EVP_MD_CTX_free(*context);
}

#define CLEANUP_CONTEXT __attribute__((cleanup(free_context)))

static int crypto_failed(struct sfs_error **err)
{
    return sfs_error_set(err, SFS_STATUS_FAILED, "libcrypto cannot compute a SHA-256 (out of memory?)");
}

static EVP_MD_CTX *new_context(void)
{
    /* the system's configuration may name modules, and the static program cannot load any */
    (void)OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1) {
        EVP_MD_CTX_free(context);
        context = NULL;
    }
    return context;
}

static int add_number(EVP_MD_CTX *context, uint64_t number)
{
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(number >> (56 - 8 * i));
    return EVP_DigestUpdate(context, bytes, sizeof bytes);
}

/* A regular file open for reading: 0 and *ret_fd, or -errno (-EBADF: not a regular file). */
static sfs_err open_regular(const char *path, int *ret_fd)
{
    /* looked at before, since opening a device may do something */
    struct stat st;
    if (stat(path, &st) < 0)
        return -errno;
    if (!S_ISREG(st.st_mode))
        return -EBADF;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return -errno;
    sfs_err r = fstat(fd, &st) < 0 ? -errno : !S_ISREG(st.st_mode) ? -EBADF : 0;
    if (r < 0) {
        (void)close(fd);
        return r;
    }
    *ret_fd = fd;
    return 0;
}

/* Hash all of fd: 0, or -errno; -EFBIG; -EPROTO when libcrypto fails. */
static sfs_err hash_content(int fd, EVP_MD_CTX *context, uint64_t *ret_length)
{
    unsigned char buffer[16384];
    uint64_t length = 0;
    for (;;) {
        ssize_t got = read(fd, buffer, sizeof buffer);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            break;
        length += (uint64_t)got;
        if (length > DIGEST_MOST)
            return -EFBIG;
        if (EVP_DigestUpdate(context, buffer, (size_t)got) != 1)
            return -EPROTO;
    }
    *ret_length = length;
    return 0;
}

static int add_file(EVP_MD_CTX *context, const char *path, struct sfs_error **err)
{
    CLEANUP_CONTEXT EVP_MD_CTX *inner = new_context();
    if (inner == NULL)
        return crypto_failed(err);
    int fd = -1;
    uint64_t length = 0;
    sfs_err r = open_regular(path, &fd);
    if (r >= 0) {
        r = hash_content(fd, inner, &length);
        (void)close(fd);
    }
    if (r == -EPROTO)
        return crypto_failed(err);
    if (r == -ENOENT || r == -ENOTDIR)
        return sfs_error_set(err, SFS_STATUS_USAGE, "there is no file %s to make a digest of (correct the path)", path);
    if (r == -EBADF)
        return sfs_error_set(err, SFS_STATUS_USAGE, "%s is not a regular file (a digest needs regular files)", path);
    if (r == -EFBIG)
        return sfs_error_set(err, SFS_STATUS_USAGE, "%s has more than 64 MiB (make the digest of a smaller file)",
                             path);
    if (r < 0) {
        errno = -r;
        return sfs_error_set(err, SFS_STATUS_USAGE, "%s cannot be read: %m (a digest needs its content)", path);
    }
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned hash_length = 0;
    if (EVP_DigestFinal_ex(inner, hash, &hash_length) != 1 || add_number(context, length) != 1 ||
        EVP_DigestUpdate(context, hash, hash_length) != 1)
        return crypto_failed(err);
    return 0;
}

static int add_files(EVP_MD_CTX *context, const char *files, struct sfs_error **err)
{
    uint64_t count = 1;
    for (const char *at = files; *at != '\0'; at++)
        count += *at == ':';
    if (add_number(context, count) != 1)
        return crypto_failed(err);
    for (const char *at = files;;) {
        size_t length = strcspn(at, ":");
        SFS_CLEANUP_FREE char *path = strndup(at, length);
        if (path == NULL)
            return sfs_error_set(err, SFS_STATUS_FAILED, "out of memory (free some and try again)");
        if (length == 0)
            return sfs_error_set(err, SFS_STATUS_USAGE,
                                 "a digest needs the names of files (write ${digest:/DIR/FILE} or "
                                 "${digest:/DIR/FILE:/DIR/OTHER})");
        if (!sfs_path_is_absolute(path))
            return sfs_error_set(err, SFS_STATUS_USAGE,
                                 "%s is a relative path (write the file of a digest from the root, as in /DIR/FILE)",
                                 path);
        if (add_file(context, path, err) < 0)
            return -1;
        if (at[length] == '\0')
            return 0;
        at += length + 1;
    }
}

int sfs_digest_files(const char *files, char ret[SFS_DIGEST_DIGITS + 1], struct sfs_error **err)
{
    CLEANUP_CONTEXT EVP_MD_CTX *context = new_context();
    if (context == NULL)
        return crypto_failed(err);
    if (add_files(context, files, err) < 0)
        return -1;
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (EVP_DigestFinal_ex(context, hash, &length) != 1 || length * 2 < SFS_DIGEST_DIGITS)
        return crypto_failed(err);
    for (size_t i = 0; i < SFS_DIGEST_DIGITS / 2; i++)
        (void)snprintf(ret + 2 * i, 3, "%02x", hash[i]);
    return 0;
}
