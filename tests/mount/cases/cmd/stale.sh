#!/bin/bash
# SPDX-License-Identifier: MIT
# The mount left by a killed daemon is recognised, by status, umount and mount, which replaces it.
. "$SFS_LIB/lib.sh"
echo x >"$SRC/f"
# a call that is under way when the daemon dies fails with ECONNABORTED, every later one with ENOTCONN
dead() { ! stat "$MNT" 2>"$TMP/stat" >&2 || fail "still answers"; grep -q "not connected" "$TMP/stat"; }
kill_it() { local pid; pid=$(daemon_of "$MNT"); kill -9 "$pid"; within 5 gone "$pid"; within 5 dead; }
mount_map; kill_it
mounted "$MNT" || fail "the stale mount is gone: nothing to test"
mount_map
equal "$(cat "$MNT/f")" x
equal "$(awk -v p="$MNT" '$5 == p' /proc/self/mountinfo | wc -l)" 1 "mounts on top of one another"
kill_it
status 0 stablefs umount "$MNT"
! mounted "$MNT" || fail "umount left the stale mount"
# with a file still open by somebody
mount_map; exec 7<"$MNT/f"; kill_it; ! cat <&7 2>/dev/null || note "read from the cache"
mount_map; equal "$(cat "$MNT/f")" x
exec 7<&-
kill_it; stablefs umount --all; ! mounted "$MNT" || fail "--all left the stale mount"
# the sockets of dead daemons are no trouble, nor kept for ever
status 0 stablefs status; equal "$(out)" ""
mount_map; umount_map
equal "$(find "${XDG_RUNTIME_DIR:-/run}/stablefs" -type s | wc -l)" 0 "sockets of dead daemons"
# nested: the whole view is stale
is_root || exit 0
mkdir "$SRC/in"
printf '[map a]\npath = %s\nsource = %s\n[map b]\npath = %s/in\nsource = %s\n' "$MNT" "$SRC" "$MNT" "$TMP" >"$TMP/n.ini"
stablefs mount -c "$TMP/n.ini"; kill_it
stablefs mount -c "$TMP/n.ini"; ls "$MNT/in/n.ini" >/dev/null
FILES+=("$MNT/in"); stablefs umount -c "$TMP/n.ini"; ! mounted "$MNT" || fail "nested"
