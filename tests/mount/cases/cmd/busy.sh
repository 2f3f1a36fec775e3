#!/bin/bash
# SPDX-License-Identifier: MIT
# A busy unmount fails with 4 and names pid, command and path of each holder: working directory, file, mapping, program.
. "$SFS_LIB/lib.sh"
mkdir "$SRC/d"; echo x >"$SRC/f"; cp /bin/sleep "$SRC/sleep"
mount_map
holder() { # what regex cmd…
    local what=$1 path=$2; shift 2
    "$@" & local pid=$!
    sleep 0.3
    status 4 stablefs umount "$MNT"
    one_error
    matches "$(err)" "stablefs: $MNT: busy: .*$pid \\([^)]*$path\\)"
    matches "$(err)" "lazy"
    mounted "$MNT" || fail "unmounted under $what"
    ls "$MNT" >/dev/null || fail "no answer after a busy unmount"
    kill "$pid"; wait "$pid" 2>/dev/null || true
}
holder cwd "sleep, $MNT/d" sh -c "cd '$MNT/d' && exec sleep 30"
holder "open file" "sleep, $MNT/f" sh -c "exec sleep 30 <'$MNT/f'"
holder program "sleep, $MNT/sleep" "$MNT/sleep" 30
cat >"$TMP/map.py" <<'END'
import mmap, os, sys, time
fd = os.open(sys.argv[1], os.O_RDONLY); m = mmap.mmap(fd, 1, prot=mmap.PROT_READ); os.close(fd); time.sleep(30)
END
holder mapping "python3[^,]*, $MNT/f" /usr/bin/python3 "$TMP/map.py" "$MNT/f"
# several, all named (up to ten)
for _ in 1 2 3; do sh -c "exec sleep 30 <'$MNT/f'" & pids+=" $!"; done
sleep 0.3
status 4 stablefs umount "$MNT"
for pid in $pids; do matches "$(err)" "$pid \\("; done
# shellcheck disable=SC2086
kill $pids; wait
umount_map
