#!/bin/bash
# SPDX-License-Identifier: MIT
# A run inside a run, over the paths of the outer one and below them; several maps that lie in each other.
. "$SFS_LIB/lib.sh"
mkdir -p "$SRC/sub" "$TMP/b/in" "$TMP/c"; echo a >"$SRC/f"; echo as >"$SRC/sub/f"; echo b >"$TMP/b/f"; echo c >"$TMP/c/f"
run() { local map=$1; shift; "$STABLEFS" run --map "$map" -- "$@"; }
equal "$(run_map "$STABLEFS" run --map "/sfs-n$$=$MNT" -- cat "/sfs-n$$/f" "$MNT/f" | xargs)" "a a" "the outer map is the source"
equal "$(run_map "$STABLEFS" run --map "$MNT=$TMP/b" -- cat "$MNT/f")" b "over the path of the outer map"
equal "$(run_map sh -c '"$STABLEFS" run --map "$MNT=$TMP/b" -- cat "$MNT/f"; cat "$MNT/f"' | xargs)" "b a" "and not outside"
equal "$(run_map "$STABLEFS" run --map "$MNT/sub=$TMP/b" -- cat "$MNT/f" "$MNT/sub/f" | xargs)" "a b" "below the outer map"
equal "$(run_map "$STABLEFS" run --map "$MNT/new/dir=$TMP/b" -- cat "$MNT/f" "$MNT/new/dir/f" | xargs)" "a b" "at a missing directory there"
within 5 [ ! -e "$SRC/new" ]
equal "$(run_map "$STABLEFS" run --map "$TMP/c=$TMP/b" -- "$STABLEFS" run --map "/sfs-m$$/x=$SRC/sub" -- \
    cat "$MNT/f" "$TMP/c/f" "/sfs-m$$/x/f" | xargs)" "a b as" "three deep"
(cd "$SRC/sub"; equal "$(run_map "$STABLEFS" run --map "$TMP/c=$MNT/sub" -- pwd)" "$TMP/c" "the directory, twice translated")
status 7 run_map "$STABLEFS" run --map "$TMP/c=$TMP/b" -- sh -c 'exit 7'
status 143 run_map "$STABLEFS" run --map "$TMP/c=$TMP/b" -- sh -c 'kill $$'
equal "$(run_map "$STABLEFS" run --map "$TMP/c=$TMP/b" -- id -u)" "$(id -u)"
# status inside shows the own maps, and they answer to resolve
run_map "$STABLEFS" run --map "/sfs-s$$=$TMP/b" -- "$STABLEFS" status >"$TMP/status" 2>&1 || fail "status inside: $(cat "$TMP/status")"
matches "$(cat "$TMP/status")" "/sfs-s$$$NL"; matches "$(cat "$TMP/status")" "$MNT$NL"
equal "$(run_map "$STABLEFS" resolve "$MNT/sub/f" 2>&1)" "$SRC/sub/f" "resolve inside"
# two of one name at the same time
[ "$(run_map sh -c '"$STABLEFS" run --map "$MNT=$TMP/b" -- "$STABLEFS" status' | grep -c "^ .$MNT$")" = 2 ] || fail "status lacks one of two"
# several maps of one run, in each other, at a directory that is there and at one that is not, the inner one first or last
for maps in "--map $MNT=$SRC --map $MNT/sub=$TMP/b --map $MNT/no/such=$TMP/c" "--map $MNT/no/such=$TMP/c --map $MNT/sub=$TMP/b --map $MNT=$SRC"; do
    equal "$(stablefs run $maps -- cat "$MNT/f" "$MNT/sub/f" "$MNT/no/such/f" | xargs)" "a b c" "$maps"
    equal "$(stablefs run $maps -- sh -c 'cd "$MNT" && echo *; ls no')" "f no sub${NL}such"
done
equal "$(stablefs run --map "/sfs-o$$/a=$SRC" --map "/sfs-o$$/a/sub=$TMP/b" --map "/sfs-o$$/a/sub/in=$TMP/c" -- \
    cat "/sfs-o$$/a/f" "/sfs-o$$/a/sub/f" "/sfs-o$$/a/sub/in/f" | xargs)" "a b c" "three maps in each other, at the root"
[ ! -e "$SRC/no" ] && [ ! -e "$SRC/sub/in" ] || fail "something was made in a source"
within 5 nothing_left
