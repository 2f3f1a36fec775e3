#!/bin/sh
# SPDX-License-Identifier: MIT
# Make a bundle for runc or crun: a container without capabilities and without /dev/fuse that has stable paths all the
# same.  The maps are mounted outside: by the user who runs the container, or by root for everybody.
#
#     oci-bundle.sh BUNDLE ROOTFS [INSIDE=STABLE[,ro]]... -- COMMAND [ARGUMENT...]
#     oci-bundle.sh job-1 /srv/images/debian /depot-stable=$HOME/stable/depot,ro -- ls -l /depot-stable
#     runc run --bundle job-1 job-1        (or crun)
#
# ROOTFS is the root directory of an image.  INSIDE is the path in the container (a directory that the image has), STABLE
# the path of the map outside.  The container has a user namespace with one id: root inside, the caller outside.  Root may
# set RUN_AS=UID:GID instead: no user namespace, and the command is that user.
set -eu

usage()
{
    sed -n '/^#     /s/^# *//p' "$0" >&2
    exit 2
}

# json TEXT: as JSON writes it.
json()
{
    printf '"%s"' "$(printf '%s\n' "$1" | sed 's/[\\"]/\\&/g' | awk '{ printf "%s%s", (NR > 1 ? "\\n" : ""), $0 }')"
}

[ $# -ge 4 ] || usage
case $(printf %s "$*" | tr -d '\n') in
*[[:cntrl:]]*) echo "$0: a control character in the arguments" >&2 && exit 2 ;;
esac
bundle=$1 rootfs=$(realpath "$2")
shift 2

mounts=
while [ "$1" != -- ]; do
    inside=${1%%=*} stable=${1#*=} mode=rw
    case $stable in
    *,ro) stable=${stable%,ro} mode=ro ;;
    esac
    case $inside:$stable in
    /*:/*) ;;
    *) usage ;;
    esac
    mounts="$mounts,
        {\"destination\": $(json "$inside"), \"type\": \"none\", \"source\": $(json "$stable"),
            \"options\": [\"rbind\", \"$mode\", \"nosuid\", \"nodev\"]}"
    shift
    [ $# -gt 1 ] || usage
done
shift

arguments=
for word; do
    arguments="$arguments${arguments:+, }$(json "$word")"
done

user=${RUN_AS:-0:0}
if [ -z "${RUN_AS:-}" ]; then
    user_namespace=', {"type": "user"}'
    mappings="\"uidMappings\": [{\"containerID\": 0, \"hostID\": $(id -u), \"size\": 1}],
        \"gidMappings\": [{\"containerID\": 0, \"hostID\": $(id -g), \"size\": 1}],"
fi

mkdir -p "$bundle"
cat >"$bundle/config.json" <<END
{
    "ociVersion": "1.0.2",
    "process": {
        "terminal": false,
        "user": {"uid": ${user%:*}, "gid": ${user#*:}},
        "args": [$arguments],
        "env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/tmp"],
        "cwd": "/",
        "capabilities": {},
        "noNewPrivileges": true
    },
    "root": {"path": $(json "$rootfs"), "readonly": true},
    "hostname": "sandbox",
    "mounts": [
        {"destination": "/proc", "type": "proc", "source": "proc"},
        {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755", "size=64k"]},
        {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "nodev", "mode=1777"]}$mounts
    ],
    "linux": {
        ${mappings:-}
        "namespaces": [
            {"type": "pid"}, {"type": "ipc"}, {"type": "uts"}, {"type": "mount"}, {"type": "network"}${user_namespace:-}
        ]
    }
}
END
