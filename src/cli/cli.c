/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/nearest.h"
#include "base/path.h"

/* Long options that a command has at most, for the search of the nearest one. */
#define LONGS_MOST 32

int sfs_cli_usage(const struct sfs_cli *cli, const char *format, ...)
{
    SFS_CLEANUP_FREE char *text = NULL;
    va_list args;
    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        text = NULL;
    va_end(args);
    bool helper = strncmp(cli->name, "mount.", 6) == 0;
    sfs_log_error("%s: %s (see %s%s --help)", cli->name, text != NULL ? text : "wrong usage", helper ? "" : "stablefs ",
                  cli->name);
    return SFS_STATUS_USAGE;
}

static int unknown_option(const struct sfs_cli *cli, char *argv[])
{
    /* getopt gives the letter of a short option, and 0 (or the letter of a long one with a value too many) else */
    const char *word = argv[optind - 1];
    if (optopt != 0 && (word[0] != '-' || word[1] != '-'))
        return sfs_cli_usage(cli, "-%c: unknown option", optopt);
    SFS_CLEANUP_FREE char *name = strndup(word + 2, strcspn(word + 2, "="));
    const char *words[LONGS_MOST + 1] = {NULL};
    for (size_t i = 0; i < LONGS_MOST && cli->longs[i].name != NULL; i++)
        words[i] = cli->longs[i].name;
    if (name == NULL)
        return sfs_cli_usage(cli, "%s: unknown option", word);
    for (size_t i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], name) == 0)
            return sfs_cli_usage(cli, "--%s: takes no value", name);
    }
    const char *nearest = sfs_nearest(name, words);
    if (nearest != NULL)
        return sfs_cli_usage(cli, "--%s: unknown option, did you mean --%s?", name, nearest);
    return sfs_cli_usage(cli, "--%s: unknown option", name);
}

/*
 * Whether the long option that was just taken was not written out.  Its word is the last one that getopt has passed, or
 * the one before that when its value is a word of its own.
 */
static bool is_abbreviated(char *argv[], const char *name)
{
    for (int back = 1; back <= 2 && optind - back >= 1; back++) {
        const char *word = argv[optind - back];
        if (strncmp(word, "--", 2) == 0 && strcspn(word + 2, "=") == strlen(name) &&
            strncmp(word + 2, name, strlen(name)) == 0)
            return false;
    }
    return true;
}

int sfs_cli_next(struct sfs_cli *cli, int argc, char *argv[], int *ret_status)
{
    opterr = 0;
    for (;;) {
        int index = -1;
        int option = getopt_long(argc, argv, cli->shorts, cli->longs, &index);
        /* getopt takes "--al" for "--all": what unmounts or runs something has to be written out */
        if (index >= 0 && option != '?' && option != ':' && is_abbreviated(argv, cli->longs[index].name)) {
            *ret_status = sfs_cli_usage(cli, "an option is abbreviated, did you mean --%s?", cli->longs[index].name);
            return SFS_CLI_STOP;
        }
        switch (option) {
        case 'h':
            (void)fputs(cli->help, stdout);
            *ret_status = sfs_cli_finish_output(SFS_STATUS_OK);
            return SFS_CLI_STOP;
        case 'V':
            (void)printf("stablefs %s\n", PACKAGE_VERSION);
            *ret_status = sfs_cli_finish_output(SFS_STATUS_OK);
            return SFS_CLI_STOP;
        case 'v':
            cli->verbosity++;
            break;
        case 'q':
            cli->verbosity--;
            break;
        case ':':
            *ret_status = sfs_cli_usage(cli, "%s: a value is missing", argv[optind - 1]);
            return SFS_CLI_STOP;
        case '?':
            *ret_status = unknown_option(cli, argv);
            return SFS_CLI_STOP;
        case -1:
            return SFS_CLI_END;
        default:
            return option;
        }
    }
}

void sfs_cli_set_level(const struct sfs_cli *cli, const struct sfs_conf *conf)
{
    int level = (conf != NULL && conf->log_given ? (int)conf->log : SFS_LOG_INFO) + cli->verbosity;
    if (level < SFS_LOG_ERROR)
        level = SFS_LOG_ERROR;
    sfs_log_set_level((enum sfs_log_level)(level < SFS_LOG_TRACE ? level : SFS_LOG_TRACE));
}

void sfs_cli_print_problems(const struct sfs_problems *problems)
{
    for (size_t i = 0; i < problems->count; i++) {
        if (problems->items[i].warning)
            sfs_log_warn("warning: %s", problems->items[i].text);
        else
            sfs_log_error("%s", problems->items[i].text);
    }
    if (problems->lost)
        sfs_log_error("out of memory: some messages are missing (free some and try again)");
}

int sfs_cli_fail(const struct sfs_error *err)
{
    sfs_log_error("%s", sfs_error_text(err));
    return (int)sfs_error_status(err);
}

char *sfs_cli_absolute(const char *path)
{
    SFS_CLEANUP_FREE char *full = NULL;
    if (!sfs_path_is_absolute(path)) {
        SFS_CLEANUP_FREE char *here = getcwd(NULL, 0);
        if (here == NULL) {
            sfs_log_error("%s: the working directory is not known: %m (give an absolute path)", path);
            return NULL;
        }
        full = sfs_path_join(here, path);
        path = full;
    }
    char *clean = NULL;
    sfs_err r = path != NULL ? sfs_path_clean(path, &clean) : -ENOMEM;
    if (r < 0)
        sfs_log_error("%s: %s (try again)", path != NULL ? path : "path", strerrordesc_np(-r));
    return clean;
}

char *sfs_cli_resolved(const char *absolute)
{
    SFS_CLEANUP_FREE char *exists = strdup(absolute);
    while (exists != NULL) {
        SFS_CLEANUP_FREE char *real = realpath(exists, NULL);
        if (real != NULL)
            return sfs_path_join(real, absolute + strlen(exists));
        if (strcmp(exists, "/") == 0)
            return strdup(absolute);
        char *parent = sfs_path_parent(exists);
        free(exists);
        exists = parent;
    }
    return NULL;
}

sfs_err sfs_cli_add_options(struct sfs_strbuf *options, const char *more)
{
    if (more == NULL || more[0] == '\0')
        return 0;
    sfs_err r = options->length > 0 ? sfs_strbuf_add_char(options, ',') : 0;
    return r < 0 ? r : sfs_strbuf_add_string(options, more);
}

int sfs_cli_finish_output(int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    sfs_log_error("standard output: %m (make room, or keep the reader alive)");
    return SFS_STATUS_FAILED;
}
