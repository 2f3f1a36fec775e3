/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/commands.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "cli/cli.h"
#include "cli/into.h"
#include "conf/conf.h"
#include "daemon/daemon.h"
#include "daemon/mountpoint.h"

static const char help[] =
    "usage: stablefs mount [-f] [-o OPTION,…] SOURCE PATH\n"
    "       stablefs mount [-f] [-o OPTION,…] [-c FILE]\n"
    "       stablefs mount --into PID PATH…\n"
    "\n"
    "Serve the directory SOURCE at the stable path PATH, or all maps of a config file. It returns when every map\n"
    "answers; if one fails, none stays mounted. A daemon goes on in the background.\n"
    "\n"
    "  -c, --config FILE  the config file; without it $STABLEFS_CONFIG, the user's or the system's stablefs.ini\n"
    "  -o OPTION,…        ro, rw, cache=immutable|coherent|ttl:SECONDS|none, io=auto|cached|passthrough|direct,\n"
    "                     writers=shared|exclusive, io_uring=auto|on|off, statahead=on|off,\n"
    "                     and the common options of mount(8)\n"
    "  -f, --foreground   stay in the foreground; Ctrl-C unmounts\n"
    "  --into PID         show what is mounted here at PATH to a running container too, at the same path: in the\n"
    "                     mount namespace of its process PID, which needs no privilege; for root\n"
    "  -v, -q             say more, say less\n"
    "\n"
    "Exit status: 0 mounted, 1 failed, 2 wrong usage or config, 3 not found, 4 busy, 5 not permitted.\n"
    "\n"
    "Example: stablefs mount -o ro,cache=immutable ~/.julia /depot-stable\n";

static const struct option longs[] = {
    {"config", required_argument, NULL, 'c'},
    {"foreground", no_argument, NULL, 'f'},
    {"into", required_argument, NULL, SFS_CLI_INTO},
    {"options", required_argument, NULL, 'o'},
    SFS_CLI_LONG,
};

static int load_map(const char *source, const char *path, const char *options, struct sfs_conf **ret,
                    struct sfs_problems *problems)
{
    return sfs_conf_from_mount(source, path, options[0] != '\0' ? options : NULL, ret, problems);
}

static int load_file(const char *file, const char *options, struct sfs_conf **ret, struct sfs_problems *problems)
{
    if (sfs_conf_load(file, ret, problems) < 0)
        return -1;
    return options[0] != '\0' ? sfs_conf_apply_options(*ret, options, problems) : 0;
}

/* Find the file if none was named, and load it. Returns an exit status. */
static int load(char *operands[], int operand_count, const char *file, const char *options, struct sfs_conf **ret)
{
    SFS_CLEANUP_ERROR struct sfs_error *err = NULL;
    SFS_CLEANUP_FREE char *found = NULL;
    if (operand_count == 0 && file == NULL && sfs_conf_find(false, &found, &err) < 0)
        return sfs_cli_fail(err);
    /* what a killed daemon left could lie on the very source */
    sfs_mountpoint_uncover_sources();
    SFS_CLEANUP_PROBLEMS struct sfs_problems problems = SFS_PROBLEMS_INIT;
    int r = operand_count == 2 ? load_map(operands[0], operands[1], options, ret, &problems)
                               : load_file(file != NULL ? file : found, options, ret, &problems);
    sfs_cli_print_problems(&problems);
    return r < 0 ? SFS_STATUS_USAGE : SFS_STATUS_OK;
}

int sfs_cmd_mount(int argc, char *argv[])
{
    struct sfs_cli cli = {"mount", help, ":c:fo:" SFS_CLI_SHORT, longs, 0};
    struct sfs_daemon_options daemon = {.foreground = false};
    const char *file = NULL;
    struct sfs_cli_into into = {.mount = true};
    SFS_CLEANUP_STRBUF struct sfs_strbuf options = SFS_STRBUF_INIT;
    int status = 0, option;
    while ((option = sfs_cli_next(&cli, argc, argv, &status)) != SFS_CLI_END) {
        if (option == SFS_CLI_STOP)
            return status;
        if (option == 'c')
            file = optarg;
        else if (option == 'f')
            daemon.foreground = true;
        else if (option == SFS_CLI_INTO)
            into.pid = optarg;
        else if (option == 'o' && sfs_cli_add_options(&options, optarg) < 0)
            return sfs_cli_usage(&cli, "-o: out of memory");
    }
    int operands = argc - optind;
    if (into.pid != NULL) {
        if (file != NULL || options.length > 0 || daemon.foreground)
            return sfs_cli_usage(&cli,
                                 "--into shows what is mounted already: -c, -o and -f are for the mount before it");
        if (operands == 0)
            return sfs_cli_usage(&cli, "--into %s: the stable paths are missing", into.pid);
        into.paths = argv + optind;
        into.count = operands;
        sfs_cli_set_level(&cli, NULL);
        return sfs_cli_into(&cli, &into);
    }
    if (file != NULL && operands > 0)
        return sfs_cli_usage(&cli, "%s: give either -c FILE, or SOURCE and PATH", argv[optind]);
    if (operands == 1)
        return sfs_cli_usage(&cli, "%s: the stable path is missing: SOURCE and PATH are wanted", argv[optind]);
    if (operands > 2)
        return sfs_cli_usage(&cli, "%s: one SOURCE and one PATH are enough", argv[optind + 2]);

    sfs_cli_set_level(&cli, NULL);
    SFS_CLEANUP_CONF struct sfs_conf *conf = NULL;
    status = load(argv + optind, operands, file, options.data, &conf);
    if (status != SFS_STATUS_OK)
        return status;
    sfs_cli_set_level(&cli, conf);
    SFS_CLEANUP_ERROR struct sfs_error *err = NULL;
    status = (int)sfs_daemon_run(conf, &daemon, &err);
    return err != NULL ? sfs_cli_fail(err) : status;
}
