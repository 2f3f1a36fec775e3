#!/bin/bash
# SPDX-License-Identifier: MIT
# The same missing stable path in two mount namespaces: removing a directory would detach what others have mounted on
# it, so the last one removes it.
. "$SFS_LIB/lib.sh"
need_namespace
echo x >"$SRC/f"
there() { unshare -m --propagation private bash -c "$1" "$STABLEFS" "$SRC" "$MNT/made/here" "$TMP"; }
# the first to come is the first to go
there '"$0" mount "$1" "$2"; touch "$3/first"; until [ -e "$3/go" ]; do sleep 0.02; done; "$0" umount "$2"' &
first=$!
within 10 test -e "$TMP/first"
there '"$0" mount "$1" "$2"; touch "$3/second"; until [ -e "$3/gone" ]; do sleep 0.02; done; cat "$2/f" >"$3/seen"; "$0" umount "$2"' &
second=$!
within 10 test -e "$TMP/second"
touch "$TMP/go"; wait $first
touch "$TMP/gone"; wait $second || fail "the second was unmounted by the end of the first: $(cat "$TMP/seen")"
equal "$(cat "$TMP/seen")" x
[ ! -e "$MNT/made" ] || fail "made directories stayed"
# and at any moment
loop='for i in $(seq 15); do "$0" mount "$1" "$2" && [ "$(cat "$2/f")" = x ] && "$0" umount "$2" || exit 1; done'
pids=()
for i in 1 2 3 4; do there "$loop" & pids+=($!); done
for pid in "${pids[@]}"; do wait "$pid" || fail "unmounted or not mounted in the middle of it"; done
[ ! -e "$MNT/made" ] || fail "made directories stayed after a race"
