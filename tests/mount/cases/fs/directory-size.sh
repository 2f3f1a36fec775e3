#!/bin/bash
# SPDX-License-Identifier: MIT
# Directories report the size 4096 however many entries they have (Julia 1.11 compares it).
# variants: default; ro,cache=immutable; cache=none
. "$SFS_LIB/lib.sh"
mkdir "$SRC/empty" "$SRC/full"
(cd "$SRC/full" && seq -f 'a-rather-long-name-of-a-file-%g' 2000 | xargs touch)
mount_fg
for d in "" /empty /full; do equal "$(stat -c %s "$MNT$d")" 4096 "size of $d"; done
