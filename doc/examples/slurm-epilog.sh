#!/bin/sh
# SPDX-License-Identifier: MIT
# Epilog of Slurm: what slurm-prolog.sh has made is taken away with the last job of the node.
#
# Change the two paths as in the prolog.  A copy that is to stay in memory between jobs: leave out the line with "rm -rf".
# It succeeds also when there is nothing to do, so that no node is drained for it.
set -eu
[ ! -r /etc/stablefs/slurm ] || . /etc/stablefs/slurm
path=${STABLEFS_PATH:-/depot-stable}
store=${STABLEFS_STORE:-/dev/shm/stablefs}
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

job=${SLURM_JOB_ID:?this is run by slurmd}
[ -f "$store/lock" ] && [ ! -L "$store" ] && [ "$(stat -c %u "$store")" = "$(id -u)" ] || exit 0
exec 9>"$store/lock"
flock 9

rm -f "$store/jobs/$job"
[ -z "$(ls "$store/jobs")" ] || exit 0
# --lazy: a process that Slurm has not found yet does not keep the path
stablefs umount -q --lazy "$path" || [ $? = 3 ] # 3: it is not mounted
rm -rf "$store/depot" "$store/new"
