#!/bin/bash
# SPDX-License-Identifier: MIT
# As process 1 of a container: orphans are reaped, the status is right, and the end of the command is the end of all.
. "$SFS_LIB/lib.sh"
echo text >"$SRC/f"
user=(); is_root || user=(-Ur)
unshare "${user[@]}" --pid --fork --mount-proc true 2>/dev/null || skip "a pid namespace is not allowed here"
first() { unshare "${user[@]}" --pid --fork --mount-proc "$STABLEFS" run --map "$MNT/made=$SRC" -- "$@"; }
equal "$(first sh -c 'cat "$MNT/made/f"; cat /proc/1/comm' | xargs)" "text stablefs"
for n in 0 7; do status $n first sh -c "exit $n"; done
status 143 first sh -c 'kill $$'
PATH=/usr/bin:/bin:/usr/sbin status 127 first sfs-no-such
cat >"$TMP/orphans.sh" <<'END'
for i in 1 2 3 4 5 6 7 8 9 10; do (setsid sleep 0.0$i & sleep 0.01 & :); done
for try in $(seq 500); do
    grep -lsE '^(sleep|setsid)$' /proc/[0-9]*/comm >/dev/null || exit 5
    command sleep 0.02 & wait $!
done
cat /proc/[0-9]*/stat; exit 6
END
sed -i 's/command sleep 0.02 & wait $!/read -t 0.02 x <>"$TMP\/never" || :/; s/^for try/mkfifo "$TMP\/never"; for try/' "$TMP/orphans.sh"
status 5 first bash "$TMP/orphans.sh"
# what is left running when process 1 ends is ended by the kernel, and nothing stays
status 3 first sh -c 'sleep 1000 <"$MNT/made/f" & exit 3'
within 5 nothing_left; within 5 [ ! -e "$MNT/made" ]
# a signal from outside to process 1
mkfifo "$TMP/on"
first sh -c 'trap "exit 44" TERM; echo >"$TMP/on"; while :; do read -t 1 x <>"$TMP/on" || :; sleep 0.02; done' & job=$!
read -r _ <"$TMP/on"
kill -TERM "$(pgrep -f "^$STABLEFS .*$CASE_DIR.*exit 44" -o)"
got=0; wait "$job" || got=$?; equal "$got" 44
within 5 nothing_left; within 5 [ ! -e "$MNT/made" ]
