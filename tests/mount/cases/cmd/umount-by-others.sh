#!/bin/bash
# SPDX-License-Identifier: MIT
# Unmounted by umount(8) or fusermount3, the daemon ends, its socket goes, and the directories it made.
. "$SFS_LIB/lib.sh"
for turn in 1 2 3 4; do
    stablefs mount "$SRC" "$MNT/new/dir"
    pid=$(daemon_of "$MNT/new/dir")
    sockets=$(find "${XDG_RUNTIME_DIR:-/run}/stablefs" -type s | wc -l)
    equal "$sockets" 1 "control sockets"
    ! is_root || how=(umount); is_root || how=(fusermount3 -u)
    case $turn in 2) how=(fusermount3 -u) ;; 3) ! is_root || how=(umount -f) ;; 4) ! is_root || how=(umount -l) ;; esac
    "${how[@]}" "$MNT/new/dir"
    within 5 gone "$pid"
    equal "$(find "${XDG_RUNTIME_DIR:-/run}/stablefs" -type s | wc -l)" 0 "control sockets left"
    [ ! -e "$MNT/new" ] || fail "made directories left"
done
