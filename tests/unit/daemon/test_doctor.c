/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/doctor.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A host where a normal user can do everything that one can do. */
static struct sfs_doctor_facts good(void)
{
    struct sfs_trial refused = {.result = -EPERM, .step = SFS_TRIAL_NAMESPACE};
    struct sfs_trial done = {.step = SFS_TRIAL_DONE, .major = 7, .minor = 45};
    return (struct sfs_doctor_facts){
        .where = SFS_WHERE_HOST,
        .where_why = "",
        .initial = true,
        .direct = refused,
        .space = done,
        .space_fuse = done,
        .bind = done,
        .helper = {.found = true, .path = "/usr/bin/fusermount3", .setuid = true, .works = true},
        .descriptors = 1024,
        .most_spaces = 1000,
        .clone_allowed = -1,
        .apparmor_restricts = -1,
        .kernel = "6.1.0",
        .library = "3.14.0",
    };
}

static struct sfs_doctor_facts good_root(void)
{
    struct sfs_doctor_facts facts = good();
    facts.root = facts.can_mount = true;
    facts.direct = facts.space_fuse;
    return facts;
}

static void refuse_spaces(struct sfs_doctor_facts *facts, sfs_err r)
{
    facts->space = facts->space_fuse = (struct sfs_trial){.result = r, .step = SFS_TRIAL_NAMESPACE};
    if (!facts->can_mount)
        facts->bind = facts->space;
}

static struct sfs_doctor_report judged(const struct sfs_doctor_facts *facts)
{
    struct sfs_doctor_report report;
    sfs_doctor_judge(facts, &report);
    return report;
}

static void expect(const struct sfs_doctor_verdict *verdict, const char *how, enum sfs_doctor_answer answer,
                   const char *mend)
{
    cr_assert_str_eq(verdict->how, how);
    cr_assert_eq(verdict->answer, answer, "%s", verdict->why);
    cr_assert_gt(strlen(verdict->why), 0);
    if (mend == NULL)
        cr_assert_null(verdict->mend, "%s", verdict->mend);
    else
        cr_assert(verdict->mend != NULL && strstr(verdict->mend, mend) != NULL, "%s",
                  verdict->mend != NULL ? verdict->mend : "(nothing)");
}

Test(doctor, a_good_host)
{
    struct sfs_doctor_facts facts = good();
    struct sfs_doctor_report report = judged(&facts);
    expect(&report.run, "user-namespace", SFS_ANSWER_YES, NULL);
    expect(&report.mount, "fusermount3", SFS_ANSWER_YES, NULL);
    cr_assert(report.run_works);
    facts = good_root();
    report = judged(&facts);
    expect(&report.run, "directly", SFS_ANSWER_YES, NULL);
    expect(&report.mount, "directly", SFS_ANSWER_YES, NULL);
    cr_assert(report.run_works);
}

Test(doctor, without_the_device)
{
    struct sfs_doctor_facts facts = good();
    facts.where = SFS_WHERE_PODMAN;
    facts.device = -ENOENT;
    facts.direct = facts.space_fuse = (struct sfs_trial){.result = -ENOENT, .step = SFS_TRIAL_DEVICE};
    facts.helper.works = false;
    struct sfs_doctor_report report = judged(&facts);
    expect(&report.run, "bind", SFS_ANSWER_PARTLY, "podman run --device /dev/fuse");
    expect(&report.mount, "no", SFS_ANSWER_NO, "podman run --device /dev/fuse");
    cr_assert_not(report.run_works, "a bind mount is not stablefs");
    facts.where = SFS_WHERE_HOST;
    report = judged(&facts);
    expect(&report.mount, "no", SFS_ANSWER_NO, "modprobe fuse");
    facts.device = -EACCES;
    report = judged(&facts);
    expect(&report.mount, "no", SFS_ANSWER_NO, "chmod 666 /dev/fuse");
}

Test(doctor, docker_with_apparmor)
{
    struct sfs_doctor_facts facts = good_root();
    facts.where = SFS_WHERE_DOCKER;
    facts.confined = true;
    (void)snprintf(facts.profile, sizeof facts.profile, "docker-default");
    facts.direct = facts.space_fuse = facts.space = facts.bind =
        (struct sfs_trial){.result = -EACCES, .step = SFS_TRIAL_MOUNT};
    struct sfs_doctor_report report = judged(&facts);
    expect(&report.run, "no", SFS_ANSWER_NO, "--security-opt apparmor=unconfined");
    expect(&report.mount, "no", SFS_ANSWER_NO, "--security-opt apparmor=unconfined");
    cr_assert(strstr(report.run.why, "docker-default") != NULL);
    /* as it is without flags: no capability, and a seccomp filter that forbids namespaces */
    facts.can_mount = false;
    facts.seccomp = 2;
    facts.device = -ENOENT;
    refuse_spaces(&facts, -EPERM);
    report = judged(&facts);
    expect(&report.run, "no", SFS_ANSWER_NO, "docker run --device /dev/fuse --cap-add SYS_ADMIN");
}

Test(doctor, user_namespaces_forbidden)
{
    struct sfs_doctor_facts facts = good();
    facts.apparmor_restricts = 1;
    refuse_spaces(&facts, -EACCES);
    struct sfs_doctor_report report = judged(&facts);
    expect(&report.run, "fusermount3", SFS_ANSWER_PARTLY, "kernel.apparmor_restrict_unprivileged_userns=0");
    cr_assert(report.run_works);
    facts.clone_allowed = 0;
    refuse_spaces(&facts, -EPERM);
    report = judged(&facts);
    expect(&report.run, "fusermount3", SFS_ANSWER_PARTLY, "kernel.unprivileged_userns_clone=1");
    facts.most_spaces = 0;
    refuse_spaces(&facts, -ENOSPC);
    facts.helper.works = facts.helper.setuid = false;
    report = judged(&facts);
    expect(&report.run, "no", SFS_ANSWER_NO, "user.max_user_namespaces=10000");
    expect(&report.mount, "no", SFS_ANSWER_NO, "chmod u+s fusermount3");
    cr_assert(strstr(report.run.why, "No space left on device") != NULL, "%s", report.run.why);
    facts.where = SFS_WHERE_SLURM;
    report = judged(&facts);
    expect(&report.run, "no", SFS_ANSWER_NO, "prolog that runs stablefs mount");
}

Test(doctor, root_without_the_capability)
{
    struct sfs_doctor_facts facts = good();
    facts.root = true;
    facts.helper.works = false;
    facts.where = SFS_WHERE_BUILDX;
    struct sfs_doctor_report report = judged(&facts);
    expect(&report.run, "user-namespace", SFS_ANSWER_YES, NULL);
    expect(&report.mount, "no", SFS_ANSWER_NO, "--allow security.insecure");
    refuse_spaces(&facts, -EPERM);
    facts.seccomp = 2;
    report = judged(&facts);
    expect(&report.run, "no", SFS_ANSWER_NO, "RUN --security=insecure");
}

Test(doctor, fusermount3)
{
    struct sfs_doctor_facts facts = good();
    facts.helper = (struct sfs_doctor_helper){.found = false};
    struct sfs_doctor_report report = judged(&facts);
    expect(&report.mount, "no", SFS_ANSWER_NO, "install fuse3");
    cr_assert(report.run_works, "run does without");
    facts.helper = (struct sfs_doctor_helper){.found = true, .path = "/usr/bin/fusermount3", .setuid = true};
    facts.no_new_privs = true;
    report = judged(&facts);
    expect(&report.mount, "no", SFS_ANSWER_NO, "no_new_privs");
    facts.no_new_privs = false;
    facts.helper.untried = true;
    report = judged(&facts);
    expect(&report.mount, "no", SFS_ANSWER_UNKNOWN, NULL);
}

Test(doctor, descriptors)
{
    struct sfs_doctor_facts facts = good_root();
    facts.descriptors = 256;
    struct sfs_doctor_report report = judged(&facts);
    cr_assert_eq(report.checks[SFS_CHECK_DESCRIPTORS].answer, SFS_ANSWER_PARTLY);
    cr_assert(report.run_works);
    facts.descriptors = 10;
    report = judged(&facts);
    expect(&report.run, "no", SFS_ANSWER_NO, "65536");
    cr_assert_not(report.run_works);
}

Test(doctor, passthrough)
{
    struct sfs_doctor_facts facts = good_root();
    struct sfs_doctor_report report = judged(&facts);
    cr_assert(strstr(report.checks[SFS_CHECK_PASSTHROUGH].mend, "libfuse 3.17") != NULL);
    facts.library_passes = true;
    report = judged(&facts);
    cr_assert(strstr(report.checks[SFS_CHECK_PASSTHROUGH].mend, "Linux 6.9") != NULL);
    facts.direct.features = SFS_TRIAL_PASSTHROUGH;
    report = judged(&facts);
    cr_assert_eq(report.checks[SFS_CHECK_PASSTHROUGH].answer, SFS_ANSWER_YES);
    facts.initial = false;
    report = judged(&facts);
    cr_assert_eq(report.checks[SFS_CHECK_PASSTHROUGH].answer, SFS_ANSWER_NO);
}

/* Whatever is missing, wherever: one line, and never none for what keeps FUSE from working. */
Test(doctor, advice_everywhere)
{
    for (enum sfs_doctor_where where = SFS_WHERE_HOST; where < SFS_WHERE_COUNT; where++) {
        cr_assert_not_null(sfs_doctor_where_name(where));
        cr_assert_null(sfs_doctor_advice(SFS_NEED_NOTHING, where));
        for (enum sfs_doctor_need need = SFS_NEED_NOTHING + 1; need < SFS_NEED_COUNT; need++) {
            const char *line = sfs_doctor_advice(need, where);
            cr_assert_not_null(line, "%s, need %d", sfs_doctor_where_name(where), (int)need);
            cr_assert_null(strchr(line, '\n'));
        }
    }
}
