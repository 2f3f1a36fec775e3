#!/bin/bash
# SPDX-License-Identifier: MIT
# What is wrong is said in one line with a remedy, the status is 125, the command does not start, and nothing stays.
. "$SFS_LIB/lib.sh"
cd "$TMP"
refused() {
    local what=$1; shift
    status 125 stablefs run "$@"; one_error
    matches "$(err)" "$what"; matches "$(err)" "\(.*\)$"; equal "$(out)" ""
    [ ! -e "$TMP/started" ] || fail "started: $*"
}
start="touch $TMP/started"
refused "nope" --map "$MNT=$TMP/nope" -- $start
echo >"$TMP/file"; refused "file" --map "$MNT=$TMP/file" -- $start
refused "$TMP/file" --map "$TMP/file=$SRC" -- $start
refused "$TMP/file" --map "$TMP/file/x=$SRC" -- $start
refused "bogus" --map "$MNT=$SRC,bogus" -- $start
refused "cache" --map "$MNT=$SRC,cache=sometimes" -- $start
refused "$MNT" --map "$MNT=$SRC" --map "$MNT=$TMP" -- $start
refused "$MNT" --map "$MNT=$SRC" --map "$MNT/../mnt/=$TMP" -- $start
ln -s "$MNT" link; refused "link.*$MNT" --map "$TMP/link/x=$SRC" -- $start
refused "link.*$MNT" --map "$TMP/link=$SRC" -- $start
ln -s nowhere dangling; refused "dangling" --map "$TMP/dangling/x=$SRC" -- $start
refused "root directory" --map "/=$SRC" -- $start
refused "/proc" --map "/proc/x=$SRC" -- $start
refused "/sys" --map "/sys/x=$SRC" -- $start
refused "--map $MNT: .*source is missing" --map "$MNT" -- $start
refused "path" --map "=$SRC" -- $start
refused "source" --map "$MNT=" -- $start
refused "command is wanted" --map "$MNT=$SRC"
refused "command is wanted" --map "$MNT=$SRC" --
refused "--frobnicate" --frobnicate --map "$MNT=$SRC" -- $start
refused "--map" --map
refused "--setenv" --map "$MNT=$SRC" --setenv NAME -- $start
refused "--setenv" --map "$MNT=$SRC" --setenv =x -- $start
refused "--env perl.*julia" --map "$MNT=$SRC" --env perl -- $start
refused "--fallback.*bind" --map "$MNT=$SRC" --fallback copy -- $start
refused "nope.ini" -c "$TMP/nope.ini" -- $start
echo '[options]' >"$TMP/empty.ini"
status 125 stablefs run -c "$TMP/empty.ini" -- $start; [ ! -e "$TMP/started" ] || fail "started without a map"
STABLEFS_CONFIG=$TMP/none.ini status 125 stablefs run -- $start; one_error; matches "$(err)" "none.ini"
# each of several problems has its line
status 125 stablefs run --map "$MNT=$TMP/nope" --map "/=$SRC" --map "$MNT/x=$SRC,bogus" -- $start
equal "$(grep -c '^stablefs: .*(.*)$' err) $(wc -l <err)" "3 3" "lines for three problems: $(err)"
status 0 stablefs run --help; matches "$(out)" "^usage: stablefs run"
# a relative path is taken from here, as elsewhere
mkdir here; equal "$(stablefs run --map "here=$SRC" -- awk '/fuse.stablefs/ {print $5}' /proc/self/mountinfo)" "$TMP/here"
[ ! -e "$TMP/started" ] || fail "started"
within 5 nothing_left
