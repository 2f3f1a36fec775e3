#!/bin/bash
# SPDX-License-Identifier: MIT
# What the command leaves running keeps its view; the daemon, its socket and the directories go when the last of it ends.
. "$SFS_LIB/lib.sh"
echo text >"$SRC/f"; mkfifo "$TMP/go" "$TMP/on"; path=$MNT/made/deep
cat >"$TMP/later.sh" <<'END'
read x <"$TMP/go"; cat "$1/f" >"$TMP/result"; echo new >"$1/new"; echo >"$TMP/on"; read x <"$TMP/go"
END
status 3 timeout 20 "$STABLEFS" run --map "$path=$SRC" -- sh -c "sh '$TMP/later.sh' '$path' & exit 3"
equal "$(err)" "" "said something"
[ -n "$(runs)" ] || fail "the daemon did not stay"
[ -d "$path" ] && [ ! -e "$path/f" ] || fail "the directory is gone, or shows something outside"
# another one at the same path comes and goes meanwhile
equal "$(stablefs run --map "$path=$SRC" -- cat "$path/f")" text
[ -d "$path" ] || fail "another run took the directory away"
echo >"$TMP/go"; read -r _ <"$TMP/on"
equal "$(cat "$TMP/result") $(cat "$SRC/new")" "text new"
[ -n "$(runs)" ] || fail "the daemon ended early"
echo >"$TMP/go"
within 5 nothing_left; within 5 [ ! -e "$MNT/made" ]
# a session of its own, an open descriptor alone, a working directory alone: each keeps it
sleep="sleep 7$$"
for how in "setsid $sleep" "exec $sleep <f" "cd / && exec 8<$path/f && exec $sleep"; do
    stablefs run --map "$path=$SRC" --cwd "$path" -- sh -c "($how) >/dev/null 2>&1 &"
    within 5 pgrep -xf "$sleep" >/dev/null
    [ -n "$(runs)" ] || fail "the daemon did not stay: $how"
    pkill -KILL -xf "$sleep"
    within 5 nothing_left; within 5 [ ! -e "$MNT/made" ]
done
# one that has a namespace of its own by then
own=-m; is_root || own=-rm
stablefs run --map "$path=$SRC" -- sh -c "(unshare $own sh -c 'read x <\"$TMP/go\"; cat \"$path/f\" >\"$TMP/result\"') >/dev/null 2>&1 & sleep 0.5"
: >"$TMP/result"; echo >"$TMP/go"
within 5 grep -q text "$TMP/result"
within 5 nothing_left; within 5 [ ! -e "$MNT/made" ]
