#!/bin/bash
# SPDX-License-Identifier: MIT
# Symbolic links in the source are resolved by the kernel on the caller's side: text unchanged, ".." from the stable path.
# variants: default; ro,cache=immutable
. "$SFS_LIB/lib.sh"
mkdir -p "$SRC/d" "$TMP/beside"; echo source >"$(dirname "$SRC")/beside-file"; echo x >"$TMP/beside/f"
ln -s "$TMP/beside/f" "$SRC/absolute"; ln -s ../beside-file "$SRC/up"; ln -s ../../../../../../../../etc/hostname "$SRC/d/far"
ln -s /proc/self/cwd "$SRC/magic"; ln -s "$SRC/d" "$SRC/into-source"
mkdir -p "$TMP/p"; PTH="$TMP/p/stable"; mkdir "$PTH"; echo stable >"$TMP/p/beside-file"
mount_fg "$SRC" "$PTH"
equal "$(readlink "$PTH/absolute")" "$TMP/beside/f"
equal "$(cat "$PTH/absolute")" x
equal "$(cat "$PTH/up")" stable ".. leaves the stable path, not the source"
equal "$(readlink -f "$PTH/into-source")" "$SRC/d"
equal "$(cd /usr && readlink -f "$PTH/magic")" /usr "a link of /proc is the caller's"
if is_root && [ "$SFS_OPTS" = "" ]; then
    chmod 700 "$TMP/beside"
    ! as 61001:61001 cat "$PTH/absolute" 2>/dev/null || fail "followed with the daemon's permissions"
fi
