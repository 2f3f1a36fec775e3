#!/bin/bash
# SPDX-License-Identifier: MIT
# What permission or the kernel refuses ends with 5 and says how to mend it.
. "$SFS_LIB/lib.sh"
if is_root; then
    chmod 711 "$SRC"
    # Root without CAP_SYS_ADMIN and without the device
    unshare -m sh -c "mount -t tmpfs none /dev && { mknod -m 666 /dev/null c 1 3 2>&1 || : >/dev/null; } && exec '$STABLEFS' mount '$SRC' '$MNT'" >"$TMP/out" 2>"$TMP/err" && fail "mounted without /dev/fuse" || code=$?
    equal "$code" 5
    one_error; matches "$(err)" "/dev/fuse"
else
    code=0; stablefs mount "$SRC" /sfs-nobody-can-make-this 2>"$TMP/err" || code=$?
    equal "$code" 5
    one_error; matches "$(err)" "/sfs-nobody"
    mkdir "$TMP/ro"; chmod 500 "$TMP/ro"; code=0; stablefs mount "$SRC" "$TMP/ro/x" 2>"$TMP/err" || code=$?; equal "$code" 5
    # allow_other without user_allow_other
    if ! grep -q '^user_allow_other' /etc/fuse.conf 2>/dev/null; then
        code=0; stablefs mount -o allow_other "$SRC" "$MNT" 2>"$TMP/err" || code=$?
        equal "$code" 5; matches "$(err)" "user_allow_other"
        ! mounted "$MNT" || fail "mounted"
    fi
fi
