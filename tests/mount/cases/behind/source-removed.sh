#!/bin/bash
# SPDX-License-Identifier: MIT
# The source directory itself is moved or removed: errors, no crash, and unmounting works.
. "$SFS_LIB/lib.sh"
mkdir "$SRC/s"; echo x >"$SRC/s/f"
mount_fg "$SRC/s" "$MNT"
cat "$MNT/f" >/dev/null
mv "$SRC/s" "$SRC/moved"
equal "$(cat "$MNT/f")" x "the source was opened before mounting: moving it changes nothing"
rm -rf "$SRC/moved"
within 4 not test -e "$MNT/f"
ls "$MNT" >/dev/null || true
! touch "$MNT/new" 2>/dev/null || fail "a file made in a removed directory"
umount_map "$MNT"
