/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/nearest.h"
#include "base/path.h"
#include "cli/cli.h"
#include "cli/environment.h"
#include "daemon/inside.h"
#include "daemon/mountpoint.h"
#include "daemon/run.h"

static const char help[] =
    "usage: stablefs run [-c FILE] [--map PATH=SOURCE[,OPTION…]]… [OPTION…] [--] COMMAND [ARGUMENT…]\n"
    "\n"
    "Run a command that sees the directory SOURCE at the stable path PATH, and nobody else does. PATH may be any\n"
    "absolute path. Nothing is left behind.\n"
    "\n"
    "  --map PATH=SOURCE[,OPTION…]  one map, with the options of stablefs mount -o; a backslash escapes , and =\n"
    "  -c, --config FILE            the maps of a config file; without it and without --map, $STABLEFS_CONFIG,\n"
    "                               ./stablefs.ini, the user's or the system's stablefs.ini\n"
    "  --cwd DIR                    where to start; default: here, or the stable path of here\n"
    "  --setenv NAME=VALUE          set an environment variable\n"
    "  --env TOOL                   set the variables with which TOOL finds its files at the stable paths: julia\n"
    "  --print-env                  print these variables for a shell instead of running a command\n"
    "  --fallback bind              where FUSE cannot be mounted, use a bind mount and say so\n"
    "  -v, -q                       say more, say less\n"
    "\n"
    "Exit status: the command's own; 128+N when signal N killed it; 125 when stablefs failed, 126 when the command\n"
    "cannot be executed, 127 when it is not found.\n"
    "\n"
    "Example: stablefs run --map /project=. -- make\n";

enum { OPTION_MAP = 512, OPTION_CWD, OPTION_SETENV, OPTION_ENV, OPTION_PRINT_ENV, OPTION_FALLBACK };

static const struct option longs[] = {
    {"config", required_argument, NULL, 'c'},
    {"map", required_argument, NULL, OPTION_MAP},
    {"cwd", required_argument, NULL, OPTION_CWD},
    {"setenv", required_argument, NULL, OPTION_SETENV},
    {"env", required_argument, NULL, OPTION_ENV},
    {"print-env", no_argument, NULL, OPTION_PRINT_ENV},
    {"fallback", required_argument, NULL, OPTION_FALLBACK},
    SFS_CLI_LONG,
};

/* The command line; the strings are those of argv. */
struct request {
    const char *file, *cwd;
    char **maps, **tools, **settings; /* as many as there are arguments at most */
    size_t map_count, tool_count, setting_count;
    bool print, bind;
};

static void release_request(struct request *request)
{
    free(request->maps);
    free(request->tools);
    free(request->settings);
}

static bool known_tool(const char *tool)
{
    for (size_t i = 0; sfs_environment_tools[i] != NULL; i++) {
        if (strcmp(sfs_environment_tools[i], tool) == 0)
            return true;
    }
    return false;
}

/* Take one option; false when it is wrong, which was reported. */
static bool take(const struct sfs_cli *cli, int option, struct request *request)
{
    switch (option) {
    case 'c':
        request->file = optarg;
        return true;
    case OPTION_MAP:
        request->maps[request->map_count++] = optarg;
        return true;
    case OPTION_CWD:
        request->cwd = optarg;
        return true;
    case OPTION_SETENV:
        request->settings[request->setting_count++] = optarg;
        if (strchr(optarg, '=') != NULL && optarg[0] != '=')
            return true;
        (void)sfs_cli_usage(cli, "--setenv %s: NAME=VALUE is wanted", optarg);
        return false;
    case OPTION_ENV:
        request->tools[request->tool_count++] = optarg;
        if (known_tool(optarg))
            return true;
        (void)sfs_cli_usage(cli, "--env %s: no such tool, only julia is known", optarg);
        return false;
    case OPTION_PRINT_ENV:
        request->print = true;
        return true;
    case OPTION_FALLBACK:
    default:
        request->bind = true;
        if (strcmp(optarg, "bind") == 0)
            return true;
        (void)sfs_cli_usage(cli, "--fallback %s: only bind is known", optarg);
        return false;
    }
}

static int load(const struct request *request, struct sfs_conf **ret)
{
    SFS_CLEANUP_ERROR struct sfs_error *err = NULL;
    SFS_CLEANUP_FREE char *found = NULL;
    const char *file = request->file;
    if (file == NULL && request->map_count == 0) {
        if (sfs_conf_find(true, &found, &err) < 0)
            return sfs_cli_fail(err);
        file = found;
    }
    sfs_mountpoint_uncover_sources();
    SFS_CLEANUP_PROBLEMS struct sfs_problems problems = SFS_PROBLEMS_INIT;
    int r = sfs_conf_for_run(file, request->maps, request->map_count, ret, &problems);
    sfs_cli_print_problems(&problems);
    return r;
}

/* The variables of the command: tools first, then what was set by hand. 0 or -ENOMEM. */
static sfs_err make_environment(const struct request *request, const struct sfs_conf *conf,
                                struct sfs_environment *environment)
{
    sfs_err r = 0;
    for (size_t i = 0; r == 0 && i < request->tool_count; i++)
        r = sfs_environment_tool(environment, conf, request->tools[i]);
    for (size_t i = 0; r == 0 && i < request->setting_count; i++) {
        const char *setting = request->settings[i];
        const char *equals = strchr(setting, '=');
        SFS_CLEANUP_FREE char *name = strndup(setting, (size_t)(equals - setting));
        r = name != NULL ? sfs_environment_set(environment, name, equals + 1) : -ENOMEM;
    }
    return r;
}

/* Where the command starts: an absolute path; *ret_moved: it is not where we are. NULL after a message. */
static char *find_cwd(const struct request *request, const struct sfs_conf *conf, bool *ret_moved)
{
    *ret_moved = true;
    if (request->cwd != NULL)
        return sfs_cli_absolute(request->cwd);
    SFS_CLEANUP_FREE char *here = getcwd(NULL, 0);
    if (here == NULL) {
        sfs_log_error("the working directory is not known: %m (choose one with --cwd)");
        return NULL;
    }
    SFS_CLEANUP_FREE char *stable = NULL;
    if (sfs_environment_stable(conf, here, &stable) < 0) {
        sfs_log_error("run: out of memory (free some and try again)");
        return NULL;
    }
    *ret_moved = stable != NULL;
    return stable != NULL ? SFS_TAKE_PTR(stable) : SFS_TAKE_PTR(here);
}

static int run(const struct request *request, const struct sfs_conf *conf, char *argv[])
{
    SFS_CLEANUP(sfs_environment_release) struct sfs_environment environment = SFS_ENVIRONMENT_INIT;
    bool moved;
    SFS_CLEANUP_FREE char *cwd = find_cwd(request, conf, &moved);
    if (cwd == NULL)
        return SFS_RUN_FAILED;
    sfs_err r = make_environment(request, conf, &environment);
    if (r == 0 && request->print) {
        sfs_environment_print(&environment);
        return sfs_cli_finish_output(SFS_STATUS_OK);
    }
    /* shells and gcc believe it when it is right, and would show the real path otherwise */
    if (r == 0 && moved)
        r = setenv("PWD", cwd, 1) < 0 ? -ENOMEM : 0;
    if (r == 0)
        r = sfs_environment_apply(&environment);
    if (r < 0) {
        sfs_log_error("run: out of memory (free some and try again)");
        return SFS_RUN_FAILED;
    }
    struct sfs_run command = {.conf = conf, .argv = argv, .cwd = cwd, .bind = request->bind};
    SFS_CLEANUP_ERROR struct sfs_error *err = NULL;
    int status = SFS_RUN_FAILED;
    if (sfs_run_command(&command, &status, &err) < 0) {
        (void)sfs_cli_fail(err);
        return SFS_RUN_FAILED;
    }
    return status;
}

int sfs_cmd_run(int argc, char *argv[])
{
    struct sfs_cli cli = {"run", help, "+:c:" SFS_CLI_SHORT, longs, 0};
    SFS_CLEANUP(release_request)
    struct request request = {
        .maps = calloc((size_t)argc, sizeof *request.maps),
        .tools = calloc((size_t)argc, sizeof *request.tools),
        .settings = calloc((size_t)argc, sizeof *request.settings),
    };
    if (request.maps == NULL || request.tools == NULL || request.settings == NULL) {
        sfs_log_error("run: out of memory (free some and try again)");
        return SFS_RUN_FAILED;
    }
    int status = 0, option;
    while ((option = sfs_cli_next(&cli, argc, argv, &status)) != SFS_CLI_END) {
        if (option == SFS_CLI_STOP)
            return status == SFS_STATUS_OK ? status : SFS_RUN_FAILED;
        if (!take(&cli, option, &request))
            return SFS_RUN_FAILED;
    }
    if (optind >= argc && !request.print) {
        (void)sfs_cli_usage(&cli, "a command is wanted");
        return SFS_RUN_FAILED;
    }
    sfs_cli_set_level(&cli, NULL);
    SFS_CLEANUP_CONF struct sfs_conf *conf = NULL;
    if (load(&request, &conf) != 0)
        return SFS_RUN_FAILED;
    sfs_cli_set_level(&cli, conf);
    return run(&request, conf, argv + optind);
}
