#!/bin/bash
# SPDX-License-Identifier: MIT
# mount comes back when the map answers, keeps none of the caller's descriptors, and leaves a daemon of its own session.
. "$SFS_LIB/lib.sh"
echo hello >"$SRC/f"
# A command substitution and a pipe end only when nobody holds their other end any more
text=$(timeout 20 "$STABLEFS" mount "$SRC" "$MNT" 2>&1 | cat; equal "${PIPESTATUS[0]}" 0; cat "$MNT/f") || fail "mount: $text"
FILES+=("$MNT")
equal "${text##*$NL}" hello
pid=$(daemon_of "$MNT")
equal "$(ps -o sid= -p "$pid" | tr -d ' ')" "$pid" "a session of its own"
equal "$(readlink "/proc/$pid/cwd")" / "working directory of the daemon"
for fd in 0 1 2; do matches "$(readlink "/proc/$pid/fd/$fd")" "^(/dev/null|socket:.*|pipe:.*)$"; done
lacks "$(ls -l "/proc/$pid/fd")" "$LOGS"
line=$(awk -v p="$MNT" '$5 == p' /proc/self/mountinfo)
matches "$line" " - fuse.stablefs $SRC "
! is_root || matches "$line" "allow_other"
matches "$line" "default_permissions"
# twice is an error that says so
status 1 stablefs mount "$SRC" "$MNT"
one_error; matches "$(err)" "already mounted"
umount_map
gone "$pid" || fail "umount came back before the daemon had gone"
# relative paths are taken from the working directory
cd "$CASE_DIR"; stablefs mount src ./mnt/; FILES+=("$MNT"); cat "$MNT/f" >/dev/null
