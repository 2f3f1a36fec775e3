#!/bin/bash
# SPDX-License-Identifier: MIT
# umount --lazy takes it out of sight at once; what is open goes on; the daemon ends after the last close.
. "$SFS_LIB/lib.sh"
echo content >"$SRC/f"
mount_map
pid=$(daemon_of "$MNT")
exec 7<"$MNT/f"
status 4 stablefs umount "$MNT"
stablefs umount --lazy "$MNT"
! mounted "$MNT" || fail "still mounted"
[ ! -e "$MNT/f" ] || fail "still in sight"
equal "$(cat <&7)" content
! gone "$pid" || fail "the daemon ended with a file open"
# the path can be used again meanwhile
mount_map; equal "$(cat "$MNT/f")" content; umount_map
exec 7<&-
within 5 gone "$pid"
