#!/bin/bash
# SPDX-License-Identifier: MIT
# Where user namespaces are refused, fusermount3 mounts for all of the caller's processes: that is said, and taken away again.
. "$SFS_LIB/lib.sh"
need_root
need fusermount3
# nobody gets a user namespace in a chroot (unshare(2), EPERM), while programs that gain privileges still do
root=$TMP/root; mkdir "$root" "$TMP/r"; mount --rbind / "$root"; chmod 700 "$TMP/r"; chown -R 65534:65534 "$TMP/r" "$MNT" "$SRC"
chmod 777 "$TMP"; export XDG_RUNTIME_DIR=$TMP/r RUN_DIR=$TMP/r/stablefs
user() { command chroot --userspec=65534:65534 --groups= "$root" "$@"; }
! user unshare -Ur true 2>/dev/null || skip "user namespaces cannot be refused here"
echo text >"$SRC/f"; mkfifo -m 666 "$TMP/go" "$TMP/on"
run() { user "$STABLEFS" run --map "$MNT/made=$SRC" "$@"; }
status 0 run -- cat "$MNT/made/f"
equal "$(out)" text; equal "$(wc -l <"$TMP/err")" 1; matches "$(err)" "user namespaces.*fusermount3"
within 5 nothing_left; [ ! -e "$MNT/made" ] || fail "a directory stayed"
for n in 0 7; do status $n run -- sh -c "exit $n"; done
status 137 run -- sh -c 'kill -KILL $$'; PATH=/usr/bin:/bin status 127 run -- sfs-no-such
# seen by others of this user while it lasts
{ trap - ERR; run -- sh -c 'echo new >"$MNT/made/new"; echo >"$TMP/on"; read x <"$TMP/go"; exit 4' 2>/dev/null; } & job=$!
read -r _ <"$TMP/on"
equal "$(user cat "$MNT/made/new")" new
echo >"$TMP/go"; got=0; wait $job || got=$?; equal "$got" 4
within 5 nothing_left; [ ! -e "$MNT/made" ] || fail "a directory stayed"
# killed, and signalled
for who in command supervisor daemon; do
    { trap - ERR; run -- sh -c 'echo >"$TMP/on"; exec sleep 1000' 2>/dev/null; } & job=$!
    read -r _ <"$TMP/on"
    sup=$(pgrep -o -f "^$STABLEFS run .*$CASE_DIR"); within 5 pgrep -P "$sup" -x sleep >/dev/null
    case $who in
    command) kill "$(pgrep -P "$sup" -x sleep)" ;;
    supervisor) kill -9 "$sup" ;;
    daemon) kill -9 "$(pgrep -P "$sup" -x stablefs)"; kill "$sup" ;;
    esac
    wait $job || true
    note "$who killed"; within 5 nothing_left; within 5 [ ! -e "$MNT/made" ]
done
# not below a directory that is not the user's: that needs a namespace
status 125 user "$STABLEFS" run --map "/sfs-x$$=$SRC" -- touch "$TMP/started"; matches "$(err)" "/sfs-x$$"
[ ! -e "$TMP/started" ] || fail "started"
within 5 nothing_left
