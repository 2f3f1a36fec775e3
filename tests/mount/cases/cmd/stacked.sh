#!/bin/bash
# SPDX-License-Identifier: MIT
# Over another filesystem that is mounted at the stable path: stacked, as mount(8) does.
. "$SFS_LIB/lib.sh"
need_root
mount -t tmpfs none "$MNT"; touch "$MNT/below"; echo x >"$SRC/f"
mount_map
[ ! -e "$MNT/below" ] && [ -e "$MNT/f" ] || fail "not on top"
umount_map_top() { stablefs umount "$MNT"; [ -e "$MNT/below" ] || fail "the other is not back"; }
umount_map_top
status 3 stablefs umount "$MNT"
[ -e "$MNT/below" ] || fail "unmounted a foreign filesystem"
umount "$MNT"
