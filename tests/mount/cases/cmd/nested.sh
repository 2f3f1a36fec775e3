#!/bin/bash
# SPDX-License-Identifier: MIT
# A map below another map, at a directory that exists: each serves its own, the daemon orders mounting and unmounting.
. "$SFS_LIB/lib.sh"
need_namespace
mkdir -p "$SRC/outer/in/side" "$SRC/inner"; echo o >"$SRC/outer/f"; echo i >"$SRC/inner/f"; echo hidden >"$SRC/outer/in/hidden"
cat >"$TMP/n.ini" <<END
[map inner]
path = $MNT/in
source = $SRC/inner
[map outer]
path = $MNT
source = $SRC/outer
END
stablefs mount -c "$TMP/n.ini"; FILES+=("$MNT" "$MNT/in")
equal "$(cat "$MNT/f")$(cat "$MNT/in/f")" oi
[ ! -e "$MNT/in/hidden" ] || fail "the inner map does not cover"
equal "$(find "$MNT" -type f | sort | xargs)" "$MNT/f $MNT/in/f"
touch "$MNT/in/new"; [ -e "$SRC/inner/new" ] || fail "written into the wrong source"
py <<'END'
raises("EBUSY", os.rmdir, MNT + "/in")
raises("EBUSY", os.rename, MNT + "/in", MNT + "/other")
raises("EXDEV", os.rename, MNT + "/in/f", MNT + "/g")
ok(os.stat(MNT).st_dev != os.stat(MNT + "/in").st_dev, "two maps, two devices")
END
# unmounting the outer one alone is refused or takes the inner one along; it does not leave half
stablefs umount -c "$TMP/n.ini"
! mounted "$MNT" && ! mounted "$MNT/in" || fail "left"
stablefs mount -c "$TMP/n.ini"
pid=$(daemon_of "$MNT"); kill -TERM "$pid"; within 5 gone "$pid"
! mounted "$MNT" && ! mounted "$MNT/in" || fail "left by SIGTERM"
equal "$(cat "$SRC/outer/in/hidden")" hidden
