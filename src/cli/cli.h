/* SPDX-License-Identifier: MIT */
/* What all subcommands share: their options, their help, and how they report. */
#pragma once

#include <getopt.h>
#include <stdbool.h>

#include "base/error.h"
#include "base/problems.h"
#include "base/strbuf.h"
#include "conf/conf.h"

/* Values of long options without a letter. */
enum sfs_cli_long { SFS_CLI_PRINT = 256, SFS_CLI_JSON, SFS_CLI_ALL, SFS_CLI_LAZY, SFS_CLI_INTO };

/* To be part of each subcommand's options, long and short. */
#define SFS_CLI_SHORT "hVvq"
#define SFS_CLI_LONG                                                                                                   \
    {"help", no_argument, NULL, 'h'}, {"version", no_argument, NULL, 'V'}, {"verbose", no_argument, NULL, 'v'},        \
        {"quiet", no_argument, NULL, 'q'}, {NULL, 0, NULL, 0}

struct sfs_cli {
    const char *name; /* of the command, for messages */
    const char *help; /* the whole help text */
    const char *shorts; /* as for getopt_long(3), starting with ':' */
    const struct option *longs;
    int verbosity; /* number of -v less number of -q */
};

/* What sfs_cli_next() returns besides an option. */
enum { SFS_CLI_END = -1, SFS_CLI_STOP = -2 };

/*
 * The next option; -v and -q are counted in cli.  SFS_CLI_END: the operands start at optind.  SFS_CLI_STOP: the command
 * is over (--help and --version were answered, or a mistake was reported): return *ret_status.
 */
int sfs_cli_next(struct sfs_cli *cli, int argc, char *argv[], int *ret_status);

/* Report a wrong command line: "NAME: WHY (see stablefs NAME --help)". Returns SFS_STATUS_USAGE. */
int sfs_cli_usage(const struct sfs_cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Set the log level: that of conf (which may be NULL) or the default, changed by -v and -q. */
void sfs_cli_set_level(const struct sfs_cli *cli, const struct sfs_conf *conf);

/* Print all warnings and errors. */
void sfs_cli_print_problems(const struct sfs_problems *problems);
/* Print the error; its status. */
int sfs_cli_fail(const struct sfs_error *err);

/*
 * path as an absolute clean path without asking the filesystem; relative ones are taken from the working directory.
 * malloc()ed, or NULL with a message printed.
 */
char *sfs_cli_absolute(const char *path);
/* The same with symbolic links in the part of the path that exists resolved; NULL when out of memory. */
char *sfs_cli_resolved(const char *absolute);

/* Append ",more" to a list of options ("" to an empty one); more may be NULL. -ENOMEM or 0. */
sfs_err sfs_cli_add_options(struct sfs_strbuf *options, const char *more);

/* Flush stdout; the status, or FAILED with a message when something could not be written. */
int sfs_cli_finish_output(int status);
