#!/bin/bash
# SPDX-License-Identifier: MIT
# ACLs set and removed through the map are those of the source, and they are obeyed.
# variants: default; cache=none; writers=exclusive
. "$SFS_LIB/lib.sh"
need setfacl getfacl
echo data >"$SRC/f"; chmod 600 "$SRC/f"; mkdir "$SRC/d"
setfacl -m u:61007:r "$SRC/f" 2>/dev/null || skip "no ACLs on this filesystem"
mount_fg
acl() { getfacl -cp "$1" 2>/dev/null; }
equal "$(acl "$MNT/f")" "$(acl "$SRC/f")" "an ACL of the source"
equal "$(stat -c %a "$MNT/f")" 640 "the mask shows as the group bits"
if is_root; then
    as 61007:61007 cat "$MNT/f" >/dev/null
    ! as 61008:61008 cat "$MNT/f" 2>/dev/null || fail "read without an entry"
    ! as 61007:61007 sh -c "echo x >>'$MNT/f'" 2>/dev/null || fail "write with a read entry"
fi
setfacl -m u:61007:rw,g:61009:r "$MNT/f"
equal "$(acl "$MNT/f")" "$(acl "$SRC/f")" "after setfacl -m"
matches "$(acl "$SRC/f")" "group:61009:r--"
! is_root || as 61007:61007 sh -c "echo x >>'$MNT/f'"
! is_root || as 61010:61010,61009 cat "$MNT/f" >/dev/null
setfacl -x u:61007 "$MNT/f"
! is_root || ! as 61007:61007 cat "$MNT/f" 2>/dev/null || fail "read after the entry was removed"
chmod g-r "$MNT/f"
equal "$(acl "$MNT/f")" "$(acl "$SRC/f")" "chmod changes the mask"
matches "$(acl "$SRC/f")" "mask::---"
setfacl -b "$MNT/f"
equal "$(acl "$MNT/f")" "$(acl "$SRC/f")" "after setfacl -b"
setfacl -d -m u:61007:rwx "$MNT/d"
equal "$(acl "$MNT/d")" "$(acl "$SRC/d")" "default ACL"
setfacl -k "$MNT/d"
equal "$(acl "$MNT/d")" "$(acl "$SRC/d")" "default ACL removed"
