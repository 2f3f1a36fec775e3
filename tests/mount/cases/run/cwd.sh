#!/bin/bash
# SPDX-License-Identifier: MIT
# The working directory: the stable path of it when it is in a source, otherwise the same; --cwd chooses another.
. "$SFS_LIB/lib.sh"
where() { stablefs run --map "$MNT=$SRC" "$@" -- sh -c 'test . -ef "$PWD" && echo "$PWD $(/bin/pwd -P)"'; }
both() { equal "$1" "$2 $2" "$3"; }
mkdir -p "$SRC/a/b" "$TMP/away" "$TMP/x" "$TMP/y" "$SRC-not"; ln -s "$SRC/a" "$TMP/link"
(cd "$SRC"; both "$(where)" "$MNT" "at the source")
(cd "$SRC/a/b"; both "$(where)" "$MNT/a/b" "below the source")
(cd "$TMP/link/b"; both "$(where)" "$MNT/a/b" "through a link")
(cd "$TMP/away"; both "$(where)" "$TMP/away" "outside")
(cd "$SRC-not"; both "$(where)" "$SRC-not" "beside, with the same beginning")
(cd /; both "$(where)" / "at the root")
(cd "$MNT"; touch "$SRC/here"; equal "$(run_map ls)" "a${NL}here" "at the mount point itself")
# several: the innermost source, in any order
(cd "$SRC/a/b"; both "$(where --map "$TMP/x=$SRC/a")" "$TMP/x/b" "the innermost source"
    both "$(where --map "$TMP/y=$SRC/a/b" --map "$TMP/x=$SRC/a")" "$TMP/y" "the innermost of three"
    both "$(where --map "$MNT/a/b/n=$TMP/x")" "$MNT/a/b" "with a map below")
# chosen; the path need not be there before, and relative is from here
(cd "$SRC"; both "$(where --cwd "$MNT/a")" "$MNT/a" "--cwd"; both "$(where --cwd /)" / "--cwd /")
(cd "$TMP"; both "$(where --cwd away)" "$TMP/away" "--cwd relative")
status 125 stablefs run --map "$MNT=$SRC" --cwd "$MNT/nope" -- touch "$TMP/started"
one_error; matches "$(err)" "$MNT/nope.*--cwd"
touch "$TMP/file"; status 125 stablefs run --map "$MNT=$SRC" --cwd "$TMP/file" -- touch "$TMP/started"; one_error
# a working directory that is gone, and one that cannot be entered again
mkdir "$TMP/gone"; cd "$TMP/gone"; rmdir "$TMP/gone"
status 125 run_map touch "$TMP/started"; one_error; matches "$(err)" "--cwd"
both "$(where --cwd "$MNT")" "$MNT" "--cwd from a directory that is gone"
mkdir "$TMP/shut"; cd "$TMP/shut"; chmod 0 .
if is_root; then
    export XDG_RUNTIME_DIR=$TMP/other; mkdir -m 700 "$TMP/other"; chown 61001:61001 "$TMP/other"
    status 125 as 61001:61001 "$STABLEFS" run --map "$MNT=$SRC" -- touch "$TMP/started"
    one_error; matches "$(err)" "$TMP/shut.*Permission denied.*--cwd"
    status 0 as 61001:61001 "$STABLEFS" run --map "$MNT=$SRC" --cwd "$MNT" -- test -d a
else
    both "$(where --cwd "$TMP/away")" "$TMP/away" "--cwd from a directory that is shut"
fi
equal "$(run_map pwd)" "$TMP/shut" "a shut directory of one's own"
cd /; rmdir "$TMP/shut"
[ ! -e "$TMP/started" ] || fail "the command was started nevertheless"
within 5 nothing_left
