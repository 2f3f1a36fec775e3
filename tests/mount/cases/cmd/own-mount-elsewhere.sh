#!/bin/bash
# SPDX-License-Identifier: MIT
# A map's own mount turns up inside its source by mount propagation or a bind mount: it is refused there, nothing hangs.
# variants: default; cache=none; ro,cache=immutable
# serial
. "$SFS_LIB/lib.sh"
need_root
mkdir "$TMP/pr" "$TMP/pr2"; mount -t tmpfs none "$TMP/pr"; mount --make-shared "$TMP/pr"
mkdir -p "$TMP/pr/a/st" "$TMP/pr/a/late/deep"; echo f >"$TMP/pr/a/f"; echo d >"$TMP/pr/a/late/deep/d"
mount --bind "$TMP/pr/a" "$TMP/pr2"
at=$TMP/pr/a/st
mount_map "$TMP/pr2" "$at"
mounted "$TMP/pr2/st" || fail "the mount did not propagate"
refused() { # PATH
    status 2 timeout -s KILL 20 ls "$1/"
    matches "$(err)" "Too many levels of symbolic links"
}
refused "$at/st"
matches "$(timeout -s KILL 20 ls "$at" | xargs)" "f late st"
equal "$(timeout -s KILL 20 cat "$at/f" "$at/late/deep/d" | xargs)" "f d"
# over a directory that the map knows and holds open, and over one on the way to it
mkdir "$TMP/other"
exec 7<"$at/late/deep"
mount --bind "$at" "$TMP/pr2/late"
forget_files; sleep 1.2
timeout -s KILL 20 stat "$at/late" "$at/late/deep" "$at/late/deep/d" >/dev/null 2>&1 || [ $? = 1 ] || fail "it hangs"
timeout -s KILL 20 ls "$at/late/late" >/dev/null 2>&1 || [ $? = 2 ] || fail "it hangs"
timeout -s KILL 20 find "$at" >/dev/null 2>&1 || [ $? = 1 ] || fail "a walk does not end"
exec 7<&-
umount "$TMP/pr2/late"
within 5 cat "$at/late/deep/d" >/dev/null
equal "$(timeout -s KILL 20 cat "$at/f")" f
