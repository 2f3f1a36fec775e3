#!/bin/bash
# SPDX-License-Identifier: MIT
# Callers inside user namespaces: their real ids count, also when they have none in their own namespace.
. "$SFS_LIB/lib.sh"
need_root
need unshare
chmod 1777 "$SRC"
as 61001:61001 unshare -U true 2>/dev/null || skip "user namespaces are not allowed here"
mount_fg
as 61001:61001 unshare -Ur sh -c "touch '$MNT/as-root' && mkdir '$MNT/dir' && ln -s x '$MNT/link'"
as 61001:61001 unshare -U sh -c "touch '$MNT/as-nobody'; id -u" >"$TMP/id"
equal "$(cat "$TMP/id")" 65534
for name in as-root dir link as-nobody; do equal "$(stat -c %u:%g "$SRC/$name")" 61001:61001 "$name"; done
# Root of such a namespace is not root: a file of root's stays closed to it
echo secret >"$SRC/secret"; chmod 600 "$SRC/secret"
! as 61001:61001 unshare -Ur cat "$MNT/secret" 2>/dev/null || fail "root of a user namespace read root's file"
! as 61001:61001 unshare -Ur chown 0:0 "$MNT/secret" 2>/dev/null || fail "chown"
