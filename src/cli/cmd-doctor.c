/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/commands.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "cli/cli.h"
#include "daemon/doctor.h"
#include "daemon/json.h"

static const char help[] =
    "usage: stablefs doctor [--json]\n"
    "\n"
    "Try what run and mount need on this machine or in this container, and print what works, what does not and why,\n"
    "and the line that mends it. Nothing is changed, and nothing is left behind.\n"
    "\n"
    "  --json  print one object, whose keys are never renamed\n"
    "  -v, -q  say more (the lines for every kind of container), say less (only run and mount)\n"
    "\n"
    "Exit status: 0 stablefs run works here (with --fallback bind alone does not count), 5 it does not.\n"
    "\n"
    "Example: docker run --rm IMAGE stablefs doctor\n";

static const struct option longs[] = {{"json", no_argument, NULL, SFS_CLI_JSON}, SFS_CLI_LONG};

/* What a container needs for FUSE at all: the line for each kind is part of the answer. */
static const char *container_line(enum sfs_doctor_where where)
{
    return sfs_doctor_advice(SFS_NEED_DEVICE, where);
}

/* --- for people --------------------------------------------------------------------------------------------------- */

struct style {
    const char *bold, *good, *bad, *plain;
};

static struct style choose_style(void)
{
    const char *no_color = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");
    bool color = isatty(STDOUT_FILENO) && (no_color == NULL || no_color[0] == '\0') && terminal != NULL &&
                 strcmp(terminal, "dumb") != 0;
    return color ? (struct style){"\033[1m", "\033[32m", "\033[31m", "\033[m"} : (struct style){"", "", "", ""};
}

static void print_line(const struct style *style, const char *title, enum sfs_doctor_answer answer, const char *why,
                       const char *mend)
{
    const char *color = answer == SFS_ANSWER_YES ? style->good : answer == SFS_ANSWER_NO ? style->bad : style->bold;
    (void)printf("%-16s %s%-7s%s  %s\n", title, color, sfs_doctor_answer_name(answer), style->plain, why);
    if (mend != NULL)
        (void)printf("%-16s %-7s  %smend:%s %s\n", "", "", style->bold, style->plain, mend);
}

static void print_where(const struct sfs_doctor_facts *facts, const struct style *style)
{
    (void)printf("%sstablefs %s%s, libfuse %s, Linux %s", style->bold, PACKAGE_VERSION, style->plain, facts->library,
                 facts->kernel);
    const struct sfs_trial *heard = facts->direct.major != 0 ? &facts->direct : &facts->space_fuse;
    if (heard->major != 0)
        (void)printf(" (FUSE %u.%u)", heard->major, heard->minor);
    (void)printf("\n%s%s%s (%s), %s%s%s%s%s%s%s\n\n", style->bold, sfs_doctor_where_name(facts->where), style->plain,
                 facts->where_why, facts->root ? "root" : "a normal user",
                 facts->can_mount ? " with CAP_SYS_ADMIN" : "", facts->initial ? "" : " of a user namespace",
                 facts->seccomp > 0 ? ", seccomp filter" : "", facts->no_new_privs ? ", no_new_privs" : "",
                 facts->profile[0] != '\0' ? ", AppArmor profile " : "", facts->profile);
}

static void print_table(const struct sfs_doctor_facts *facts, const struct sfs_doctor_report *report, int verbosity)
{
    struct style style = choose_style();
    if (verbosity >= 0) {
        print_where(facts, &style);
        for (size_t i = 0; i < SFS_CHECK_COUNT; i++) {
            const struct sfs_doctor_check *check = &report->checks[i];
            print_line(&style, check->title, check->answer, check->why, check->mend);
        }
        (void)putchar('\n');
    }
    print_line(&style, "stablefs run", report->run.answer, report->run.why, report->run.mend);
    print_line(&style, "stablefs mount", report->mount.answer, report->mount.why, report->mount.mend);
    if (verbosity <= 0)
        return;
    (void)puts("\nFUSE in");
    for (enum sfs_doctor_where where = SFS_WHERE_HOST; where < SFS_WHERE_COUNT; where++)
        (void)printf("  %-14s %s\n", sfs_doctor_where_name(where), container_line(where));
}

/* --- for programs ------------------------------------------------------------------------------------------------- */

static json_t *text_or_null(const char *text)
{
    return text != NULL && text[0] != '\0' ? sfs_json_text(text) : json_null();
}

static json_t *flag_or_null(long value)
{
    return value < 0 ? json_null() : json_boolean(value > 0);
}

static json_t *number_or_null(long value)
{
    return value < 0 ? json_null() : json_integer(value);
}

static json_t *verdict_object(const struct sfs_doctor_verdict *verdict)
{
    return json_pack("{s:s, s:s, s:o, s:o}", "result", sfs_doctor_answer_name(verdict->answer), "how", verdict->how,
                     "why", sfs_json_text(verdict->why), "mend", text_or_null(verdict->mend));
}

static json_t *checks_array(const struct sfs_doctor_report *report)
{
    json_t *all = json_array();
    for (size_t i = 0; i < SFS_CHECK_COUNT; i++) {
        const struct sfs_doctor_check *check = &report->checks[i];
        if (json_array_append_new(all, json_pack("{s:s, s:s, s:o, s:o}", "id", check->id, "result",
                                                 sfs_doctor_answer_name(check->answer), "why",
                                                 sfs_json_text(check->why), "mend", text_or_null(check->mend))) < 0) {
            json_decref(all);
            return NULL;
        }
    }
    return all;
}

static json_t *facts_object(const struct sfs_doctor_facts *facts)
{
    const struct sfs_trial *heard = facts->direct.major != 0 ? &facts->direct : &facts->space_fuse;
    bool knows = heard->major != 0;
    char protocol[32] = "";
    if (knows)
        (void)snprintf(protocol, sizeof protocol, "%u.%u", heard->major, heard->minor);
    const struct {
        const char *key;
        json_t *value;
    } members[] = {
        {"kernel", sfs_json_text(facts->kernel)},
        {"fuse_protocol", text_or_null(protocol)},
        {"fuse_passthrough", flag_or_null(knows ? (heard->features & SFS_TRIAL_PASSTHROUGH) != 0 : -1)},
        {"fuse_io_uring", flag_or_null(facts->io_uring)},
        {"libfuse", sfs_json_text(facts->library)},
        {"root", json_boolean(facts->root)},
        {"cap_sys_admin", json_boolean(facts->can_mount)},
        {"initial_user_namespace", json_boolean(facts->initial)},
        {"no_new_privs", json_boolean(facts->no_new_privs)},
        {"seccomp", flag_or_null(facts->seccomp)},
        {"apparmor", text_or_null(facts->profile)},
        {"max_user_namespaces", number_or_null(facts->most_spaces)},
        {"unprivileged_userns_clone", flag_or_null(facts->clone_allowed)},
        {"apparmor_restrict_unprivileged_userns", flag_or_null(facts->apparmor_restricts)},
        {"descriptors", number_or_null(facts->descriptors == (size_t)-1 ? -1 : (long)facts->descriptors)},
    };
    json_t *all = json_object();
    int r = 0;
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        r |= json_object_set_new(all, members[i].key, members[i].value);
    if (r == 0)
        return all;
    json_decref(all);
    return NULL;
}

static json_t *containers_object(void)
{
    json_t *all = json_object();
    for (enum sfs_doctor_where where = SFS_WHERE_HOST; where < SFS_WHERE_COUNT; where++) {
        if (json_object_set_new(all, sfs_doctor_where_name(where), text_or_null(container_line(where))) < 0) {
            json_decref(all);
            return NULL;
        }
    }
    return all;
}

static int print_json(const struct sfs_doctor_facts *facts, const struct sfs_doctor_report *report)
{
    json_t *whole = json_pack("{s:s, s:{s:s, s:o}, s:o, s:o, s:o, s:o, s:o}", "version", PACKAGE_VERSION, "environment",
                              "kind", sfs_doctor_where_name(facts->where), "why", sfs_json_text(facts->where_why),
                              "run", verdict_object(&report->run), "mount", verdict_object(&report->mount), "checks",
                              checks_array(report), "facts", facts_object(facts), "containers", containers_object());
    int r = whole != NULL ? json_dumpf(whole, stdout, JSON_INDENT(2)) : -1;
    json_decref(whole);
    if (r < 0)
        sfs_log_error("doctor: the object cannot be printed (free memory, or keep the reader alive)");
    (void)putchar('\n');
    return r;
}

int sfs_cmd_doctor(int argc, char *argv[])
{
    struct sfs_cli cli = {"doctor", help, ":" SFS_CLI_SHORT, longs, 0};
    bool as_json = false;
    int status = 0, option;
    while ((option = sfs_cli_next(&cli, argc, argv, &status)) != SFS_CLI_END) {
        if (option == SFS_CLI_STOP)
            return status;
        as_json = as_json || option == SFS_CLI_JSON;
    }
    if (optind < argc)
        return sfs_cli_usage(&cli, "%s: no operand is expected", argv[optind]);
    sfs_cli_set_level(&cli, NULL);

    struct sfs_doctor_facts facts;
    struct sfs_doctor_report report;
    sfs_doctor_find_out(&facts);
    sfs_doctor_judge(&facts, &report);
    if (!as_json)
        print_table(&facts, &report, cli.verbosity);
    else if (print_json(&facts, &report) < 0)
        return sfs_cli_finish_output(SFS_STATUS_FAILED);
    return sfs_cli_finish_output(report.run_works ? SFS_STATUS_OK : SFS_STATUS_REFUSED);
}
