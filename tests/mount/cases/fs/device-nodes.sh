#!/bin/bash
# SPDX-License-Identifier: MIT
# Device nodes work on a map mounted with -o dev and are refused with nodev; the daemon never opens one. What is mounted in a
# user namespace never has any.
. "$SFS_LIB/lib.sh"
need_root
if in_userns; then touch "$SRC/null"; mount --bind /dev/null "$SRC/null"; else mknod "$SRC/null" c 1 3; fi
mount_map -o dev
equal "$(stat -c '%F %t %T' "$MNT/null")" "character special file 1 3"
if in_userns; then
    ! cat "$MNT/null" 2>/dev/null || fail "a device opened on a map in a user namespace"
    exit 0
fi
echo x >"$MNT/null"
equal "$(cat "$MNT/null")" ""
remount_map -o nodev
! cat "$MNT/null" 2>/dev/null || fail "a device opened on a nodev map"
