#!/bin/bash
# SPDX-License-Identifier: MIT
# A normal user mounts through fusermount3; only that user can enter; status and umount work without root.
. "$SFS_LIB/lib.sh"
! is_root || skip "SKIP-OK: for a normal user"
echo mine >"$SRC/f"
mount_map
line=$(awk -v p="$MNT" '$5 == p' /proc/self/mountinfo)
matches "$line" "user_id=$(id -u),group_id=$(id -g)"
lacks "$line" "allow_other"
matches "$line" "nosuid,nodev"
equal "$(cat "$MNT/f")" mine
stablefs status "$MNT" >/dev/null
ls "$MNT" >/dev/null
umount_map
# fusermount3 cannot enter a map that only its user may enter: a nested map is refused in words, and nothing stays
mkdir "$SRC/in"
printf '[map a]\npath = %s\nsource = %s\n[map b]\npath = %s/in\nsource = %s\n' "$MNT" "$SRC" "$MNT" "$TMP" >"$TMP/n.ini"
if stablefs mount -c "$TMP/n.ini" 2>"$TMP/err"; then
    ls "$MNT/in/n.ini" >/dev/null; stablefs umount -c "$TMP/n.ini"
else
    matches "$(err)" "^stablefs: $MNT/in: .*namespace"
    ! mounted "$MNT" || fail "half of a view stayed"
fi
