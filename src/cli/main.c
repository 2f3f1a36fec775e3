/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "base/nearest.h"
#include "base/path.h"
#include "cli/cli.h"
#include "cli/commands.h"

static const struct sfs_command commands[] = {
    {"run", "run a command with maps that only it sees", sfs_cmd_run},
    {"mount", "mount stable paths", sfs_cmd_mount},
    {"umount", "unmount them", sfs_cmd_umount},
    {"status", "show what is mounted, and how it is served", sfs_cmd_status},
    {"resolve", "translate between stable and real paths", sfs_cmd_resolve},
    {"check", "check a config file", sfs_cmd_check},
    {"doctor", "say what this machine or container allows, and what mends the rest", sfs_cmd_doctor},
};

#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

static void print_help(FILE *out)
{
    (void)fputs("stablefs serves real directories at stable paths.\n"
                "\n"
                "usage: stablefs COMMAND [OPTION…] [ARGUMENT…]\n"
                "\n",
                out);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        (void)fprintf(out, "  %-9s %s\n", commands[i].name, commands[i].summary);
    (void)fputs("\n"
                "  --help, --version; stablefs COMMAND --help says more.\n"
                "\n"
                "Example: stablefs mount ~/work/checkout-7 /project\n",
                out);
}

static const struct sfs_command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    }
    return NULL;
}

static int unknown_command(const char *name)
{
    const char *words[COMMAND_COUNT + 2] = {NULL};
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        words[i] = commands[i].name;
    words[COMMAND_COUNT] = "help";
    const char *nearest = name[0] == '-' ? NULL : sfs_nearest(name, words);
    const char *kind = name[0] == '-' ? "option" : "command";
    if (nearest != NULL)
        sfs_log_error("%s: unknown %s (did you mean %s?)", name, kind, nearest);
    else
        sfs_log_error("%s: unknown %s (see stablefs --help)", name, kind);
    return SFS_STATUS_USAGE;
}

/* "stablefs help [COMMAND]" */
static int help(int argc, char *argv[])
{
    if (argc < 2 || argv[1][0] == '-') {
        print_help(stdout);
        return sfs_cli_finish_output(SFS_STATUS_OK);
    }
    const struct sfs_command *command = find_command(argv[1]);
    if (command == NULL)
        return unknown_command(argv[1]);
    char help_option[] = "--help";
    char *asked[] = {argv[1], help_option, NULL};
    return command->run(2, asked);
}

int main(int argc, char *argv[])
{
    const char *program = argc > 0 ? sfs_path_base(argv[0]) : "stablefs";
    if (strcmp(program, "mount.stablefs") == 0 || strcmp(program, "mount.fuse.stablefs") == 0)
        return sfs_mount_helper(argc, argv);
    if (argc < 2) {
        print_help(stderr);
        return SFS_STATUS_USAGE;
    }
    const char *word = argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        print_help(stdout);
        return sfs_cli_finish_output(SFS_STATUS_OK);
    }
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
        (void)printf("stablefs %s\n", PACKAGE_VERSION);
        return sfs_cli_finish_output(SFS_STATUS_OK);
    }
    if (strcmp(word, "help") == 0)
        return help(argc - 1, argv + 1);
    const struct sfs_command *command = find_command(word);
    return command != NULL ? command->run(argc - 1, argv + 1) : unknown_command(word);
}
