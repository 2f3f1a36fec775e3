/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/doctor.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Below the first, files are closed and opened again in ordinary use; with fewer than the other not one map starts. */
#define DESCRIPTORS_GOOD  1024
#define DESCRIPTORS_LEAST 16

const char *sfs_doctor_answer_name(enum sfs_doctor_answer answer)
{
    static const char *const names[] = {"yes", "no", "partly", "unknown"};
    return names[answer];
}

/* The answer to one question. */
static void __attribute__((format(printf, 5, 6)))
say(struct sfs_doctor_check *check, const struct sfs_doctor_facts *facts, enum sfs_doctor_answer answer,
    enum sfs_doctor_need need, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(check->why, sizeof check->why, format, args);
    va_end(args);
    check->answer = answer;
    check->mend = sfs_doctor_advice(need, facts->where);
}

/* --- one question each -------------------------------------------------------------------------------------------- */

static void judge_device(const struct sfs_doctor_facts *facts, struct sfs_doctor_check *check)
{
    if (facts->device == 0)
        say(check, facts, SFS_ANSWER_YES, SFS_NEED_NOTHING, "it opens");
    else
        say(check, facts, SFS_ANSWER_NO, sfs_doctor_need_of_device(facts->device), "%s",
            strerrordesc_np(-facts->device));
}

static void judge_direct(const struct sfs_doctor_facts *facts, struct sfs_doctor_check *check)
{
    const struct sfs_trial *trial = &facts->direct;
    const char *words = strerrordesc_np(-trial->result);
    if (trial->result == 0)
        say(check, facts, SFS_ANSWER_YES, SFS_NEED_NOTHING, "it mounts");
    else if (trial->step == SFS_TRIAL_DEVICE)
        say(check, facts, SFS_ANSWER_NO, sfs_doctor_need_of_device(trial->result), "/dev/fuse: %s", words);
    else if (!facts->root && !facts->can_mount)
        say(check, facts, SFS_ANSWER_NO, SFS_NEED_NOTHING, "only root may: %s", words);
    else if (!facts->can_mount)
        say(check, facts, SFS_ANSWER_NO, facts->confined ? SFS_NEED_UNCONFINED : SFS_NEED_MOUNT,
            "CAP_SYS_ADMIN is missing: %s", words);
    else if (facts->confined)
        say(check, facts, SFS_ANSWER_NO, SFS_NEED_UNCONFINED, "%s: the AppArmor profile %s refuses it", words,
            facts->profile);
    else if (trial->result == -ENODEV)
        say(check, facts, SFS_ANSWER_NO, SFS_NEED_DEVICE, "the kernel has no FUSE: %s", words);
    else
        say(check, facts, SFS_ANSWER_NO, SFS_NEED_MOUNT, "%s%s", words,
            facts->seccomp > 0 ? ": a seccomp filter may refuse it" : "");
}

/* Who refuses a user namespace can only be guessed from what is set. */
static void judge_space(const struct sfs_doctor_facts *facts, struct sfs_doctor_check *check)
{
    sfs_err r = facts->space.result;
    const char *words = strerrordesc_np(-r);
    if (r == 0)
        say(check, facts, SFS_ANSWER_YES, SFS_NEED_NOTHING, "one can be made, and mounts in it work");
    else if (facts->most_spaces == 0)
        say(check, facts, SFS_ANSWER_NO, SFS_NEED_SPACES, "%s: user.max_user_namespaces is 0", words);
    else if (r == -ENOSPC || r == -EUSERS)
        say(check, facts, SFS_ANSWER_NO, SFS_NEED_SPACES,
            "%s: too many, or too deep below another, or "
            "user.max_user_namespaces of an outer one is 0",
            words);
    else if (r == -ENOSYS || r == -EINVAL)
        say(check, facts, SFS_ANSWER_NO, SFS_NEED_KERNEL, "%s: the kernel has none", words);
    else if (facts->clone_allowed == 0 && !facts->can_mount)
        say(check, facts, SFS_ANSWER_NO, SFS_NEED_CLONE, "%s: kernel.unprivileged_userns_clone is 0", words);
    else if (facts->confined)
        say(check, facts, SFS_ANSWER_NO, SFS_NEED_UNCONFINED, "%s: the AppArmor profile %s refuses it", words,
            facts->profile);
    else if (facts->apparmor_restricts > 0 && !facts->can_mount)
        say(check, facts, SFS_ANSWER_NO, SFS_NEED_PROFILE, "%s: kernel.apparmor_restrict_unprivileged_userns is 1",
            words);
    else if (facts->seccomp > 0)
        say(check, facts, SFS_ANSWER_NO, SFS_NEED_SPACE, "%s: a seccomp filter may refuse it", words);
    else
        say(check, facts, SFS_ANSWER_NO, SFS_NEED_SPACE, "%s: a security module or a chroot may refuse it", words);
}

static void judge_space_fuse(const struct sfs_doctor_facts *facts, const struct sfs_doctor_check *space,
                             struct sfs_doctor_check *check)
{
    const struct sfs_trial *trial = &facts->space_fuse;
    const char *words = strerrordesc_np(-trial->result);
    if (trial->result == 0) {
        say(check, facts, SFS_ANSWER_YES, SFS_NEED_NOTHING, "it mounts");
    } else if (trial->step == SFS_TRIAL_DEVICE) {
        say(check, facts, SFS_ANSWER_NO, sfs_doctor_need_of_device(trial->result), "/dev/fuse: %s", words);
    } else if (facts->space.result < 0) {
        say(check, facts, SFS_ANSWER_NO, SFS_NEED_NOTHING, "there is no user namespace");
        check->mend = space->mend;
    } else if (trial->result == -EPERM || trial->result == -ENODEV) {
        /* other filesystems mount: the kernel does not have FUSE, or not for user namespaces */
        say(check, facts, SFS_ANSWER_NO, SFS_NEED_KERNEL, "%s", words);
    } else {
        say(check, facts, SFS_ANSWER_NO, SFS_NEED_UNCONFINED, "%s", words);
    }
}

static void judge_bind(const struct sfs_doctor_facts *facts, const struct sfs_doctor_report *report,
                       struct sfs_doctor_check *check)
{
    sfs_err r = facts->bind.result;
    if (r == 0) {
        say(check, facts, SFS_ANSWER_YES, SFS_NEED_NOTHING, "one can be made in a namespace of one's own");
        return;
    }
    say(check, facts, SFS_ANSWER_NO, SFS_NEED_NOTHING, "%s", strerrordesc_np(-r));
    check->mend = report->checks[facts->root ? SFS_CHECK_DIRECT : SFS_CHECK_SPACE].mend;
}

static void judge_helper(const struct sfs_doctor_facts *facts, struct sfs_doctor_check *check)
{
    const struct sfs_doctor_helper *helper = &facts->helper;
    if (!helper->found)
        say(check, facts, SFS_ANSWER_NO, SFS_NEED_HELPER, "not found in PATH");
    else if (helper->works)
        say(check, facts, SFS_ANSWER_YES, SFS_NEED_NOTHING, "%s mounts and unmounts", helper->path);
    else if (facts->no_new_privs && !facts->can_mount)
        say(check, facts, SFS_ANSWER_NO, SFS_NEED_NEW_PRIVS, "%s: no_new_privs is set, it gains no rights",
            helper->path);
    else if (!helper->setuid && !facts->can_mount && !facts->initial)
        say(check, facts, SFS_ANSWER_NO, SFS_NEED_MOUNT, "%s: it gains no rights in this user namespace", helper->path);
    else if (!helper->setuid && !facts->can_mount)
        say(check, facts, SFS_ANSWER_NO, SFS_NEED_SETUID, "%s is not set-user-ID root, or lies on a nosuid mount",
            helper->path);
    else if (helper->untried)
        say(check, facts, SFS_ANSWER_UNKNOWN, SFS_NEED_NOTHING, "%s: no directory to try it in (set TMPDIR)",
            helper->path);
    else if (strstr(helper->said, "username") != NULL)
        say(check, facts, SFS_ANSWER_NO, SFS_NEED_ACCOUNT, "%s: %s", helper->path, helper->said);
    else if (facts->device != 0)
        say(check, facts, SFS_ANSWER_NO, sfs_doctor_need_of_device(facts->device), "%s: %s", helper->path,
            helper->said);
    else
        say(check, facts, SFS_ANSWER_NO, facts->confined ? SFS_NEED_UNCONFINED : SFS_NEED_MOUNT, "%s: %s", helper->path,
            helper->said);
}

static void judge_allow_other(const struct sfs_doctor_facts *facts, struct sfs_doctor_check *check)
{
    if (facts->can_mount)
        say(check, facts, SFS_ANSWER_YES, SFS_NEED_NOTHING, "who mounts directly needs no permission for it");
    else if (facts->others_allowed)
        say(check, facts, SFS_ANSWER_YES, SFS_NEED_NOTHING, "user_allow_other is in /etc/fuse.conf");
    else
        say(check, facts, SFS_ANSWER_NO, SFS_NEED_ALLOW_OTHER, "user_allow_other is not in /etc/fuse.conf");
}

static void judge_descriptors(const struct sfs_doctor_facts *facts, struct sfs_doctor_check *check)
{
    size_t most = facts->descriptors;
    if (most == (size_t)-1)
        say(check, facts, SFS_ANSWER_YES, SFS_NEED_NOTHING, "no limit");
    else if (most >= DESCRIPTORS_GOOD)
        say(check, facts, SFS_ANSWER_YES, SFS_NEED_NOTHING, "%zu", most);
    else if (most >= DESCRIPTORS_LEAST)
        say(check, facts, SFS_ANSWER_PARTLY, SFS_NEED_DESCRIPTORS,
            "%zu: programs can hold fewer files open, and files are opened again more often", most);
    else
        say(check, facts, SFS_ANSWER_NO, SFS_NEED_DESCRIPTORS, "%zu: too few to serve anything", most);
}

static void judge_passthrough(const struct sfs_doctor_facts *facts, struct sfs_doctor_check *check)
{
    const struct sfs_trial *heard = facts->direct.result == 0 ? &facts->direct : &facts->space_fuse;
    if (!facts->library_passes)
        say(check, facts, SFS_ANSWER_NO, SFS_NEED_PASS_LIBRARY, "this build has libfuse %s", facts->library);
    else if (!facts->can_mount || !facts->initial)
        say(check, facts, SFS_ANSWER_NO, SFS_NEED_NOTHING, "only root of the host's user namespace may");
    else if (heard->result < 0 || heard->major == 0)
        say(check, facts, SFS_ANSWER_UNKNOWN, SFS_NEED_NOTHING, "the kernel could not be asked");
    else if ((heard->features & SFS_TRIAL_PASSTHROUGH) == 0)
        say(check, facts, SFS_ANSWER_NO, SFS_NEED_PASS_KERNEL, "Linux %s does not offer it", facts->kernel);
    else
        say(check, facts, SFS_ANSWER_YES, SFS_NEED_NOTHING, "files may be read and written without the daemon");
}

/* --- the commands ------------------------------------------------------------------------------------------------- */

/* fusermount3 mounts, but libfuse opens the device itself. */
static bool helper_serves(const struct sfs_doctor_facts *facts)
{
    return facts->device == 0 && facts->helper.works;
}

static void conclude(struct sfs_doctor_verdict *verdict, enum sfs_doctor_answer answer, const char *how,
                     const char *why, const char *mend)
{
    *verdict = (struct sfs_doctor_verdict){.answer = answer, .how = how, .mend = mend};
    (void)snprintf(verdict->why, sizeof verdict->why, "%s", why);
}

static void conclude_not(struct sfs_doctor_verdict *verdict, const struct sfs_doctor_check *decides, const char *mend)
{
    *verdict = (struct sfs_doctor_verdict){.answer = decides->answer, .how = "no", .mend = mend};
    (void)snprintf(verdict->why, sizeof verdict->why, "%s: %s", decides->title, decides->why);
}

/* The first obstacle on the way that run takes (run.c, choose_namespace()). */
static const struct sfs_doctor_check *obstacle_of_run(const struct sfs_doctor_facts *facts,
                                                      const struct sfs_doctor_check *checks)
{
    if (facts->device != 0)
        return &checks[SFS_CHECK_DEVICE];
    if (facts->can_mount)
        return &checks[SFS_CHECK_DIRECT];
    return &checks[facts->space.result != 0 ? SFS_CHECK_SPACE : SFS_CHECK_SPACE_FUSE];
}

static void judge_run(const struct sfs_doctor_facts *facts, struct sfs_doctor_report *report)
{
    const struct sfs_doctor_check *checks = report->checks;
    const struct sfs_doctor_check *decides = obstacle_of_run(facts, checks);
    /* root without the capability is given it more easily than user namespaces */
    bool root_lacks = facts->root && !facts->can_mount && facts->device == 0;
    const char *mend = root_lacks ? checks[SFS_CHECK_DIRECT].mend : decides->mend;
    bool space = facts->can_mount || facts->space.result == 0;
    struct sfs_doctor_verdict *run = &report->run;
    report->run_works = true;
    if (checks[SFS_CHECK_DESCRIPTORS].answer == SFS_ANSWER_NO) {
        report->run_works = false;
        conclude_not(run, &checks[SFS_CHECK_DESCRIPTORS], checks[SFS_CHECK_DESCRIPTORS].mend);
    } else if (decides->answer == SFS_ANSWER_YES && facts->can_mount) {
        conclude(run, SFS_ANSWER_YES, "directly", "in a mount namespace of its own", NULL);
    } else if (decides->answer == SFS_ANSWER_YES) {
        conclude(run, SFS_ANSWER_YES, "user-namespace", "in a user namespace of its own", NULL);
    } else if (!space && !facts->root && helper_serves(facts)) {
        conclude(run, SFS_ANSWER_PARTLY, "fusermount3", "by fusermount3: not private, at paths that you may write",
                 mend);
    } else if (space && facts->bind.result == 0) {
        report->run_works = false;
        conclude(run, SFS_ANSWER_PARTLY, "bind", "only with --fallback bind", mend);
    } else {
        report->run_works = false;
        conclude_not(run, decides, mend);
    }
}

static void judge_mount(const struct sfs_doctor_facts *facts, struct sfs_doctor_report *report)
{
    const struct sfs_doctor_check *checks = report->checks;
    const struct sfs_doctor_check *decides = &checks[SFS_CHECK_DEVICE];
    if (checks[SFS_CHECK_DESCRIPTORS].answer == SFS_ANSWER_NO)
        decides = &checks[SFS_CHECK_DESCRIPTORS];
    else if (facts->can_mount && facts->device == 0)
        decides = &checks[SFS_CHECK_DIRECT];
    else if (facts->device == 0)
        decides = &checks[facts->root && !facts->helper.works ? SFS_CHECK_DIRECT : SFS_CHECK_HELPER];
    if (decides->answer != SFS_ANSWER_YES)
        conclude_not(&report->mount, decides, decides->mend);
    else if (decides == &checks[SFS_CHECK_DIRECT])
        conclude(&report->mount, SFS_ANSWER_YES, "directly",
                 facts->initial ? "for everybody" : "inside this user namespace", NULL);
    else
        conclude(&report->mount, SFS_ANSWER_YES, "fusermount3",
                 facts->others_allowed ? "by fusermount3, at paths that you may write"
                                       : "by fusermount3, for yourself alone, at paths that you may write",
                 NULL);
}

void sfs_doctor_judge(const struct sfs_doctor_facts *facts, struct sfs_doctor_report *ret)
{
    *ret = (struct sfs_doctor_report){
        .checks =
            {
                [SFS_CHECK_DEVICE] = {.id = "device", .title = "/dev/fuse"},
                [SFS_CHECK_DIRECT] = {.id = "mount", .title = "mounting FUSE"},
                [SFS_CHECK_SPACE] = {.id = "user-namespace", .title = "user namespaces"},
                [SFS_CHECK_SPACE_FUSE] = {.id = "user-namespace-mount", .title = "FUSE in them"},
                [SFS_CHECK_BIND] = {.id = "bind", .title = "bind mounts"},
                [SFS_CHECK_HELPER] = {.id = "fusermount3", .title = "fusermount3"},
                [SFS_CHECK_ALLOW_OTHER] = {.id = "allow-other", .title = "allow_other"},
                [SFS_CHECK_DESCRIPTORS] = {.id = "descriptors", .title = "open files"},
                [SFS_CHECK_PASSTHROUGH] = {.id = "passthrough", .title = "io = passthrough"},
            },
    };
    struct sfs_doctor_check *checks = ret->checks;
    judge_device(facts, &checks[SFS_CHECK_DEVICE]);
    judge_direct(facts, &checks[SFS_CHECK_DIRECT]);
    judge_space(facts, &checks[SFS_CHECK_SPACE]);
    judge_space_fuse(facts, &checks[SFS_CHECK_SPACE], &checks[SFS_CHECK_SPACE_FUSE]);
    judge_bind(facts, ret, &checks[SFS_CHECK_BIND]);
    judge_helper(facts, &checks[SFS_CHECK_HELPER]);
    judge_allow_other(facts, &checks[SFS_CHECK_ALLOW_OTHER]);
    judge_descriptors(facts, &checks[SFS_CHECK_DESCRIPTORS]);
    judge_passthrough(facts, &checks[SFS_CHECK_PASSTHROUGH]);
    judge_run(facts, ret);
    judge_mount(facts, ret);
}
