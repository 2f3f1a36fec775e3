/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "os/cred.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "scratch.h"

static struct scratch at;

static void make(void)
{
    scratch_make(&at);
    cr_assert_eq(fchmod(at.fd, 0777), 0);
    cr_assert_eq(sfs_cred_init(), 0);
    (void)umask(0);
}

static void unmake(void)
{
    scratch_remove(&at);
}

TestSuite(cred, .init = make, .fini = unmake);

static uint64_t effective(void)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct half[2];
    cr_assert_eq(syscall(SYS_capget, &header, half), 0);
    return (uint64_t)half[1].effective << 32 | half[0].effective;
}

static bool has(unsigned cap)
{
    return (effective() >> cap & 1) != 0;
}

static void made_is(const char *name, uid_t uid, gid_t gid, mode_t mode)
{
    struct stat st;
    cr_assert_eq(fstatat(at.fd, name, &st, 0), 0);
    cr_assert_eq(st.st_uid, uid);
    cr_assert_eq(st.st_gid, gid);
    cr_assert_eq(st.st_mode & 07777, mode, "mode %o", st.st_mode & 07777);
}

static void make_as(const struct sfs_caller *caller, const char *name, mode_t mode)
{
    cr_assert_eq(sfs_cred_enter(caller), 0);
    int fd = openat(at.fd, name, O_WRONLY | O_CREAT | O_EXCL, mode);
    sfs_cred_leave(caller);
    cr_assert_geq(fd, 0);
    (void)close(fd);
}

static void need_root(void)
{
    if (geteuid() != 0 || !sfs_cred_can_switch())
        cr_skip_test("SKIP-OK: only root can take other identities");
}

Test(cred, own_identity)
{
    struct sfs_caller me = {.uid = geteuid(), .gid = getegid(), .umask = 027};
    make_as(&me, "mine", 0666);
    made_is("mine", geteuid(), getegid(), 0640);
}

Test(cred, ids_that_do_not_exist_here)
{
    struct sfs_caller caller = {.uid = (uid_t)-1, .gid = getegid()};
    cr_assert_eq(sfs_cred_enter(&caller), -EOVERFLOW);
    caller = (struct sfs_caller){.uid = geteuid(), .gid = (gid_t)-1};
    cr_assert_eq(sfs_cred_enter(&caller), -EOVERFLOW);
    sfs_cred_drop(&(struct sfs_caller){.uid = (uid_t)-1, .gid = (gid_t)-1}); /* refuses nobody, does nothing */
    sfs_cred_restore(&(struct sfs_caller){.uid = (uid_t)-1, .gid = (gid_t)-1});
}

Test(cred, others_without_the_right)
{
    if (geteuid() == 0)
        cr_skip_test("SKIP-OK: root may");
    struct sfs_caller caller = {.uid = geteuid() + 1, .gid = getegid()};
    cr_assert_eq(sfs_cred_enter(&caller), -EPERM);
}

Test(cred, other_identity_and_back)
{
    need_root();
    uint64_t before = effective();
    struct sfs_caller caller = {.uid = 1234, .gid = 5678, .umask = 022};
    cr_assert_eq(sfs_cred_enter(&caller), 0);
    cr_assert_not(has(CAP_FSETID));
    cr_assert_not(has(CAP_CHOWN));
    cr_assert_not(has(CAP_FOWNER));
    cr_assert(has(CAP_DAC_OVERRIDE));
    cr_assert(has(CAP_SETUID));
    sfs_cred_leave(&caller);
    cr_assert_eq(effective(), before);
    cr_assert_eq(setfsuid((uid_t)-1), 0);
    cr_assert_eq(setfsgid((gid_t)-1), 0);
    make_as(&caller, "theirs", 0666);
    made_is("theirs", 1234, 5678, 0644);
    cr_assert_eq(effective(), before);
}

Test(cred, same_user_other_group)
{
    need_root();
    struct sfs_caller caller = {.uid = 0, .gid = 5678, .umask = 0};
    make_as(&caller, "group", 0600);
    made_is("group", 0, 5678, 0600);
    cr_assert_eq(setfsgid((gid_t)-1), 0);
}

/* A set-gid bit stays only for those who are in the group. */
Test(cred, groups_decide_about_set_gid)
{
    need_root();
    static const gid_t groups[] = {4242};
    cr_assert_eq(fchown(at.fd, 0, 4242), 0);
    cr_assert_eq(fchmod(at.fd, 02777), 0);
    struct sfs_caller outsider = {.uid = 1234, .gid = 5678};
    struct sfs_caller member = {.uid = 1234, .gid = 5678, .groups = groups, .group_count = 1};
    make_as(&outsider, "outsider", 02770);
    make_as(&member, "member", 02770);
    make_as(&outsider, "outsider-again", 02770); /* the groups have gone again */
    made_is("outsider", 1234, 4242, 0770);
    made_is("member", 1234, 4242, 02770);
    made_is("outsider-again", 1234, 4242, 0770);
}

Test(cred, dropped_for_a_while)
{
    need_root();
    uint64_t before = effective();
    struct sfs_caller caller = {.uid = 1234, .gid = 5678, .umask = 077};
    sfs_cred_drop(&caller);
    cr_assert_not(has(CAP_FSETID));
    sfs_cred_restore(&caller);
    cr_assert_eq(effective(), before);
    struct sfs_caller root = {.uid = 0, .gid = 0};
    sfs_cred_drop(&root);
    cr_assert(has(CAP_FSETID));
    sfs_cred_restore(&root);
}

/* Only the user, for what is done on an open file. */
Test(cred, the_user_only)
{
    need_root();
    uint64_t before = effective();
    struct sfs_caller caller = {.uid = 1234, .gid = 5678, .uid_only = true};
    sfs_cred_drop(&caller);
    cr_assert_eq(setfsuid((uid_t)-1), 1234);
    cr_assert_eq(setfsgid((gid_t)-1), 0);
    cr_assert_not(has(CAP_FSETID));
    sfs_cred_restore(&caller);
    cr_assert_eq(setfsuid((uid_t)-1), 0);
    cr_assert_eq(effective(), before);
}

/* A capability that is permitted and not in force stays so. */
Test(cred, what_is_not_in_force)
{
    need_root();
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct half[2];
    cr_assert_eq(syscall(SYS_capget, &header, half), 0);
    half[0].effective &= ~(UINT32_C(1) << CAP_SYS_PTRACE);
    cr_assert_eq(syscall(SYS_capset, &header, half), 0);
    cr_assert_eq(sfs_cred_init(), 0);
    make_as(&(struct sfs_caller){.uid = 1234, .gid = 5678}, "made", 0600);
    cr_assert_not(has(CAP_SYS_PTRACE));
    cr_assert(has(CAP_CHOWN));
}

struct maker {
    mode_t umask;
    pthread_barrier_t *barrier;
    bool wrong;
};

static void *make_many(void *data)
{
    struct maker *maker = data;
    struct sfs_caller caller = {.uid = geteuid(), .gid = getegid(), .umask = maker->umask};
    (void)pthread_barrier_wait(maker->barrier);
    for (unsigned i = 0; i < 300; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "t%o-%u", maker->umask, i);
        if (sfs_cred_enter(&caller) < 0) {
            maker->wrong = true;
            break;
        }
        int fd = openat(at.fd, name, O_WRONLY | O_CREAT | O_EXCL, 0666);
        sfs_cred_leave(&caller);
        struct stat st;
        if (fd < 0 || fstat(fd, &st) < 0 || (st.st_mode & 0777) != (0666 & ~maker->umask))
            maker->wrong = true;
        (void)close(fd);
    }
    return NULL;
}

Test(cred, umask_of_each_thread)
{
    static const mode_t masks[] = {0, 022, 027, 077};
    enum { COUNT = sizeof masks / sizeof masks[0] };
    pthread_barrier_t barrier;
    pthread_t threads[COUNT];
    struct maker makers[COUNT];
    cr_assert_eq(pthread_barrier_init(&barrier, NULL, COUNT), 0);
    for (size_t i = 0; i < COUNT; i++) {
        makers[i] = (struct maker){masks[i], &barrier, false};
        cr_assert_eq(pthread_create(&threads[i], NULL, make_many, &makers[i]), 0);
    }
    for (size_t i = 0; i < COUNT; i++) {
        cr_assert_eq(pthread_join(threads[i], NULL), 0);
        cr_assert_not(makers[i].wrong, "umask %o", masks[i]);
    }
    (void)pthread_barrier_destroy(&barrier);
}

Test(cred, groups_of_the_process)
{
    cr_assert(sfs_cred_in_group(getegid()));
    cr_assert_not(sfs_cred_in_group(4000000));
}
