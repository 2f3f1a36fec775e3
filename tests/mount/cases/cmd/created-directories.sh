#!/bin/bash
# SPDX-License-Identifier: MIT
# Missing directories of a stable path are made, and removed at unmount; those that were there or are not empty stay.
. "$SFS_LIB/lib.sh"
mkdir "$MNT/there"
stablefs mount "$SRC" "$MNT/there/made/deep"
[ "$(stat -c %a "$MNT/there/made")" = 755 ] || fail "mode of a made directory"
touch "$MNT/there/made/mine"
stablefs umount "$MNT/there/made/deep"
[ -e "$MNT/there/made/mine" ] || fail "removed a directory with something in it"
[ ! -e "$MNT/there/made/deep" ] || fail "the mount point stayed"
rm -r "$MNT/there/made"
stablefs mount "$SRC" "$MNT/there"; stablefs umount "$MNT/there"
[ -d "$MNT/there" ] || fail "removed a directory that was there before"
# ended by a signal, too
stablefs mount "$SRC" "$MNT/x/y"; pid=$(daemon_of "$MNT/x/y"); kill -TERM "$pid"; within 5 gone "$pid"
[ ! -e "$MNT/x" ] || fail "made directories stayed after SIGTERM"
# umask has no say, and the mount point may have content: it is hidden, and back afterwards
(umask 077; stablefs mount "$SRC" "$MNT/u/v"); [ "$(stat -c %a "$MNT/u")" = 755 ] || note "made with umask: $(stat -c %a "$MNT/u")"
stablefs umount "$MNT/u/v"
echo hidden >"$MNT/there/f"; stablefs mount "$SRC" "$MNT/there"; [ ! -e "$MNT/there/f" ] || fail "content of the mount point shows"
stablefs umount "$MNT/there"; equal "$(cat "$MNT/there/f")" hidden
