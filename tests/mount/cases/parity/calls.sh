#!/bin/bash
# SPDX-License-Identifier: MIT
# The same thousands of calls through a map and on the source's filesystem: same results, errno and stat fields; as root
# and as a normal user.
# variants: default; cache=none; io=direct; writers=exclusive
# timeout: 180
. "$SFS_LIB/lib.sh"
chmod 1777 "$SRC"
root=()
mkdir -m 1777 "$TMP/native"
! is_root || root=(-o "dev,suid")
mount_fg "${root[@]}"
with=()
/usr/bin/python3 -c "import os; os.close(os.open('$MNT', os.O_TMPFILE | os.O_RDWR, 0o600))" 2>/dev/null || with+=(--without-tmpfile)
echo x >"$MNT/probe"
/usr/bin/python3 -c "import mmap, os; mmap.mmap(os.open('$MNT/probe', os.O_RDONLY), 1, mmap.MAP_SHARED, mmap.PROT_READ)" 2>/dev/null || with+=(--without-mmap)
compare() { # who command…
    local who=$1; shift
    "$@" "$SFS_LIB/parity" "$TMP/native/$who" "${with[@]}" >"$TMP/native-$who" 2>"$TMP/calls-$who" || fail "native: $(tail -2 "$TMP/native-$who")"
    "$@" "$SFS_LIB/parity" "$MNT/$who" "${with[@]}" >"$TMP/map-$who" || fail "on the map: $(tail -2 "$TMP/map-$who")"
    sed -i "s#$TMP/native/#TOP/#g" "$TMP/native-$who"; sed -i "s#$MNT/#TOP/#g" "$TMP/map-$who"
    note "$who: $(cat "$TMP/calls-$who")"
    diff "$TMP/native-$who" "$TMP/map-$who" >"$LOGS/diff-$who" || fail "$who: $(grep -c '^>' "$LOGS/diff-$who") calls differ, see logs/diff-$who"
    rm "$LOGS/diff-$who"
}
if is_root; then
    compare root env
    [ -n "$SFS_OPTS" ] || compare user setpriv --reuid 61001 --regid 61001 --clear-groups
else
    compare "user" env
fi
