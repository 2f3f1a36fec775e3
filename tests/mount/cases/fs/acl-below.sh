#!/bin/bash
# SPDX-License-Identifier: MIT
# ACLs of a filesystem that is mounted below one without ACLs bind as on the source, mounted before the map or after.
# variants: default; cache=none; ro; ro,cache=immutable
. "$SFS_LIB/lib.sh"
need_root
need setfacl
mount -t ramfs none "$SRC"; chmod 755 "$SRC"; mkdir "$SRC/before" "$SRC/after"; echo plain >"$SRC/plain"; chmod 640 "$SRC/plain"
! setfacl -m u:61007:--- "$SRC/plain" 2>/dev/null || skip "SKIP-OK: ramfs has ACLs here"
below() {
    mount -t tmpfs none "$1"
    echo secret >"$1/f"; chmod 644 "$1/f"; setfacl -m u:61007:--- "$1/f"
    mkdir "$1/d"; echo secret >"$1/d/f"; setfacl -m u:61007:--- "$1/d"
    echo shared >"$1/g"; chmod 600 "$1/g"; setfacl -m u:61007:r "$1/g"
}
obeyed() {
    ! as 61007:61007 cat "$1/f" 2>/dev/null || fail "$1/f: read against its ACL"
    ! as 61007:61007 cat "$1/d/f" 2>/dev/null || fail "$1/d/f: entered against its ACL"
    equal "$(as 61007:61007 cat "$1/g")" shared
    equal "$(as 61008:61008 cat "$1/f")" secret
}
below "$SRC/before"
mount_fg
obeyed "$SRC/before"; obeyed "$MNT/before"
below "$SRC/after"; obeyed "$MNT/after"
# what has no ACLs goes by its mode
! as 61007:61007 cat "$MNT/plain" 2>/dev/null || fail "plain: read against its mode"
equal "$(as 61007:0 cat "$MNT/plain")" plain
matches "$(getfacl -cp "$MNT/plain" 2>&1)" "other::---"
! setfacl -m u:61007:r "$MNT/plain" 2>/dev/null || fail "an ACL where there are none"
