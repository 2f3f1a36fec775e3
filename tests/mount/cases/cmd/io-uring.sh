#!/bin/bash
# SPDX-License-Identifier: MIT
# io_uring = on: refused in one line where it is missing; where it is there, requests come by it, several at a time, the
# daemon stays confined, and its end is the end of every request.
# serial
. "$SFS_LIB/lib.sh"
switch=/sys/module/fuse/parameters/enable_uring
before=none
[ ! -e $switch ] || before=$(cat $switch)
if [ "$before" != Y ]; then
    status 5 stablefs mount -o io_uring=on "$SRC" "$MNT"; one_error "io_uring = on: "
    not stablefs_at "$MNT"
fi
# auto and off never fail
for value in auto off; do
    stablefs mount -o "io_uring=$value" "$SRC" "$MNT"; umount_map "$MNT"
done
[ $before != none ] || skip "SKIP-OK: this kernel has no fuse io_uring"
need_machine "turn it on"
plain || skip "SKIP-OK: the sanitizers do not know io_uring"
trap 'code=$?; echo "$before" >$switch; (exit $code); at_exit' EXIT
echo Y >$switch
if ! stablefs mount -o io_uring=on "$SRC" "$MNT" 2>"$TMP/err"; then
    matches "$(cat "$TMP/err")" "libfuse 3.18"
    echo "$before" >$switch
    skip "SKIP-OK: needs libfuse 3.18"
fi
umount_map "$MNT"
# offered, but not to be had: a filter of the calls, as containers have it
cat >"$TMP/filtered.py" <<'END'
import ctypes, errno, os, struct, sys
# seccomp(2) by hand: io_uring_setup (425 everywhere) fails with EPERM
code = [(0x20, 0, 0, 0), (0x15, 0, 1, 425), (0x06, 0, 0, 0x00050000 | errno.EPERM), (0x06, 0, 0, 0x7fff0000)]
text = b"".join(struct.pack("HBBI", *c) for c in code)
buffer = ctypes.create_string_buffer(text)
program = struct.pack("HxxxxxxQ", len(code), ctypes.addressof(buffer))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, ctypes.c_char_p(program), 0, 0) == 0
os.execv(sys.argv[1], sys.argv[1:])
END
status 5 /usr/bin/python3 "$TMP/filtered.py" "$STABLEFS" mount -o io_uring=on "$SRC" "$MNT"; one_error "rings could not be set up"
not stablefs_at "$MNT"
/usr/bin/python3 "$TMP/filtered.py" "$STABLEFS" mount -o writers=exclusive "$SRC" "$MNT"
lacks "$(stablefs status "$MNT")" "by io_uring"
umount_map "$MNT"
for options in io_uring=on writers=exclusive io_uring=on,cache=none,io=cached ro,cache=immutable,io_uring=on; do
    rm -rf "${SRC:?}"/*
    mkdir "$SRC/tree"; for i in $(seq 200); do echo "$i" >"$SRC/tree/$i"; done
    stablefs mount -o "$options" "$SRC" "$MNT"
    cmp <(cat "$SRC"/tree/*) <(cat "$MNT"/tree/*)
    matches "$(stablefs status "$MNT")" "by io_uring"
    daemon=$(daemon_of "$MNT")
    equal "$(awk '/^Seccomp:/ {print $2}' "/proc/$daemon/status")" 2 "confined"
    if [[ $options != ro* ]]; then
        pids=()
        for i in 1 2 3 4; do
            (cp -r "$MNT/tree" "$MNT/copy$i"; mv "$MNT/copy$i" "$MNT/moved$i"; diff -r "$MNT/tree" "$MNT/moved$i"; rm -r "$MNT/moved$i") & pids+=($!)
        done
        for pid in "${pids[@]}"; do wait "$pid" || fail "$options: work at the same time"; done
        dd if=/dev/urandom of="$MNT/big" bs=1M count=20 status=none; cmp "$MNT/big" "$SRC/big"
    fi
    umount_map "$MNT"
    within 5 gone "$daemon"
done
# killed while it is asked: nobody waits for ever
stablefs mount -o io_uring=on,cache=none "$SRC" "$MNT"
daemon=$(daemon_of "$MNT")
(while stat "$MNT/tree/1" >/dev/null 2>&1; do :; done) & asker=$!
sleep 0.2
kill -KILL "$daemon"; forget_daemon
within 10 gone "$asker"
wait "$asker" || :
