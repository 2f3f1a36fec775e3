#!/bin/bash
# SPDX-License-Identifier: MIT
# mount -f serves until it is unmounted or gets SIGTERM or SIGINT, and ends with 0.
. "$SFS_LIB/lib.sh"
for how in umount umount8 TERM INT; do
    mount_fg
    touch "$MNT/$how"
    case $how in
    umount) stablefs umount "$MNT" ;;
    umount8) if is_root; then umount "$MNT"; else fusermount3 -u "$MNT"; fi ;;
    *) kill -"$how" "$DAEMON" ;;
    esac
    code=0; wait "$DAEMON" || code=$?
    equal "$code" 0 "status after $how"
    ! mounted "$MNT" || fail "still mounted after $how"
    forget_daemon
    [ -e "$SRC/$how" ] || fail "lost: $how"
done
status 3 stablefs status "$MNT"
