#!/bin/bash
# SPDX-License-Identifier: MIT
# A map may cover its own source, and lie inside another's source.
. "$SFS_LIB/lib.sh"
mkdir "$SRC/sub"; echo x >"$SRC/f"; echo y >"$SRC/sub/f"
mount_map "$SRC" "$SRC"
equal "$(cat "$SRC/f" "$SRC/sub/f" | xargs)" "x y"
touch "$SRC/new"; mkdir "$SRC/sub/d"; rm "$SRC/new"
equal "$(find "$SRC" | wc -l)" 5
forget_files
equal "$(cat "$SRC/sub/f")" y
umount_map "$SRC"
FILES=()
# the stable path inside its own source
mkdir "$SRC/inside"
mount_map "$SRC" "$SRC/inside"
equal "$(cat "$SRC/inside/sub/f")" y
timeout 10 find "$SRC" >/dev/null || fail "a walk does not end"
timeout 10 ls "$SRC/inside/inside" >/dev/null || fail "hangs where the map lies inside itself"
umount_map "$SRC/inside"
FILES=()
# a stable path inside the source of another map of the view
mkdir -p "$SRC/sub/at" "$TMP/second"; echo s >"$TMP/second/s"
printf '[map a]\npath = %s\nsource = %s\n[map b]\npath = %s\nsource = %s\n' "$MNT" "$SRC" "$SRC/sub/at" "$TMP/second" >"$TMP/n.ini"
timeout 20 "$STABLEFS" mount -c "$TMP/n.ini"; FILES=("$MNT" "$SRC/sub/at")
equal "$(cat "$SRC/sub/at/s")" s
timeout 10 ls "$MNT/sub/at" >/dev/null || fail "hangs"
timeout 10 cat "$MNT/sub/f" >/dev/null
timeout 20 "$STABLEFS" umount -c "$TMP/n.ini"
FILES=()
