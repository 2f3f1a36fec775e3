#!/bin/bash
# SPDX-License-Identifier: MIT
# Inside a user namespace: mounted without fusermount3, owners shown as mapped there, what is made belongs to the caller.
. "$SFS_LIB/lib.sh"
unshare -Urm true 2>/dev/null || skip "user namespaces are not allowed here"
echo x >"$SRC/f"
cat >"$TMP/inside.sh" <<'END'
set -eu
trap 'echo "failed at line $LINENO"' EXIT
export XDG_RUNTIME_DIR=$TMP/runtime
"$STABLEFS" mount "$SRC" "$MNT"
awk -v p="$MNT" '$5 == p' /proc/self/mountinfo | grep -q fuse.stablefs
[ "$(cat "$MNT/f")" = x ]
[ "$(stat -c %u "$MNT/f")" = "$(stat -c %u "$SRC/f")" ]
touch "$MNT/made"; mkdir "$MNT/dir"; [ "$(stat -c %u:%g "$MNT/made")" = 0:0 ]
chmod 4755 "$MNT/made"; mv "$MNT/made" "$MNT/dir/"; ln "$MNT/dir/made" "$MNT/link"
! chown 12345 "$MNT/f" 2>/dev/null
mkfifo "$MNT/fifo"
"$STABLEFS" status "$MNT" >/dev/null
"$STABLEFS" umount "$MNT"
! awk -v p="$MNT" '$5 == p' /proc/self/mountinfo | grep -q .
"$STABLEFS" mount -o ro,cache=immutable "$SRC" "$MNT"; ls -lR "$MNT" >/dev/null; ! touch "$MNT/n" 2>/dev/null
"$STABLEFS" umount "$MNT"
trap - EXIT
END
if is_root; then
    chown -R 61001:61001 "$CASE_DIR"; chmod 777 "$LOGS"
    as 61001:61001 unshare -Urm bash "$TMP/inside.sh" || fail "inside a user namespace of a normal user"
    touch "$SRC/of-root"; chown 0:0 "$SRC/of-root"
    equal "$(stat -c %u "$SRC/dir/made")" 61001 "owner of what was made"
else
    unshare -Urm bash "$TMP/inside.sh" || fail "inside a user namespace"
    equal "$(stat -c %u "$SRC/dir/made")" "$(id -u)" "owner of what was made"
fi
