#!/bin/bash
# SPDX-License-Identifier: MIT
# A config with several maps: all are mounted by one daemon, unmounted together by -c, their directories come and go.
. "$SFS_LIB/lib.sh"
mkdir "$SRC/a" "$SRC/b" "$TMP/inst"; echo 1 >"$SRC/a/f"; echo 2 >"$SRC/b/f"
cat >"$TMP/inst/tools.ini" <<END
[stablefs]
name = my-tools
[map one]
path = $MNT/deep/down/one
source = $SRC/a
[map two]
path = $MNT/deep/two
source = \${SFS_TEST_SOURCE}/b
mode = ro
cache = immutable
END
export SFS_TEST_SOURCE=$SRC
stablefs mount -c "$TMP/inst/tools.ini"
FILES+=("$MNT/deep/down/one" "$MNT/deep/two")
equal "$(cat "$MNT/deep/down/one/f" "$MNT/deep/two/f" | xargs)" "1 2"
equal "$(daemon_of "$MNT/deep/two")" "$(daemon_of "$MNT/deep/down/one")"
pid=$(daemon_of "$MNT/deep/two")
! touch "$MNT/deep/two/x" 2>/dev/null || fail "two is read-only"
touch "$MNT/deep/down/one/x"
matches "$(stablefs status my-tools)" "$MNT/deep/two"
status 1 stablefs mount -c "$TMP/inst/tools.ini"
# one map alone can go; the daemon stays for the other
stablefs umount "$MNT/deep/two"
! gone "$pid" || fail "the daemon ended with one of two maps"
cat "$MNT/deep/down/one/f" >/dev/null
[ ! -e "$MNT/deep/two" ] || fail "a made directory stayed"
stablefs umount -c "$TMP/inst/tools.ini"
gone "$pid" || fail "the daemon stayed"
[ ! -e "$MNT/deep" ] || fail "made directories stayed"
status 3 stablefs umount -c "$TMP/inst/tools.ini"
# found by $STABLEFS_CONFIG and by the search order
STABLEFS_CONFIG="$TMP/inst/tools.ini" stablefs mount
stablefs umount --all
mkdir -p "$XDG_CONFIG_HOME/stablefs"; cp "$TMP/inst/tools.ini" "$XDG_CONFIG_HOME/stablefs/stablefs.ini"
stablefs mount; mounted "$MNT/deep/two" || fail "the user's config was not found"
stablefs umount --all
# nobody mounts for all by standing in a folder
rm -r "$XDG_CONFIG_HOME/stablefs"; cp "$TMP/inst/tools.ini" "$TMP/stablefs.ini"; cd "$TMP"
status 3 env -u STABLEFS_CONFIG "$STABLEFS" mount
