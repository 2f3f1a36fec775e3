#!/bin/bash
# SPDX-License-Identifier: MIT
# A map below another stays where it is, whatever others do in the outer source to the directories on its way: removed,
# renamed, made anew, replaced by a file or a link.
# variants: default; cache=none; ro,cache=ttl:1
. "$SFS_LIB/lib.sh"
need_namespace
mkdir -p "$SRC/outer/way/in" "$SRC/inner"; echo i >"$SRC/inner/f"
cat >"$TMP/n.ini" <<END
[map outer]
path = $MNT
source = $SRC/outer
[map inner]
path = $MNT/way/in
source = $SRC/inner
END
options
stablefs mount -c "$TMP/n.ini" "${OPTIONS[@]}"; FILES+=("$MNT" "$MNT/way/in")
there() { # what happened
    for _ in 1 2 3; do
        equal "$(cat "$MNT/way/in/f" 2>&1)" i "$1"
        ls "$MNT" "$MNT/way" >/dev/null
        sleep 0.4
    done
    forget_files
    equal "$(cat "$MNT/way/in/f" 2>&1)" i "$1, forgotten"
    mounted "$MNT/way/in" || fail "$1: the inner map is not mounted any more"
}
there "at the start"
mv "$SRC/outer/way/in" "$SRC/outer/way/other"; there "the mount point's directory was renamed"
mkdir "$SRC/outer/way/in"; there "another directory has its name"
rm -r "$SRC/outer/way"; there "its parent is gone"
mkdir -p "$SRC/outer/way/in"; there "both are back"
rm -r "$SRC/outer/way"; touch "$SRC/outer/way"; there "a file in the place of its parent"
rm "$SRC/outer/way"; ln -s nowhere "$SRC/outer/way"; there "a link in the place of its parent"
stablefs umount -c "$TMP/n.ini"
! mounted "$MNT/way/in" && ! mounted "$MNT" || fail "left"
