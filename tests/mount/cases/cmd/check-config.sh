#!/bin/bash
# SPDX-License-Identifier: MIT
# check reports every error of a file in one go, with file, line, key, value and the nearest word; mount does the same
# and mounts nothing.
. "$SFS_LIB/lib.sh"
mkdir "$SRC/a" "$SRC/b"
cat >"$TMP/bad.ini" <<END
[stablefs]
names = x
log = infoo

[map one]
path = relative/path
source = $SRC/a
mode = rv
cache = ttl:soon
[map two]
path = $MNT/two
source = $SRC/missing
[map three]
path = $MNT/three
source = \${SFS_SURELY_UNSET}/x
io = cashed
[map four]
path = $MNT/three
source = $SRC/b
sources = $SRC/b
[map five]
path = $MNT/five
source = $MNT/three/inside
[maps six]
path = $MNT/six
END
status 2 stablefs check -c "$TMP/bad.ini"
cp "$TMP/err" "$TMP/first"
for at in "2:.*names.*name" "3:.*infoo.*info" "6:.*relative/path" "8:.*mode.*rv.*(rw|ro)" "9:.*ttl:soon" "12:.*$SRC/missing" "15:.*SFS_SURELY_UNSET" \
          "16:.*cashed.*cached" "20:.*sources.*source" "23:.*inside" "24:.*maps.*map"; do
    grep -Eq "^stablefs: .*bad.ini:$at" "$TMP/err" || { cat "$TMP/err"; fail "no message like bad.ini:$at"; }
done
grep -Eq "bad.ini:(17|18):.*$MNT/three" "$TMP/err" || { cat "$TMP/err"; fail "two maps at one path"; }
! grep -v "^stablefs: .*bad.ini:[0-9]*: " "$TMP/err" || fail "a line that is not FILE:LINE: …"
status 2 stablefs mount -c "$TMP/bad.ini"
cmp "$TMP/first" "$TMP/err" || { diff "$TMP/first" "$TMP/err"; fail "mount says something else"; }
[ ! -e "$MNT/two" ] && [ ! -e "$MNT/five" ] || fail "made directories for a bad config"
status 2 stablefs check -c "$TMP/no-such-file"; one_error
: >"$TMP/empty.ini"; status 2 stablefs check -c "$TMP/empty.ini"
# over-long lines are never cut silently
printf '[map a]\npath = %s/long\nsource = %s/a\n; %0500d\nmode = %0300d\n' "$MNT" "$SRC" 0 0 >"$TMP/long.ini"
status 2 stablefs check -c "$TMP/long.ini"; matches "$(err)" "long.ini:5:"
# a good one: silent, printed in full on request, and what is printed is good again
printf '[map a]\npath = %s/a\nsource = %s/a\n[map b]\npath = %s/a2\nsource = %s/b\nmode = ro\n' "$MNT" "$SRC" "$MNT" "$SRC" >"$TMP/good.ini"
status 0 stablefs check -c "$TMP/good.ini"; equal "$(out)" ""
matches "$(err)" "(^$|$MNT/a2)"  # a path that is a string prefix of another is a warning
status 0 stablefs check -c "$TMP/good.ini" --print; for word in "mode *= ro" "mode *= rw" "cache *= coherent" "io *= auto"; do matches "$(out)" "$word"; done
# what a file could not hold is said, not printed wrongly
mkdir "$SRC/blank ;x"; printf '[map a]\npath = %s/a\nsource = ${STRANGE}\n' "$MNT" >"$TMP/strange.ini"
STRANGE="$SRC/blank ;x" status 1 stablefs check -c "$TMP/strange.ini" --print; matches "$(err)" "cannot hold"
status 0 stablefs check -c "$TMP/good.ini" --print
cp "$TMP/out" "$TMP/printed.ini"; status 0 stablefs check -c "$TMP/printed.ini"
