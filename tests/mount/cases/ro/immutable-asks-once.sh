#!/bin/bash
# SPDX-License-Identifier: MIT
# cache=immutable: a warm tree is the kernel's alone. Walking, reading, missing names and links cost no request.
# variants: ro,cache=immutable
. "$SFS_LIB/lib.sh"
check make_tree "$SRC" 400 2000 40
for n in 1 2 3; do ln -s "d0/s0/file-$n" "$SRC/link$n"; done
mount_fg
walk() {
    find "$MNT" -type f -exec cat {} + >/dev/null; find "$MNT" -printf '%l%s' >/dev/null
    for n in 1 2 3 4 5; do ! stat "$MNT/missing$n" "$MNT/d0/missing$n" 2>/dev/null || fail "found"; done
    cat "$MNT"/link?>/dev/null
}
walk; walk
before=$(map_fact requests); walk; after=$(map_fact requests)
[ $((after - before)) -le 5 ] || fail "$((after - before)) requests for a warm walk of 400 files"
matches "$(stablefs status "$MNT")" immutable
