/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/doctor-where.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/process.h"

/* What podman and buildah tell of a container, inside it. */
#define CONTAINER_FILE      "/run/.containerenv"
#define CONTAINER_FILE_MOST 65536

/* include/linux/proc_ns.h, PROC_PID_INIT_INO: the machine's own process namespace. */
#define FIRST_PIDS 0xeffffffcU

const char *sfs_doctor_where_name(enum sfs_doctor_where where)
{
    static const char *const names[SFS_WHERE_COUNT] = {
        [SFS_WHERE_HOST] = "host",
        [SFS_WHERE_SLURM] = "slurm",
        [SFS_WHERE_DOCKER] = "docker",
        [SFS_WHERE_BUILDX] = "buildx",
        [SFS_WHERE_BUILDAH] = "buildah",
        [SFS_WHERE_PODMAN] = "podman",
        [SFS_WHERE_KUBERNETES] = "kubernetes",
        [SFS_WHERE_APPTAINER] = "apptainer",
        [SFS_WHERE_BWRAP] = "bwrap",
        [SFS_WHERE_OCI] = "oci",
    };
    return names[where];
}

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0';
}

static bool is_buildkit(void)
{
    char name[65] = "";
    return gethostname(name, sizeof name - 1) == 0 && strcmp(name, "buildkitsandbox") == 0;
}

/* bwrap waits as process 1 of the process namespace that it makes. */
static bool is_bwrap(void)
{
    char command[SFS_PROCESS_COMMAND_SIZE];
    sfs_process_command(1, command);
    return strcmp(command, "bwrap") == 0;
}

static bool made_by_buildah(void)
{
    SFS_CLEANUP_STRBUF struct sfs_strbuf text = SFS_STRBUF_INIT;
    return sfs_process_read_file(AT_FDCWD, CONTAINER_FILE, CONTAINER_FILE_MOST, &text) == 0 &&
           strstr(text.data, "engine=\"buildah") != NULL;
}

static bool has_own_processes(void)
{
    struct stat stat_pids;
    return stat("/proc/self/ns/pid", &stat_pids) == 0 && stat_pids.st_ino != FIRST_PIDS;
}

/* The innermost kind first, so far as that can be told. */
enum sfs_doctor_where sfs_doctor_where(const char **ret_why)
{
    static const struct {
        enum sfs_doctor_where where;
        const char *variable;
    } variables[] = {
        {SFS_WHERE_APPTAINER, "APPTAINER_NAME"},
        {SFS_WHERE_APPTAINER, "APPTAINER_CONTAINER"},
        {SFS_WHERE_APPTAINER, "SINGULARITY_NAME"},
        {SFS_WHERE_KUBERNETES, "KUBERNETES_SERVICE_HOST"},
    };
    *ret_why = "process 1 is bwrap";
    if (is_bwrap())
        return SFS_WHERE_BWRAP;
    *ret_why = "the host's name is buildkitsandbox";
    if (is_buildkit())
        return SFS_WHERE_BUILDX;
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        *ret_why = variables[i].variable;
        if (is_set(variables[i].variable))
            return variables[i].where;
    }
    *ret_why = CONTAINER_FILE;
    if (access(CONTAINER_FILE, F_OK) == 0)
        return made_by_buildah() ? SFS_WHERE_BUILDAH : SFS_WHERE_PODMAN;
    *ret_why = "/.dockerenv";
    if (access("/.dockerenv", F_OK) == 0)
        return SFS_WHERE_DOCKER;
    *ret_why = "SLURM_JOB_ID";
    if (is_set("SLURM_JOB_ID"))
        return SFS_WHERE_SLURM;
    *ret_why = "a process namespace of its own";
    if (has_own_processes())
        return SFS_WHERE_OCI;
    *ret_why = "no sign of a container";
    return SFS_WHERE_HOST;
}
