#!/bin/bash
# SPDX-License-Identifier: MIT
# Two maps of one source, one read-only, see the same files; a write through one is seen through the other.
. "$SFS_LIB/lib.sh"
mkdir "$TMP/a" "$TMP/b"; echo one >"$SRC/f"
mount_map -o cache=none "$SRC" "$TMP/a"
mount_map -o ro,cache=none "$SRC" "$TMP/b"
echo two >"$TMP/a/f"
equal "$(cat "$TMP/b/f")" two
! touch "$TMP/b/g" 2>/dev/null || fail "written to a read-only map"
touch "$TMP/a/g"; [ -e "$TMP/b/g" ]
(flock -n 8 || fail "the lock is free"; ! flock -n "$TMP/a/f" true || fail "a lock on one map is not seen on the other"
) 8<"$SRC/f"
