/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/cli.h"
#include "conf/conf.h"

static const char help[] = "usage: stablefs check [-c FILE] [--print]\n"
                           "\n"
                           "Check a config file: all its errors and warnings in one go. Nothing is mounted.\n"
                           "\n"
                           "  -c, --config FILE  the file; without it the one that mount would take\n"
                           "  --print            print the config with every value filled in\n"
                           "  -v, -q             say more, say less\n"
                           "\n"
                           "Exit status: 0 the file is good, 2 it has errors, 3 there is none.\n"
                           "\n"
                           "Example: stablefs check -c stablefs.ini --print\n";

static const struct option longs[] = {
    {"config", required_argument, NULL, 'c'},
    {"print", no_argument, NULL, SFS_CLI_PRINT},
    SFS_CLI_LONG,
};

static int print_conf(const struct sfs_conf *conf)
{
    SFS_CLEANUP_STRBUF struct sfs_strbuf text = SFS_STRBUF_INIT;
    SFS_CLEANUP_ERROR struct sfs_error *err = NULL;
    sfs_err r = sfs_conf_print(conf, &text);
    if (r < 0) {
        (void)sfs_error_set(&err, SFS_STATUS_FAILED, r == -EINVAL
                            ? "check: a config file cannot hold one of these values written out (a line of over 199 "
                              "bytes, a path with \" ;\" in it or with a blank at its end: keep the variable)"
                            : "check: out of memory (free some and try again)");
        return sfs_cli_fail(err);
    }
    (void)fputs(text.data, stdout);
    return sfs_cli_finish_output(SFS_STATUS_OK);
}

int sfs_cmd_check(int argc, char *argv[])
{
    struct sfs_cli cli = {"check", help, ":c:" SFS_CLI_SHORT, longs, 0};
    const char *file = NULL;
    bool print = false;
    int status = 0, option;
    while ((option = sfs_cli_next(&cli, argc, argv, &status)) != SFS_CLI_END) {
        if (option == SFS_CLI_STOP)
            return status;
        if (option == 'c')
            file = optarg;
        else if (option == SFS_CLI_PRINT)
            print = true;
    }
    if (optind < argc)
        return sfs_cli_usage(&cli, "%s: no operand is expected, a config file is given with -c", argv[optind]);
    sfs_cli_set_level(&cli, NULL);

    SFS_CLEANUP_ERROR struct sfs_error *err = NULL;
    SFS_CLEANUP_FREE char *found = NULL;
    if (file == NULL && sfs_conf_find(false, &found, &err) < 0)
        return sfs_cli_fail(err);
    if (file == NULL)
        file = found;
    SFS_CLEANUP_PROBLEMS struct sfs_problems problems = SFS_PROBLEMS_INIT;
    SFS_CLEANUP_CONF struct sfs_conf *conf = NULL;
    int r = sfs_conf_load(file, &conf, &problems);
    sfs_cli_print_problems(&problems);
    if (r < 0)
        return SFS_STATUS_USAGE;
    if (print)
        return print_conf(conf);
    if (cli.verbosity > 0 || (cli.verbosity == 0 && isatty(STDOUT_FILENO)))
        (void)printf("%s: ok, %zu map%s\n", file, conf->map_count, conf->map_count == 1 ? "" : "s");
    return sfs_cli_finish_output(SFS_STATUS_OK);
}
