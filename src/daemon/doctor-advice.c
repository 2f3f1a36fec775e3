/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/doctor-advice.h"

#include <errno.h>
#include <stddef.h>

#define BIT(need) (1U << (need))

/* What a container gets with the device and the capability. */
#define DEVICE    (BIT(SFS_NEED_DEVICE) | BIT(SFS_NEED_ACCESS))
#define RIGHTS    (BIT(SFS_NEED_MOUNT) | BIT(SFS_NEED_SPACE))
#define SPACES    (BIT(SFS_NEED_SPACES) | BIT(SFS_NEED_CLONE) | BIT(SFS_NEED_PROFILE) | BIT(SFS_NEED_SPACE))
#define CONTAINER (DEVICE | RIGHTS)

#define ANYWHERE SFS_WHERE_COUNT

/*
 * The first row that fits is taken.
 *
 * BuildKit makes /dev/fuse and gives all capabilities with --security=insecure (its executor, WithInsecureSpec); the
 * flag of RUN is in the stable Dockerfile syntax from 1.20 on, in the -labs channel before.
 * Docker's and podman's seccomp profiles allow mount(2) and unshare(2) with CAP_SYS_ADMIN; Docker's AppArmor profile
 * forbids mount(2) even so.
 */
static const struct {
    enum sfs_doctor_where where;
    unsigned needs;
    const char *line;
} rows[] = {
    {SFS_WHERE_DOCKER, CONTAINER, "docker run --device /dev/fuse --cap-add SYS_ADMIN …"},
    {SFS_WHERE_DOCKER, BIT(SFS_NEED_UNCONFINED),
     "docker run --device /dev/fuse --cap-add SYS_ADMIN --security-opt apparmor=unconfined …"},
    {SFS_WHERE_DOCKER, BIT(SFS_NEED_NEW_PRIVS), "docker run without --security-opt no-new-privileges"},
    {SFS_WHERE_DOCKER, BIT(SFS_NEED_DESCRIPTORS), "docker run --ulimit nofile=65536:65536 …"},

    {SFS_WHERE_BUILDX, CONTAINER | BIT(SFS_NEED_UNCONFINED),
     "RUN --security=insecure … (# syntax=docker/dockerfile:1.20), docker buildx build --allow security.insecure, "
     "with a builder of docker buildx create --use --buildkitd-flags '--allow-insecure-entitlement "
     "security.insecure'"},
    {SFS_WHERE_BUILDX, BIT(SFS_NEED_DESCRIPTORS), "docker buildx build --ulimit nofile=65536:65536 …"},

    {SFS_WHERE_BUILDAH, CONTAINER,
     "buildah build --device /dev/fuse --cap-add SYS_ADMIN … (buildah from takes them, too)"},
    {SFS_WHERE_BUILDAH, BIT(SFS_NEED_UNCONFINED),
     "buildah build --device /dev/fuse --cap-add SYS_ADMIN --security-opt apparmor=unconfined … (buildah from takes "
     "them, too)"},
    {SFS_WHERE_BUILDAH, BIT(SFS_NEED_DESCRIPTORS), "buildah build --ulimit nofile=65536:65536 …"},

    {SFS_WHERE_PODMAN, CONTAINER, "podman run --device /dev/fuse --cap-add SYS_ADMIN …"},
    {SFS_WHERE_PODMAN, BIT(SFS_NEED_UNCONFINED),
     "podman run --device /dev/fuse --cap-add SYS_ADMIN --security-opt apparmor=unconfined …"},
    {SFS_WHERE_PODMAN, BIT(SFS_NEED_NEW_PRIVS), "podman run without --security-opt no-new-privileges"},
    {SFS_WHERE_PODMAN, BIT(SFS_NEED_DESCRIPTORS), "podman run --ulimit nofile=65536:65536 …"},

    {SFS_WHERE_KUBERNETES, CONTAINER | BIT(SFS_NEED_UNCONFINED),
     "in the pod: securityContext: {privileged: true}; or mount the stable path on the node and take it as a "
     "hostPath"},
    {SFS_WHERE_KUBERNETES, BIT(SFS_NEED_NEW_PRIVS), "in the pod: securityContext: {allowPrivilegeEscalation: true}"},

    {SFS_WHERE_OCI, DEVICE | BIT(SFS_NEED_MOUNT),
     "config.json (crun, runc): linux.devices {\"path\": \"/dev/fuse\", \"type\": \"c\", \"major\": 10, \"minor\": "
     "229, \"fileMode\": 438}, allowed in linux.resources.devices, and CAP_SYS_ADMIN in process.capabilities; or a "
     "bind mount of a stable path that the same user mounted outside"},
    {SFS_WHERE_OCI, BIT(SFS_NEED_SPACE),
     "config.json (crun, runc): CAP_SYS_ADMIN in process.capabilities, or unshare and mount allowed by linux.seccomp"},
    {SFS_WHERE_OCI, BIT(SFS_NEED_UNCONFINED), "config.json (crun, runc): process.apparmorProfile: \"unconfined\""},
    {SFS_WHERE_OCI, BIT(SFS_NEED_NEW_PRIVS), "config.json (crun, runc): process.noNewPrivileges: false"},
    {SFS_WHERE_OCI, BIT(SFS_NEED_DESCRIPTORS),
     "config.json (crun, runc): process.rlimits {\"type\": \"RLIMIT_NOFILE\", \"hard\": 65536, \"soft\": 1024}"},

    {SFS_WHERE_BWRAP, CONTAINER | BIT(SFS_NEED_NEW_PRIVS),
     "bwrap --dev-bind /dev/fuse /dev/fuse --unshare-user --cap-add CAP_SYS_ADMIN …; or --bind of a stable path "
     "that the same user mounted outside"},
    {SFS_WHERE_BWRAP, BIT(SFS_NEED_SPACES),
     "bwrap without --disable-userns; or bwrap --dev-bind /dev/fuse /dev/fuse --unshare-user --cap-add "
     "CAP_SYS_ADMIN …"},

    {SFS_WHERE_APPTAINER, CONTAINER,
     "apptainer exec --userns --bind /dev/fuse …; or stablefs mount outside and apptainer exec --bind /depot-stable "
     "…"},
    {SFS_WHERE_APPTAINER, BIT(SFS_NEED_SPACES) | BIT(SFS_NEED_CLONE) | BIT(SFS_NEED_PROFILE),
     "stablefs mount outside and apptainer exec --bind /depot-stable …; or ask the administrator for user "
     "namespaces: sysctl -w user.max_user_namespaces=10000 kernel.unprivileged_userns_clone=1 "
     "kernel.apparmor_restrict_unprivileged_userns=0"},
    {SFS_WHERE_APPTAINER, BIT(SFS_NEED_NEW_PRIVS),
     "apptainer always sets it; stablefs mount outside and apptainer exec --bind /depot-stable …"},

    {SFS_WHERE_SLURM, DEVICE,
     "ask the administrator for modprobe fuse and chmod 666 /dev/fuse on the nodes, or for a prolog that runs "
     "stablefs mount"},
    {SFS_WHERE_SLURM, SPACES | BIT(SFS_NEED_MOUNT),
     "ask the administrator for user namespaces on the nodes (sysctl -w user.max_user_namespaces=10000, and "
     "kernel.unprivileged_userns_clone=1 or kernel.apparmor_restrict_unprivileged_userns=0 where they exist), or "
     "for a prolog that runs stablefs mount"},
    {SFS_WHERE_SLURM, BIT(SFS_NEED_DESCRIPTORS),
     "sbatch --propagate=NONE, or ask the administrator for LimitNOFILE of slurmd"},

    {ANYWHERE, BIT(SFS_NEED_MOUNT),
     "be root with CAP_SYS_ADMIN (setpriv and CapabilityBoundingSet= of systemd take it away)"},
    {ANYWHERE, BIT(SFS_NEED_SPACE), "a seccomp filter, a security module or a chroot forbids it: leave that"},
    {ANYWHERE, BIT(SFS_NEED_NEW_PRIVS), "start it without no_new_privs (systemd: NoNewPrivileges=no)"},

    {ANYWHERE, BIT(SFS_NEED_DEVICE), "modprobe fuse (as root)"},
    {ANYWHERE, BIT(SFS_NEED_ACCESS), "DeviceAllow=/dev/fuse rw in the systemd unit (a device cgroup forbids it)"},
    {ANYWHERE, BIT(SFS_NEED_MODE), "chmod 666 /dev/fuse (as root)"},
    {ANYWHERE, BIT(SFS_NEED_UNCONFINED),
     "let the AppArmor profile have \"mount fstype=fuse.stablefs,\" or aa-complain it (as root)"},
    {ANYWHERE, BIT(SFS_NEED_SPACES), "sysctl -w user.max_user_namespaces=10000 (as root of the host)"},
    {ANYWHERE, BIT(SFS_NEED_CLONE), "sysctl -w kernel.unprivileged_userns_clone=1 (as root of the host)"},
    {ANYWHERE, BIT(SFS_NEED_PROFILE),
     "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 (as root of the host), or an AppArmor profile for "
     "stablefs with \"userns,\""},
    {ANYWHERE, BIT(SFS_NEED_KERNEL), "Linux 4.18 or later with CONFIG_FUSE_FS and CONFIG_USER_NS"},
    {ANYWHERE, BIT(SFS_NEED_HELPER), "apt-get install fuse3 (as root)"},
    {ANYWHERE, BIT(SFS_NEED_SETUID), "chown root and chmod u+s fusermount3 (as root), on a filesystem without nosuid"},
    {ANYWHERE, BIT(SFS_NEED_ACCOUNT), "a line for this user ID in /etc/passwd (as root)"},
    {ANYWHERE, BIT(SFS_NEED_ALLOW_OTHER), "put a line \"user_allow_other\" into /etc/fuse.conf (as root)"},
    {ANYWHERE, BIT(SFS_NEED_DESCRIPTORS),
     "a hard limit of 65536: LimitNOFILE= of systemd, or nofile in /etc/security/limits.conf"},
    {ANYWHERE, BIT(SFS_NEED_PASS_LIBRARY),
     "build stablefs with libfuse 3.17 or later (packaging/libfuse318.sh makes 3.18)"},
    {ANYWHERE, BIT(SFS_NEED_PASS_KERNEL), "Linux 6.9 or later with CONFIG_FUSE_PASSTHROUGH"},
};

const char *sfs_doctor_advice(enum sfs_doctor_need need, enum sfs_doctor_where where)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if ((rows[i].where == where || rows[i].where == ANYWHERE) && (rows[i].needs & BIT(need)) != 0)
            return rows[i].line;
    }
    return NULL;
}

enum sfs_doctor_need sfs_doctor_need_of_device(sfs_err r)
{
    return r == -EPERM ? SFS_NEED_ACCESS : r == -EACCES ? SFS_NEED_MODE : SFS_NEED_DEVICE;
}

const char *sfs_doctor_advice_here(enum sfs_doctor_need need)
{
    const char *why;
    const char *line = sfs_doctor_advice(need, sfs_doctor_where(&why));
    return line != NULL ? line : "stablefs doctor says what is missing";
}
