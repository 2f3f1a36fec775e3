#!/bin/sh
# SPDX-License-Identifier: MIT
# Prolog of Slurm: a depot from a shared filesystem, in the memory of the node, at a stable path, read-only, for all jobs.
#
#     slurm.conf:  Prolog=/etc/slurm/slurm-prolog.sh  Epilog=/etc/slurm/slurm-epilog.sh  PrologFlags=Alloc
#
# The first job on a node copies and mounts, others find it there; the epilog of the last one takes it away.  Change the
# three paths in both scripts, or set them in /etc/stablefs/slurm.  A failure ends with status 1: Slurm then drains the
# node and queues the job again.  Not for PrologFlags=RunInJob, where the daemon would end with the job's step.
set -eu
[ ! -r /etc/stablefs/slurm ] || . /etc/stablefs/slurm
depot=${STABLEFS_DEPOT:-/shared/depot}          # what is copied
path=${STABLEFS_PATH:-/depot-stable}            # where the jobs see it
store=${STABLEFS_STORE:-/dev/shm/stablefs}      # node-local memory; root's own directory
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
umask 022

fail()
{
    echo "slurm-prolog: $*" >&2
    exit 1
}

job=${SLURM_JOB_ID:?this is run by slurmd}
mkdir "$store" 2>/dev/null || :
# everybody may write in /dev/shm: what is there could be somebody else's
{ [ -d "$store" ] && [ ! -L "$store" ] && [ "$(stat -c %u:%a "$store")" = "$(id -u):755" ]; } ||
    fail "$store: not a directory of ours (remove it)"

# one prolog or epilog at a time
exec 9>"$store/lock"
flock 9
mkdir -p "$store/jobs"

if [ ! -e "$store/depot" ]; then
    rm -rf "$store/new"
    cp -a "$depot/" "$store/new" || fail "cannot copy $depot to $store" # rsync -a does as well
    mv "$store/new" "$store/depot" # now it is complete
fi
# What the kernel has cached is served without the daemon: only statfs tells whether it lives.  A dead mount is replaced.
if ! { mountpoint -q "$path" && stat -f "$path" >/dev/null 2>&1; }; then
    # the daemon lives longer than this script: it must not hold the lock
    stablefs mount -q -o ro,cache=immutable "$store/depot" "$path" 9>&- || fail "cannot mount $path"
fi
: >"$store/jobs/$job"
