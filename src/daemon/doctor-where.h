/* SPDX-License-Identifier: MIT */
/* In what kind of container or job this process runs: it decides which flags mend what is missing. */
#pragma once

#include <stddef.h>

enum sfs_doctor_where {
    SFS_WHERE_HOST,
    SFS_WHERE_SLURM,
    SFS_WHERE_DOCKER,
    SFS_WHERE_BUILDX,
    SFS_WHERE_BUILDAH,
    SFS_WHERE_PODMAN,
    SFS_WHERE_KUBERNETES,
    SFS_WHERE_APPTAINER,
    SFS_WHERE_BWRAP,
    SFS_WHERE_OCI, /* a container of unknown kind: crun, runc or the like */
    SFS_WHERE_COUNT,
};

/* Its stable name: "host", "slurm", "docker" … */
const char *sfs_doctor_where_name(enum sfs_doctor_where where);

/* What gives it away; *ret_why: a phrase for a person. */
enum sfs_doctor_where sfs_doctor_where(const char **ret_why);
