/* SPDX-License-Identifier: MIT */
/* The subcommands: each takes its own command line (argv[0] is its name) and returns an exit status. */
#pragma once

struct sfs_command {
    const char *name;
    const char *summary; /* one line for "stablefs --help" */
    int (*run)(int argc, char *argv[]);
};

int sfs_cmd_check(int argc, char *argv[]);
int sfs_cmd_doctor(int argc, char *argv[]);
int sfs_cmd_mount(int argc, char *argv[]);
int sfs_cmd_resolve(int argc, char *argv[]);
int sfs_cmd_run(int argc, char *argv[]);
int sfs_cmd_status(int argc, char *argv[]);
int sfs_cmd_umount(int argc, char *argv[]);

/* Called as mount.stablefs or mount.fuse.stablefs, by mount(8). */
int sfs_mount_helper(int argc, char *argv[]);
