/* SPDX-License-Identifier: MIT */
/* What the facts mean: whether run and mount work, how, and what would mend it. Pure: it asks nothing. */
#pragma once

#include "daemon/doctor-advice.h"
#include "daemon/doctor-facts.h"

enum sfs_doctor_answer { SFS_ANSWER_YES, SFS_ANSWER_NO, SFS_ANSWER_PARTLY, SFS_ANSWER_UNKNOWN };

/* "yes", "no", "partly", "unknown" */
const char *sfs_doctor_answer_name(enum sfs_doctor_answer answer);

enum sfs_doctor_check_id {
    SFS_CHECK_DEVICE,
    SFS_CHECK_DIRECT,
    SFS_CHECK_SPACE,
    SFS_CHECK_SPACE_FUSE,
    SFS_CHECK_BIND,
    SFS_CHECK_HELPER,
    SFS_CHECK_ALLOW_OTHER,
    SFS_CHECK_DESCRIPTORS,
    SFS_CHECK_PASSTHROUGH,
    SFS_CHECK_COUNT,
};

struct sfs_doctor_check {
    const char *id;    /* never renamed */
    const char *title; /* for a person */
    enum sfs_doctor_answer answer;
    char why[256];    /* a phrase; errors in the C library's words */
    const char *mend; /* NULL: nothing to mend, or nothing known */
};

/* Of a whole command. how: "directly", "user-namespace", "fusermount3", "bind" (--fallback bind only), "no". */
struct sfs_doctor_verdict {
    enum sfs_doctor_answer answer; /* partly: with a restriction that why names */
    const char *how;
    char why[300];
    const char *mend; /* NULL: nothing to mend */
};

struct sfs_doctor_report {
    struct sfs_doctor_check checks[SFS_CHECK_COUNT]; /* by enum sfs_doctor_check_id */
    struct sfs_doctor_verdict run, mount;
    bool run_works; /* without --fallback bind */
};

void sfs_doctor_judge(const struct sfs_doctor_facts *facts, struct sfs_doctor_report *ret);
