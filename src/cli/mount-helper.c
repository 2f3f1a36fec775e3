/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/commands.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/path.h"
#include "cli/cli.h"
#include "conf/conf.h"
#include "daemon/daemon.h"
#include "daemon/mountpoint.h"
#include "os/process.h"

static const char help[] = "usage: mount.stablefs SOURCE PATH [-fnrsvw] [-o OPTION,…]\n"
                           "\n"
                           "The helper of mount(8) for the type stablefs; see also stablefs mount --help.\n"
                           "\n"
                           "  -o OPTION,…  ro, rw, cache=…, io=…, and the common options of mount(8)\n"
                           "  -f           fake: check everything, mount nothing\n"
                           "  -n           ignored: there is no /etc/mtab to write\n"
                           "  -r, -w       read-only, writable\n"
                           "  -s           tolerate unknown options\n"
                           "  -t TYPE      ignored\n"
                           "  -N NS        mount in the mount namespace of this process or file\n"
                           "  -v           say more\n"
                           "\n"
                           "Example: mount -t stablefs -o ro,cache=immutable /srv/depot /depot-stable\n";

static const struct option longs[] = {SFS_CLI_LONG};

/* Length of the first option of a list; a backslash escapes a comma. */
static size_t option_length(const char *options)
{
    size_t length = 0;
    while (options[length] != '\0' && options[length] != ',')
        length += options[length] == '\\' && options[length + 1] != '\0' ? 2 : 1;
    return length;
}

static bool acceptable(const char *source, const char *path, const char *options)
{
    SFS_CLEANUP_PROBLEMS struct sfs_problems problems = SFS_PROBLEMS_INIT;
    SFS_CLEANUP_CONF struct sfs_conf *conf = NULL;
    return sfs_conf_from_mount(source, path, options, &conf, &problems) == 0;
}

/* For -s: leave out the options that are not accepted by themselves. -ENOMEM or 0. */
static sfs_err tolerate(const char *source, const char *path, struct sfs_strbuf *options)
{
    /* when it fails without any option, the options are not the reason */
    if (!acceptable(source, path, NULL))
        return 0;
    SFS_CLEANUP_STRBUF struct sfs_strbuf kept = SFS_STRBUF_INIT;
    sfs_err r = 0;
    for (const char *at = options->data; *at != '\0' && r == 0;) {
        size_t length = option_length(at);
        SFS_CLEANUP_FREE char *one = strndup(at, length);
        if (one == NULL)
            return -1;
        if (acceptable(source, path, one))
            r = sfs_cli_add_options(&kept, one);
        else
            sfs_log_debug("%s: option ignored because of -s", one);
        at += length + (at[length] == ',');
    }
    sfs_strbuf_truncate(options, 0);
    return r < 0 ? r : sfs_cli_add_options(options, kept.data);
}

static bool has_option(const char *options, const char *wanted)
{
    while (*options != '\0') {
        size_t length = option_length(options);
        if (length == strlen(wanted) && strncmp(options, wanted, length) == 0)
            return true;
        options += length + (options[length] == ',');
    }
    return false;
}

struct request {
    struct sfs_strbuf options;
    const char *namespace;
    bool fake, sloppy;
};

static void release_request(struct request *request)
{
    sfs_strbuf_release(&request->options);
}

static int mount_map(const struct sfs_cli *cli, struct request *request, const char *source, const char *path)
{
    SFS_CLEANUP_ERROR struct sfs_error *err = NULL;
    if (has_option(request->options.data, "remount")) {
        (void)sfs_error_set(&err, SFS_STATUS_USAGE, "%s: cannot be remounted (unmount it, and mount it again)", path);
        return sfs_cli_fail(err);
    }
    sfs_err r = request->namespace != NULL ? sfs_process_enter_mount_namespace(request->namespace) : 0;
    if (r < 0) {
        (void)sfs_error_set(&err, sfs_status_of_errno(-r), "-N %s: cannot enter this mount namespace: %s (be root)",
                            request->namespace, strerrordesc_np(-r));
        return sfs_cli_fail(err);
    }
    if (!request->fake)
        sfs_mountpoint_uncover_sources();
    if (request->sloppy && tolerate(source, path, &request->options) < 0)
        return sfs_cli_usage(cli, "-s: out of memory");
    SFS_CLEANUP_PROBLEMS struct sfs_problems problems = SFS_PROBLEMS_INIT;
    SFS_CLEANUP_CONF struct sfs_conf *conf = NULL;
    const char *options = request->options.length > 0 ? request->options.data : NULL;
    int loaded = sfs_conf_from_mount(source, path, options, &conf, &problems);
    sfs_cli_print_problems(&problems);
    if (loaded < 0)
        return SFS_STATUS_USAGE;
    if (request->fake)
        return SFS_STATUS_OK;
    struct sfs_daemon_options daemon = {.foreground = false};
    int status = (int)sfs_daemon_run(conf, &daemon, &err);
    return err != NULL ? sfs_cli_fail(err) : status;
}

int sfs_mount_helper(int argc, char *argv[])
{
    struct sfs_cli cli = {sfs_path_base(argv[0]), help, ":fnrswo:t:N:" SFS_CLI_SHORT, longs, 0};
    SFS_CLEANUP(release_request) struct request request = {.options = SFS_STRBUF_INIT};
    sfs_err r = 0;
    int status = 0, option;
    while ((option = sfs_cli_next(&cli, argc, argv, &status)) != SFS_CLI_END) {
        if (option == SFS_CLI_STOP)
            return status;
        if (option == 'f')
            request.fake = true;
        else if (option == 's')
            request.sloppy = true;
        else if (option == 'N')
            request.namespace = optarg;
        else if (option == 'o')
            r = sfs_cli_add_options(&request.options, optarg);
        else if (option == 'r' || option == 'w')
            r = sfs_cli_add_options(&request.options, option == 'r' ? "ro" : "rw");
        if (r < 0)
            return sfs_cli_usage(&cli, "-%c: out of memory", option);
    }
    if (argc - optind != 2)
        return sfs_cli_usage(&cli, "SOURCE and PATH are wanted");
    sfs_cli_set_level(&cli, NULL);
    return mount_map(&cli, &request, argv[optind], argv[optind + 1]);
}
