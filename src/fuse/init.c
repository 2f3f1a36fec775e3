/* SPDX-License-Identifier: MIT */
/* The handshake with the kernel: what it can do, and what of that this map uses. */
#include "config.h"

#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "fuse/session-internal.h"
#include "os/cred.h"

/* As many as programs wait for answers at a time, and more. */
#define BACKGROUND_MOST 4096

static bool capable(const struct fuse_conn_info *conn, uint64_t flag)
{
#ifdef HAVE_FUSE_SET_FEATURE_FLAG
    return (conn->capable_ext & flag) != 0;
#else
    return (conn->capable & flag) != 0;
#endif
}

/* Use a feature if the kernel has it; returns whether. */
static bool want(struct fuse_conn_info *conn, uint64_t flag)
{
    if (!capable(conn, flag))
        return false;
#ifdef HAVE_FUSE_SET_FEATURE_FLAG
    return fuse_set_feature_flag(conn, flag);
#else
    conn->want |= (unsigned)flag;
    return true;
#endif
}

static void unwant(struct fuse_conn_info *conn, uint64_t flag)
{
#ifdef HAVE_FUSE_SET_FEATURE_FLAG
    fuse_unset_feature_flag(conn, flag);
#else
    conn->want &= ~(unsigned)flag;
#endif
}

static void choose(struct sfs_session *session, enum sfs_io io, const char *why)
{
    session->io = io;
    session->io_why = why;
}

static void refuse(struct sfs_session *session, const char *what, const char *instead, const char *why)
{
    session->refused = (struct refused){what, instead, why};
}

/* Whether requests can come by io_uring; libfuse has been told already (session.c) and sees to the rest. */
static void check_ring(struct sfs_session *session, struct fuse_conn_info *conn)
{
#ifdef HAVE_FUSE_IO_URING
    session->may_ring = session->map->policy.wants_ring && capable(conn, FUSE_CAP_OVER_IO_URING);
    if (!session->may_ring && session->map->conf->io_uring == SFS_ON)
        refuse(session, "io_uring = on", "io_uring = auto",
               "the kernel does not offer it: it needs Linux 6.14, and 1 or Y in "
               "/sys/module/fuse/parameters/enable_uring");
#else
    (void)conn;
    if (session->map->conf->io_uring == SFS_ON)
        refuse(session, "io_uring = on", "io_uring = auto", "it needs stablefs built with libfuse 3.18 or later");
#endif
}

/* Passthrough if everything allows it; *ret_why: what is missing otherwise. */
static bool want_passthrough(struct sfs_session *session, struct fuse_conn_info *conn, const char **ret_why)
{
#ifdef HAVE_FUSE_PASSTHROUGH
    if (!session->may_pass) {
        *ret_why = "passthrough needs CAP_SYS_ADMIN in the initial user namespace";
        return false;
    }
    if (!want(conn, FUSE_CAP_PASSTHROUGH)) {
        *ret_why = "passthrough needs Linux 6.9 or later";
        return false;
    }
    conn->max_backing_stack_depth = session->stacked ? 2 : 1;
    return true;
#else
    (void)session, (void)conn;
    *ret_why = "passthrough needs stablefs built with libfuse 3.17 or later";
    return false;
#endif
}

static void choose_io(struct sfs_session *session, struct fuse_conn_info *conn)
{
    const char *why = NULL;
    enum sfs_io asked = session->map->conf->io;
    if (asked == SFS_IO_DIRECT) {
        choose(session, SFS_IO_DIRECT, "as configured");
#ifdef FUSE_CAP_DIRECT_IO_ALLOW_MMAP
        (void)want(conn, FUSE_CAP_DIRECT_IO_ALLOW_MMAP);
#endif
    } else if (asked == SFS_IO_CACHED) {
        choose(session, SFS_IO_CACHED, "as configured");
    } else if (session->map->policy.kernel_opens) {
        choose(session, SFS_IO_CACHED, "files are opened by the kernel alone");
    } else if (want_passthrough(session, conn, &why)) {
        choose(session, SFS_IO_PASSTHROUGH,
               asked == SFS_IO_AUTO ? "the kernel reads and writes the source's files itself" : "as configured");
    } else {
        choose(session, SFS_IO_CACHED, why);
        if (asked == SFS_IO_PASSTHROUGH)
            refuse(session, "io = passthrough", "io = auto", why);
    }
}

/*
 * Who clears set-id bits and file capabilities when a file is written.  The kernel asks for each write whether the file
 * has capabilities, one request each, unless it may leave all of that to us (file_remove_privs() in fs/inode.c).  The
 * source's filesystem does it: what we write for others than root we write without CAP_FSETID (fuse/writer.h).
 */
static void choose_who_clears(struct sfs_session *session, struct fuse_conn_info *conn)
{
#ifdef HAVE_FUSE_CAP_HANDLE_KILLPRIV_V2
    /* not by root who could not act as another */
    session->clears_bits = (geteuid() != 0 || sfs_cred_can_switch()) && want(conn, FUSE_CAP_HANDLE_KILLPRIV_V2);
    /* it asks for the power in the initial namespace (capable() in fs/fuse/file.c), where root of another has none */
    session->root_loses = session->clears_bits && sfs_cred_in_initial_namespace();
#else
    (void)session, (void)conn;
#endif
}

/* What libfuse turns on by itself and must not be on. */
static void turn_off(struct sfs_session *session, struct fuse_conn_info *conn)
{
    /* an older and vaguer form of what choose_who_clears() asks for */
    unwant(conn, FUSE_CAP_HANDLE_KILLPRIV);
    /* pipes per thread for data that mostly is small, and of no use with passthrough */
    unwant(conn, FUSE_CAP_SPLICE_READ);
    unwant(conn, FUSE_CAP_SPLICE_WRITE);
    unwant(conn, FUSE_CAP_SPLICE_MOVE);
    if (session->map->policy.kernel_opens)
        unwant(conn, FUSE_CAP_ATOMIC_O_TRUNC); /* there would be no OPEN to carry the flag */
}

void sfs_op_init(void *userdata, struct fuse_conn_info *conn)
{
    struct sfs_session *session = userdata;
    const struct sfs_policy *policy = &session->map->policy;
    turn_off(session, conn);
    (void)want(conn, FUSE_CAP_PARALLEL_DIROPS);
    (void)want(conn, FUSE_CAP_CACHE_SYMLINKS); /* a symlink never changes: another target is another inode */
    (void)want(conn, FUSE_CAP_READDIRPLUS);
    (void)want(conn, FUSE_CAP_READDIRPLUS_AUTO);
    (void)want(conn, FUSE_CAP_IOCTL_DIR);
    (void)want(conn, policy->kernel_opens ? FUSE_CAP_NO_OPEN_SUPPORT : FUSE_CAP_ATOMIC_O_TRUNC);
    if (policy->kernel_lists)
        (void)want(conn, FUSE_CAP_NO_OPENDIR_SUPPORT);
    if (!policy->read_only) {
        (void)want(conn, FUSE_CAP_DONT_MASK); /* the umask is applied at the source, where default ACLs replace it */
        choose_who_clears(session, conn);
    }
    if (policy->kernel_opens) {
        unwant(conn, FUSE_CAP_AUTO_INVAL_DATA);
        (void)want(conn, FUSE_CAP_EXPLICIT_INVAL_DATA);
    } else {
        (void)want(conn, FUSE_CAP_AUTO_INVAL_DATA);
    }
    /* whatever the root's filesystem has: below it another one may be mounted at any time, and its ACLs bind all */
    (void)want(conn, FUSE_CAP_POSIX_ACL);
    choose_io(session, conn);
    check_ring(session, conn);
    /*
     * RELEASE is a request in the background, of which the kernel sends 12 at a time by default, while every waiting
     * program may send an OPEN: with many programs closed files pile up in its queue until no descriptor is left.
     */
    conn->max_background = BACKGROUND_MOST;
    conn->time_gran = 1; /* nanoseconds, as the source gives them */
    sfs_log_debug("%s: connected: protocol %u.%u, io %s (%s)", session->map->conf->path, conn->proto_major,
                  conn->proto_minor, sfs_io_word(session->io), session->io_why);
    (void)pthread_mutex_lock(&session->lock);
    session->initialized = true;
    (void)pthread_cond_broadcast(&session->changed);
    (void)pthread_mutex_unlock(&session->lock);
}

const char *sfs_session_library(bool *ret_passthrough)
{
#ifdef HAVE_FUSE_PASSTHROUGH
    *ret_passthrough = true;
#else
    *ret_passthrough = false;
#endif
    return fuse_pkgversion();
}
