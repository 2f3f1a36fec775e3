#!/bin/bash
# SPDX-License-Identifier: MIT
# A map below a writable map that lacks the directory, two levels deep: usable, and gone without a trace afterwards.
. "$SFS_LIB/lib.sh"
need_namespace
mkdir "$SRC/outer" "$SRC/inner"; echo i >"$SRC/inner/f"
printf '[map o]\npath = %s\nsource = %s\n[map i]\npath = %s/a/b\nsource = %s\n' "$MNT" "$SRC/outer" "$MNT" "$SRC/inner" >"$TMP/n.ini"
stablefs mount -c "$TMP/n.ini"; FILES+=("$MNT" "$MNT/a/b")
equal "$(cat "$MNT/a/b/f")" i
equal "$(ls "$MNT")" a
touch "$MNT/own" "$MNT/a/b/own"
[ -e "$SRC/outer/own" ] && [ -e "$SRC/inner/own" ]
stablefs umount -c "$TMP/n.ini"
equal "$(ls "$SRC/outer")" own "what is left in the outer source"
