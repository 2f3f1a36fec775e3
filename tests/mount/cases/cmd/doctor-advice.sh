#!/bin/bash
# SPDX-License-Identifier: MIT
# Where there is no /dev/fuse, doctor names the flags of the container or the job that it runs in.
. "$SFS_LIB/lib.sh"
is_root || need_namespace
unset KUBERNETES_SERVICE_HOST APPTAINER_NAME APPTAINER_CONTAINER SINGULARITY_NAME SLURM_JOB_ID
mount -t tmpfs none /dev
is_root && mknod -m 666 /dev/null c 1 3 2>/dev/null || : # in a user namespace it is a plain file
export XDG_RUNTIME_DIR=$TMP
# advises KIND TEXT [VARIABLE=VALUE]: in both forms, and mount says the same
advises() {
    local kind=$1 text=$2; shift 2
    status 5 env "$@" "$STABLEFS" doctor
    matches "$(out)" "$NL$kind \\("
    grep -qF -- "mend: $text" "$TMP/out" || fail "$kind: no \"$text\" in $(out)"
    status 5 env "$@" "$STABLEFS" doctor --json
    equal "$(/usr/bin/python3 -c 'import json,sys; print(json.load(sys.stdin)["environment"]["kind"])' <"$TMP/out")" "$kind"
    status 5 env "$@" "$STABLEFS" mount "$SRC" "$MNT"
    one_error
    grep -qF -- "$text" "$TMP/err" || fail "$kind: no \"$text\" in $(err)"
    status 125 env "$@" "$STABLEFS" run --map "$MNT=$SRC" -- true
    grep -qF -- "$text" "$TMP/err" || fail "$kind: no \"$text\" in $(err)"
}
advises kubernetes "in the pod: securityContext: {privileged: true}" KUBERNETES_SERVICE_HOST=10.0.0.1
advises apptainer "apptainer exec --userns --bind /dev/fuse" APPTAINER_NAME=x.sif
advises apptainer "apptainer exec --userns --bind /dev/fuse" SINGULARITY_NAME=x.sif
if unshare -u true 2>/dev/null; then
    unshare -u bash -c 'hostname buildkitsandbox; "$STABLEFS" doctor' >"$TMP/out" && fail "works without /dev/fuse" || :
    grep -qF "docker buildx build --allow security.insecure" "$TMP/out" || fail "$(out)"
fi
# bwrap is process 1 of the process namespace that it makes
cp /bin/bash "$TMP/bwrap"
if unshare -pf --mount-proc "$TMP/bwrap" -c true 2>/dev/null; then
    unshare -pf --mount-proc "$TMP/bwrap" -c '"$STABLEFS" doctor; :' >"$TMP/out"
    grep -qF "bwrap --dev-bind /dev/fuse /dev/fuse" "$TMP/out" || fail "$(out)"
fi
if mount -t tmpfs none /run 2>/dev/null; then
    printf 'engine="podman-4.3.1"\nname="x"\n' >/run/.containerenv
    advises podman "podman run --device /dev/fuse --cap-add SYS_ADMIN"
    printf '\nengine="buildah-1.28.2"\nname="x"\n' >/run/.containerenv
    advises buildah "buildah build --device /dev/fuse --cap-add SYS_ADMIN"
    rm /run/.containerenv
fi
if [ -e /.dockerenv ]; then
    advises docker "docker run --device /dev/fuse --cap-add SYS_ADMIN"
else
    advises slurm "a prolog that runs stablefs mount" SLURM_JOB_ID=7
fi
