#!/bin/bash
# SPDX-License-Identifier: MIT
# A symbolic link in the stable path is refused: what processes see would not be what was asked for.
. "$SFS_LIB/lib.sh"
mkdir "$MNT/real"; ln -s real "$MNT/link"; ln -s nowhere "$MNT/dangling"
for path in "$MNT/link" "$MNT/link/below" "$MNT/dangling" "$MNT/dangling/below"; do
    code=0; stablefs mount "$SRC" "$path" >"$TMP/out" 2>"$TMP/err" || code=$?
    [ $code = 1 ] || [ $code = 2 ] || fail "status $code for $path"
    one_error; matches "$(err)" "link"
    equal "$(ls -A "$MNT/real")" "" "made behind the link"
    ! mounted "$MNT/real" || fail "mounted"
done
# a source behind a link is fine
ln -s "$SRC" "$TMP/source-link"; echo x >"$SRC/f"
mount_map "$TMP/source-link" "$MNT/real"; equal "$(cat "$MNT/real/f")" x
