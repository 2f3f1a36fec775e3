#!/bin/bash
# SPDX-License-Identifier: MIT
# A map fails to start while somebody holds one that was mounted before it: the start ends at once all the same, also
# where connections cannot be aborted through fusectl.
. "$SFS_LIB/lib.sh"
need_root
umount /sys/fs/fuse/connections 2>/dev/null || true
mkdir "$TMP/a" "$SRC/sub"; echo x >"$SRC/f"; echo file >"$TMP/file"
printf '[map a]\npath = %s\nsource = %s\n' "$TMP/a" "$SRC" >"$TMP/n.ini"
for n in 1 2 3 4 5; do printf '[map b%s]\npath = %s\nsource = %s\n' $n "$TMP/b$n" "$SRC/sub"; done >>"$TMP/n.ini"
printf '[map c]\npath = %s\nsource = %s\n' "$TMP/file/under" "$SRC/sub" >>"$TMP/n.ini"
/usr/bin/python3 - "$TMP/a/f" "$TMP/held" <<'END2' & holder=$!
import os, sys, time
open(sys.argv[2] + "-ready", "w").close()
while not os.path.exists(sys.argv[1]):
    pass
fd = os.open(sys.argv[1], os.O_RDONLY)
open(sys.argv[2], "w").close()
time.sleep(50)
END2
within 5 test -e "$TMP/held-ready"
took=$SECONDS
status 1 "$STABLEFS" mount -c "$TMP/n.ini"
took=$((SECONDS - took))
one_error
kill "$holder" 2>/dev/null; wait "$holder" || true
[ -e "$TMP/held" ] || skip "SKIP-OK: nobody was quick enough to hold it"
[ $took -lt $((20 * SFS_SLOW)) ] || fail "it took $took s"
! mounted "$TMP/a" && ! mounted "$TMP/b1" || fail "left"
