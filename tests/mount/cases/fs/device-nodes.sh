#!/bin/bash
# SPDX-License-Identifier: MIT
# Device nodes work on a map mounted with -o dev and are refused with nodev; the daemon never opens one.
. "$SFS_LIB/lib.sh"
need_root
mknod "$SRC/null" c 1 3
mount_map -o dev
echo x >"$MNT/null"
equal "$(cat "$MNT/null")" ""
remount_map -o nodev
! cat "$MNT/null" 2>/dev/null || fail "a device opened on a nodev map"
