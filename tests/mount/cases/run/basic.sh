#!/bin/bash
# SPDX-License-Identifier: MIT
# The command sees the source, and everything else of it is as without stablefs: status, standard streams, arguments.
. "$SFS_LIB/lib.sh"
echo text >"$SRC/f"
equal "$(run_map cat "$MNT/f")" text
for n in 0 1 7 125 255; do status $n run_map sh -c "exit $n"; equal "$(out)$(err)" ""; done
status 143 run_map sh -c 'kill -TERM $$'; equal "$(err)" ""
status 137 run_map sh -c 'kill -KILL $$'
status 130 run_map sh -c 'kill -INT $$'
status 134 run_map sh -c 'ulimit -c 0; kill -ABRT $$'
PATH=/usr/bin:/bin status 127 run_map sfs-no-such-program; one_error; matches "$(err)" "sfs-no-such-program"
status 127 run_map "$MNT/not-there"; one_error
status 127 run_map ""; one_error
echo '#!/bin/sh' >"$TMP/plain"
status 126 run_map "$TMP/plain"; one_error; matches "$(err)" "Permission denied"
status 126 run_map "$TMP"; one_error
printf '#!/bin/sh\necho "ran $1"\n' >"$SRC/script"; chmod 755 "$SRC/script"
equal "$(run_map "$MNT/script" a)" "ran a"
equal "$(PATH=$MNT:$PATH run_map script b)" "ran b" "looked up in PATH where the map is there"
# the streams
equal "$(printf 'a\0b\n' | run_map od -An -c | tr -d '\\' | xargs)" 'a 0 b n'
equal "$(run_map sh -c 'echo out; echo err >&2' 2>&1 >/dev/null)" err
equal "$(run_map sh -c 'echo out; echo err >&2' 2>/dev/null)" out
head -c 3000000 /dev/urandom >"$TMP/data"
run_map cat <"$TMP/data" | cmp - "$TMP/data"
equal "$(run_map sh -c 'cat; echo end' <&-  2>/dev/null)" end "standard input closed"
run_map sh -c '[ ! -e /proc/$$/fd/0 ]' <&- || fail "a closed standard input was opened"
# arguments
equal "$(run_map printf '<%s>' 'a b' '' "x'y" -- -v "$NL" '*' --map)" "<a b><><x'y><--><-v><$NL><*><--map>"
equal "$(stablefs run --map "$MNT=$SRC" echo -v --help -- x)" "-v --help -- x"
equal "$(stablefs run "--map=$MNT=$SRC" -- sh -c 'echo "$0"' zero)" zero
# nothing of the start is left open, and the daemon holds nothing of the caller's
exec 5>"$TMP/five"
run_map sh -c 'echo five >&5'; equal "$(cat "$TMP/five")" five
exec 5>&-
pid=$(timeout 20 "$STABLEFS" run --map "$MNT=$SRC" -- sh -c 'sleep 1000 >/dev/null 2>&1 6>&- & echo $!' 6>&1 2>&1) ||
    fail "the daemon keeps a pipe open"
[ -n "$(runs)" ] || fail "the daemon has not stayed with what was left running"
kill "$pid"
within 5 nothing_left
