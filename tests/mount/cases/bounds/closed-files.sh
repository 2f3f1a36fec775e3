#!/bin/bash
# SPDX-License-Identifier: MIT
# Files that are closed do not count as open: many programs that open and close at once never run out of descriptors.
# variants: default; rw,cache=ttl:60
. "$SFS_LIB/lib.sh"
check make_tree "$SRC" 400 40 100
(ulimit -n 256 && mount_map) || fail "mount"
export MNT
reader='for turn in 1 2 3 4 5 6; do grep -r -q "no such words" "$MNT/d0"; [ $? = 1 ] || exit 1; done'
pids=()
for _ in $(seq 40); do
    sh -c "$reader" 2>>"$TMP/errors" &
    pids+=($!)
done
for pid in "${pids[@]}"; do
    wait "$pid" || failed=yes
done
[ -z "${failed:-}" ] || fail "a reader failed: $(head -n 1 "$TMP/errors")"
umount_map "$MNT"
