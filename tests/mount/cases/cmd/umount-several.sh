#!/bin/bash
# SPDX-License-Identifier: MIT
# Several paths, --all, and paths where nothing is mounted (3).
. "$SFS_LIB/lib.sh"
mkdir "$TMP/a" "$TMP/b" "$TMP/c"
status 3 stablefs umount "$TMP/a"; one_error; matches "$(err)" "not mounted"
status 3 stablefs umount /no/such/place
status 3 stablefs umount /proc || true
mountpoint -q /proc || fail "unmounted /proc"
for n in a b c; do stablefs mount "$SRC" "$TMP/$n"; done
stablefs umount "$TMP/a" "$TMP/b/"
! mounted "$TMP/a" && ! mounted "$TMP/b" && mounted "$TMP/c" || fail "the wrong ones"
status 3 stablefs umount "$TMP/a" "$TMP/c"
! mounted "$TMP/c" || fail "one that is not mounted keeps the others from being unmounted"
stablefs mount "$SRC" "$TMP/a"; stablefs mount "$SRC" "$TMP/b"
# mounted on top of another by another daemon (fusermount3 cannot do that)
! is_root || { mkdir -p "$TMP/a/x" "$SRC/y"; stablefs mount "$SRC/y" "$TMP/a/x"; }
stablefs umount --all
for n in a/x a b c; do ! mounted "$TMP/$n" || fail "--all left $n"; done
status 0 stablefs status; equal "$(out)" ""
status 0 stablefs umount --all || true
