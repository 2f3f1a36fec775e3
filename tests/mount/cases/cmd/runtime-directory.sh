#!/bin/bash
# SPDX-License-Identifier: MIT
# The socket's directory is not trusted blindly: one prepared by somebody else is refused, not used.
# serial
. "$SFS_LIB/lib.sh"
if ! is_root; then
    # a fallback below /tmp that is a link, or open to others
    ln -s "$SRC" "$XDG_RUNTIME_DIR/stablefs"
    if stablefs mount "$SRC" "$MNT" 2>"$TMP/err"; then
        [ -z "$(find "$SRC" -type s)" ] || fail "the socket went where the link pointed"
        stablefs umount "$MNT"
    else one_error; fi
    rm "$XDG_RUNTIME_DIR/stablefs"
    unset XDG_RUNTIME_DIR
    stablefs mount "$SRC" "$MNT"; stablefs umount "$MNT"
    exit 0
fi
mkdir /run/stablefs; chown 61001 /run/stablefs; chmod 777 /run/stablefs
if stablefs mount "$SRC" "$MNT" 2>"$TMP/err"; then
    equal "$(ls -A /run/stablefs)" "" "used a directory that another user owns; in it"
    stablefs umount "$MNT"
else one_error; matches "$(err)" "/run/stablefs"; ! mounted "$MNT" || fail "mounted"; fi
