#!/bin/bash
# SPDX-License-Identifier: MIT
# Inside a user namespace: mounted without fusermount3, owners shown as mapped there, what is made belongs to the caller, and
# with others' files, whose owners do not exist there, what the source permits is possible.
. "$SFS_LIB/lib.sh"
unshare -Urm true 2>/dev/null || skip "user namespaces are not allowed here"
echo x >"$SRC/f"
cat >"$TMP/inside.sh" <<'END'
set -eu
trap 'echo "failed at line $LINENO: $BASH_COMMAND"' EXIT
export XDG_RUNTIME_DIR=$TMP/runtime
refused() { if "$@" 2>/dev/null; then echo "could: $*"; exit 1; fi; }
others() {
    [ -e "$SRC/theirs" ] || return 0
    echo y >>"$MNT/theirs"; [ "$(tail -n 1 "$SRC/theirs")" = y ]; >"$MNT/theirs"
    touch "$MNT/place/new"; mv "$MNT/place/new" "$MNT/place/moved"; rm "$MNT/place/moved"
    refused chmod 600 "$MNT/theirs"; refused touch "$MNT/shut/new"; refused cat "$MNT/secret"
    refused rm -f "$MNT/place/f"; [ -e "$SRC/place/f" ]
}
"$STABLEFS" mount "$SRC" "$MNT"
awk -v p="$MNT" '$5 == p' /proc/self/mountinfo | grep -q fuse.stablefs
[ "$(cat "$MNT/f")" = x ]
[ "$(stat -c %u "$MNT/f")" = "$(stat -c %u "$SRC/f")" ]
touch "$MNT/made"; mkdir "$MNT/dir"; [ "$(stat -c %u:%g "$MNT/made")" = 0:0 ]
chmod 4755 "$MNT/made"; mv "$MNT/made" "$MNT/dir/"; ln "$MNT/dir/made" "$MNT/link"
refused chown 12345 "$MNT/f"
mkfifo "$MNT/fifo"
others
"$STABLEFS" status "$MNT" >/dev/null
"$STABLEFS" umount "$MNT"
refused grep -q " $MNT " /proc/self/mountinfo
"$STABLEFS" mount -o ro,cache=immutable "$SRC" "$MNT"; ls -lR "$MNT" >/dev/null; refused touch "$MNT/n"
"$STABLEFS" umount "$MNT"
export -f refused others
"$STABLEFS" run --map "$MNT=$SRC" -- bash -eu -c others
trap - EXIT
END
if is_root; then
    chown -R 61001:61001 "$CASE_DIR"; chmod 777 "$LOGS"
    mkdir -m 1777 "$SRC/place"; mkdir "$SRC/shut"; echo x | tee "$SRC/theirs" "$SRC/secret" >"$SRC/place/f"
    chmod 666 "$SRC/theirs" "$SRC/place/f"; chmod 600 "$SRC/secret"
    chown 61009:61009 "$SRC/place" "$SRC/place/f" "$SRC/shut" "$SRC/theirs" "$SRC/secret"
    as 61001:61001 unshare -Urm bash "$TMP/inside.sh" || fail "inside a user namespace of a normal user"
    touch "$SRC/of-root"; chown 0:0 "$SRC/of-root"
    equal "$(stat -c %u "$SRC/dir/made")" 61001 "owner of what was made"
else
    unshare -Urm bash "$TMP/inside.sh" || fail "inside a user namespace"
    equal "$(stat -c %u "$SRC/dir/made")" "$(id -u)" "owner of what was made"
fi
