#!/bin/bash
# SPDX-License-Identifier: MIT
# resolve translates both ways, without anything having to exist; nested maps: the innermost counts.
. "$SFS_LIB/lib.sh"
need_namespace
mkdir -p "$SRC/outer/in" "$SRC/inner"
printf '[map o]\npath = %s\nsource = %s\n[map i]\npath = %s/in\nsource = %s\n' "$MNT" "$SRC/outer" "$MNT" "$SRC/inner" >"$TMP/n.ini"
stablefs mount -c "$TMP/n.ini"; FILES+=("$MNT" "$MNT/in")
resolves() { status 0 stablefs resolve "$1"; equal "$(out)" "$2" "resolve $1"; }
resolves "$MNT" "$SRC/outer"
resolves "$MNT/a/b" "$SRC/outer/a/b"
resolves "$MNT/in/x" "$SRC/inner/x"
resolves "$MNT/./in/../a" "$SRC/outer/a"
resolves "$SRC/outer/a" "$MNT/a"
resolves "$SRC/inner/y z" "$MNT/in/y z"
status 0 stablefs resolve "$MNT/1" "$SRC/inner/2"; equal "$(out)" "$SRC/outer/1$NL$MNT/in/2"
status 3 stablefs resolve "$TMP/other"; one_error; matches "$(err)" "$TMP/other"
status 3 stablefs resolve "${MNT}2"; status 3 stablefs resolve "$SRC"
status 3 stablefs resolve "$MNT/1" "$TMP/other"; equal "$(out)" "$SRC/outer/1"
(cd "$MNT" && status 0 "$STABLEFS" resolve in/x && equal "$(out)" "$SRC/inner/x")
stablefs resolve --json "$MNT/a" | /usr/bin/python3 -c 'import json, sys; json.load(sys.stdin)'
