#!/bin/bash
# SPDX-License-Identifier: MIT
# A source that the caller cannot read is refused in words, or mounted and then as closed as it is.
. "$SFS_LIB/lib.sh"
! is_root || skip "SKIP-OK: root enters everything"
mkdir "$SRC/closed"; touch "$SRC/closed/f"; chmod 000 "$SRC/closed"
if stablefs mount "$SRC/closed" "$MNT" 2>"$TMP/err"; then
    FILES+=("$MNT")
    ! ls "$MNT" 2>/dev/null && ! cat "$MNT/f" 2>/dev/null || fail "entered a closed directory"
    umount_map
else
    one_error; matches "$(err)" "$SRC/closed"; ! mounted "$MNT"
fi
chmod 700 "$SRC/closed"
