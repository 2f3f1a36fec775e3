#!/bin/bash
# SPDX-License-Identifier: MIT
# Two daemons with the same instance name, two of different names, starting at the same time.
. "$SFS_LIB/lib.sh"
mkdir "$TMP/"{a,b,c,d,e,f}
for n in a b c d e f; do stablefs mount "$SRC" "$TMP/$n" & pids+=" $!"; done
for pid in $pids; do wait "$pid" || fail "one of six at the same time"; done
for n in a b c d e f; do stablefs_at "$TMP/$n" || fail "$n"; done
equal "$(stablefs status --json | /usr/bin/python3 -c 'import json, sys; print(len(json.load(sys.stdin)["instances"]))')" 6
stablefs umount "$TMP/"{a,b,c,d,e,f}
# the same path by two at the same time: one wins
pids=
for n in 1 2 3 4; do (stablefs mount "$SRC" "$MNT" 2>"$TMP/err$n" && echo won >>"$TMP/won" || true) & pids+=" $!"; done
# shellcheck disable=SC2086
wait $pids
equal "$(wc -l <"$TMP/won")" 1 "winners"
equal "$(awk -v p="$MNT" '$5 == p' /proc/self/mountinfo | wc -l)" 1 "mounts"
stablefs umount "$MNT"
