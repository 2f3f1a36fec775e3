#!/bin/bash
# SPDX-License-Identifier: MIT
# doctor says what run and mount then do, whatever is missing; table and --json agree, and nothing stays.
. "$SFS_LIB/lib.sh"
export XDG_RUNTIME_DIR=$TMP/runtime TMPDIR=$TMP SRC MNT STABLEFS SFS_LIB
[ -d "$XDG_RUNTIME_DIR" ] || mkdir -m 700 "$XDG_RUNTIME_DIR"
agree() { /usr/bin/python3 "$SFS_LIB/lib/doctor.py" "$@" || fail "agree $*"; }
export -f agree fail
# as somebody, in a user namespace where no other can be made
alone() { unshare -Urm bash -c "echo 0 >/proc/sys/user/max_user_namespaces && $1" || fail "$1"; }
# without a device, in a mount namespace
hidden() { unshare "$1" bash -c "mount -t tmpfs none /dev && mknod -m 666 /dev/null c 1 3 2>/dev/null; $2" || fail "$2"; }

touch "$SRC/f"
status 2 stablefs doctor here; one_error
status 2 stablefs doctor --jsn; matches "$(err)" "did you mean --json"
stablefs doctor -q >"$TMP/out" || fail "run does not work here"
equal "$(wc -l <"$TMP/out")" 2
matches "$(stablefs doctor -v)" "podman run --device /dev/fuse --cap-add SYS_ADMIN"
no_sysadmin=(setpriv --bounding-set -sys_admin)
if is_root; then
    agree 'run["how"] == mount["how"] == "directly"' 'd["facts"]["cap_sys_admin"]' 'check["mount"]["result"] == "yes"' \
        'd["facts"]["fuse_protocol"].startswith("7.")'
    hidden -m "agree 'run[\"how\"] == \"bind\"' 'check[\"device\"][\"why\"] == \"No such file or directory\"'"
    # without the capability: a user namespace still does for run, unless it is forbidden
    if unshare -Ur true 2>/dev/null; then
        "${no_sysadmin[@]}" bash -c "agree 'run[\"how\"] == \"user-namespace\"' '\"CAP_SYS_ADMIN\" in mount[\"why\"]'"
        alone "setpriv --bounding-set -sys_admin bash -c \"agree 'run[\\\"how\\\"] == \\\"no\\\"' \
            '\\\"max_user_namespaces\\\" in run[\\\"why\\\"]'\""
    fi
    if ! in_userns; then # where the device is another's
        # the device for root alone; a normal user's fusermount3 and libfuse may not open it either
        chown -R 61001:61001 "$CASE_DIR"; chmod 777 "$LOGS"
        chmod 600 /dev/fuse
        as 61001:61001 bash -c "agree 'check[\"device\"][\"mend\"].startswith(\"chmod 666\")' 'mount[\"how\"] == \"no\"'"
        chmod 666 /dev/fuse
    fi
else
    agree 'not d["facts"]["cap_sys_admin"]' 'mount["how"] == "fusermount3"'
    if unshare -Ur true 2>/dev/null; then
        agree 'run["how"] == "user-namespace"'
        # no_new_privs, as in a sandbox: fusermount3 is of no use, and run needs none
        setpriv --no-new-privs bash -c "agree 'run[\"result\"] == \"yes\"' '\"no_new_privs\" in mount[\"why\"]'"
        # a user namespace in which nobody is root
        unshare -U --map-user=7 bash -c "agree 'mount[\"how\"] == \"no\"' '\"user namespace\" in mount[\"why\"]'"
        hidden -Urm "agree 'run[\"how\"] == \"bind\"' 'mount[\"how\"] == \"no\"'"
    fi
fi
# descriptors: fewer cost something, too few everything
(ulimit -n 100; agree 'check["descriptors"]["result"] == "partly"' 'run["result"] == "yes"')
(ulimit -n 12; code=0; stablefs doctor >"$TMP/out" || code=$?; equal $code 5; matches "$(out)" "run +no +open files: 12")
