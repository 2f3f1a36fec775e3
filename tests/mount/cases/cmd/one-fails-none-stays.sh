#!/bin/bash
# SPDX-License-Identifier: MIT
# If one map of several cannot be mounted, none stays, made directories are removed again, and the status is 1.
. "$SFS_LIB/lib.sh"
mkdir "$SRC/a" "$SRC/b" "$SRC/c"; echo file >"$TMP/file"
cat >"$TMP/conf.ini" <<END
[map a]
path = $MNT/made/a
source = $SRC/a
[map b]
path = $MNT/made/b
source = $SRC/b
[map c]
path = $TMP/file/under-a-file
source = $SRC/c
END
for f in "" -f; do
    status 1 timeout 20 "$STABLEFS" mount $f -c "$TMP/conf.ini"
    matches "$(err)" "stablefs: .*$TMP/file"
    ! mounted "$MNT/made/a" && ! mounted "$MNT/made/b" || fail "maps stayed"
    [ ! -e "$MNT/made" ] || fail "made directories stayed"
    status 0 stablefs status
    equal "$(out)" ""
done
