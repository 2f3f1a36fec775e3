#!/bin/bash
# SPDX-License-Identifier: MIT
# Memory: less than 8 MB and 250 bytes per known file; what the kernel forgets is given back, and nothing piles up.
# variants: default; ro,cache=immutable
# timeout: 180
# serial
. "$SFS_LIB/lib.sh"
need_root
plain || skip "SKIP-OK: a sanitizer's memory says nothing"
files=${SFS_FILES:-50000}
check make_tree "$SRC" "$files" 8 100
mount_map
pid=$(daemon_of "$MNT")
memory() { awk '/^Pss_Anon|^Pss_Shmem/ {n += $2} END {print n * 1024}' "/proc/$pid/smaps_rollup"; }
whole() { awk '/^Rss/ {print $2 * 1024}' "/proc/$pid/smaps_rollup"; }
start=$(whole)
turns=0
for turn in 1 2 3; do
    find "$MNT" -type f -printf '%s\n' | wc -l >"$TMP/count"
    equal "$(cat "$TMP/count")" "$files"
    full=$(whole)
    known=$(map_fact files)
    [ "$known" -ge "$files" ] || continue  # somebody else made the kernel forget: this turn shows nothing
    [ "$full" -lt $((8 * 1024 * 1024 + 250 * known)) ] || fail "$full bytes for $known files (limit $((8 * 1024 * 1024 + 250 * known)), at start $start)"
    ! in_userns || exit 0  # the rest needs the machine's root, who makes the kernel forget
    for _ in 1 2 3; do echo 2 >/proc/sys/vm/drop_caches; sleep 0.3; done
    left=$(map_fact files)
    [ "$left" -lt $((files / 20)) ] || fail "$left nodes of $known left after the kernel forgot them"
    sleep 6  # every five seconds the daemon looks what it may give back
    after=$(whole)
    note "turn $turn: start $start, $known known: $full ($(((full - start) / known)) per file), forgotten: $after, anonymous $(memory)"
    [ $turns != 0 ] || first=$full
    turns=$((turns + 1))
done
[ $turns -ge 2 ] || fail "the kernel never knew all files"
[ "$full" -le $((first + first / 8 + 500000)) ] || fail "from $first in the first turn to $full in the last"
[ "$after" -le $((start + (first - start) * 3 / 4 + 500000)) ] || fail "$after bytes stay when all is forgotten ($start at start, $first with all)"
