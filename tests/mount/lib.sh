# SPDX-License-Identifier: MIT
# For the cases: . "$SFS_LIB/lib.sh".  The runner gives $SRC $MNT $TMP $LOGS (the case's own folders), $STABLEFS, $SFS_OPTS
# (the mount options of this variant), $SFS_SANITIZER, $SFS_SLOW (factor for waiting).  A case ends by reaching its end, by
# "fail WHY" or by "skip WHY"; any command that fails ends it, too.
# shellcheck shell=bash disable=SC2154

set -Eeuo pipefail
shopt -s nullglob

# shellcheck disable=SC2034 # for the cases
NL=$'\n'
FILES=()     # stable paths mounted by this case, in order
DAEMONS=()   # process ids of daemons in the foreground

fail() { trap - ERR; echo "FAIL: $*"; exit 1; }
skip() { trap - ERR EXIT; finish_quietly; echo "$*"; exit 77; }
note() { echo "# $*"; }

trap 'echo "FAIL: ${BASH_SOURCE[0]##*/}:$LINENO: $BASH_COMMAND"' ERR
trap at_exit EXIT

# --- who and what ----------------------------------------------------------------------------------------------------

is_root() { [ "$(id -u)" = 0 ]; }
need_root() { is_root || skip "SKIP-OK: only root can do this"; }
# With --userns: root of a user namespace, with other users, but without power over the machine
in_userns() { [ -n "$SFS_USERNS" ]; }
# need_machine WHAT: for what is by nature refused to root of a user namespace
need_machine() { need_root; ! in_userns || skip "SKIP-OK: root of a user namespace cannot $1"; }
# For what a normal user can do in a user namespace only: the case starts again in one
need_namespace() {
    is_root || { unshare -Urm true 2>/dev/null || skip "user namespaces are not allowed here"; exec unshare -Urm "$0"; }
}
# The kernel forgets what it knows of files, if we may tell it to
forget_files() { ! [ -w /proc/sys/vm/drop_caches ] || echo 2 2>/dev/null >/proc/sys/vm/drop_caches || true; }
need() { local tool; for tool; do command -v "$tool" >/dev/null || skip "$tool is not installed"; done; }
plain() { [ -z "$SFS_SANITIZER" ]; }
# as UID:GID[,GROUP…] CMD…: CMD as somebody else (root only; numbers, no account needed)
as() {
    local uid=${1%%:*} gids=${1#*:}; shift
    if [[ $gids = *,* ]]; then set -- --groups "$gids" "$@"; else set -- --clear-groups "$@"; fi
    setpriv --reuid "$uid" --regid "${gids%%,*}" "$@"
}
# A check of lib/checks.py; it has said itself what is wrong
check() { /usr/bin/python3 "$SFS_LIB/lib/checks.py" "$@" || ended $?; }
# Python with everything of lib/sfscheck.py at hand; the program is read from standard input: py <<'END'
py() { /usr/bin/python3 "$SFS_LIB/lib/sfscheck.py" "$@" || ended $?; }
ended() { trap - ERR; exit "$1"; }

# --- running commands --------------------------------------------------------------------------------------------------

# status N CMD…: run CMD, which must exit with N. Its output is in $TMP/out and $TMP/err.
status() {
    local want=$1 got=0; shift
    "$@" >"$TMP/out" 2>"$TMP/err" </dev/null || got=$?
    [ "$got" = "$want" ] || { cat "$TMP/out" "$TMP/err"; fail "exit status $got, not $want: $*"; }
}
out() { cat "$TMP/out"; }
err() { cat "$TMP/err"; }
equal() { [ "$1" = "$2" ] || fail "${3:-}${3:+: }\"$1\" is not \"$2\""; }
# matches TEXT REGEX: somewhere in TEXT
matches() { [[ $1 =~ $2 ]] || fail "nothing like \"$2\" in: $1"; }
lacks() { [[ ! $1 =~ $2 ]] || fail "\"$2\" is in: $1"; }
# One line to standard error of the kind that a person can use
one_error() {
    local text; text=$(err)
    [ "$(grep -cv '^stablefs: warning: ' "$TMP/err")" = 1 ] || fail "not one line of error: $text"
    matches "$text" "^(stablefs|mount\.stablefs): "
}
# within SECONDS CMD…: until CMD succeeds
within() {
    local end=$((SECONDS + $1 * SFS_SLOW + 1)); shift
    until "$@"; do [ $SECONDS -lt $end ] || { [ "$1" != nothing_left ] || left; fail "not in time: $*"; }; sleep 0.02; done
}
not() { ! "$@"; }

# --- mounting ----------------------------------------------------------------------------------------------------------

stablefs() { "$STABLEFS" "$@"; }
mounted() { awk -v p="$1" '$5 == p {found = 1} END {exit !found}' /proc/self/mountinfo; }
stablefs_at() { awk -v p="$1" '$5 == p && / - fuse.stablefs / {found = 1} END {exit !found}' /proc/self/mountinfo; }
gone() { case $(awk '{print $3}' "/proc/$1/stat" 2>/dev/null || :) in Z | X | '') ;; *) false ;; esac; }
# options [A,B…]: OPTIONS becomes -o with the variant's options and those given, or nothing
options() {
    local list=$SFS_OPTS extra
    for extra; do list+=${list:+,}$extra; done
    OPTIONS=()
    [ -z "$list" ] || OPTIONS=(-o "$list")
}
# mount_map [-o OPTS] [SOURCE PATH]: by the daemon; default $SRC at $MNT
mount_map() {
    local opts=(); [ "${1:-}" != -o ] || { opts=("$2"); shift 2; }
    local source=${1:-$SRC} path=${2:-$MNT}
    options "${opts[@]}"
    "$STABLEFS" mount "${OPTIONS[@]}" "$source" "$path" 2>>"$LOGS/daemon.err" ||
        fail "mount $source $path failed: $(tail -3 "$LOGS/daemon.err")"
    stablefs_at "$path" || fail "mount came back, nothing is mounted at $path"
    FILES+=("$path")
}
# The same in the foreground; the process id is in $DAEMON
mount_fg() {
    local opts=(); [ "${1:-}" != -o ] || { opts=("$2"); shift 2; }
    local source=${1:-$SRC} path=${2:-$MNT}
    options "${opts[@]}"
    start_fg "${OPTIONS[@]}" "$source" "$path"
    within 10 up_or_dead "$path"
    stablefs_at "$path" || fail "mount -f ended: $(tail -3 "$LOGS/daemon.err")"
    stat "$path" >/dev/null
    FILES+=("$path")
}
start_fg() {
    "$STABLEFS" mount -f "$@" >>"$LOGS/daemon.out" 2>>"$LOGS/daemon.err" </dev/null &
    DAEMON=$!
    DAEMONS+=("$DAEMON")
}
up_or_dead() { stablefs_at "$1" || gone "$DAEMON"; }
# The process that serves PATH
daemon_of() {
    "$STABLEFS" status --json "$1" | /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["instances"][0]["pid"])'
}
# One member of what status says of the map at $MNT
map_fact() {
    "$STABLEFS" status --json "$MNT" |
        /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["instances"][0]["maps"][0][sys.argv[1]])' "$1"
}
umount_map() {
    "$STABLEFS" umount "${1:-$MNT}"
    ! mounted "${1:-$MNT}" || fail "still mounted: ${1:-$MNT}"
}
remount_map() { umount_map "$MNT"; FILES=("${FILES[@]/#$MNT}"); mount_map "$@"; }

# --- stablefs run ------------------------------------------------------------------------------------------------------

# run_map CMD…: CMD with $SRC at $MNT
run_map() { "$STABLEFS" run --map "$MNT=$SRC${SFS_OPTS:+,$SFS_OPTS}" -- "$@"; }
RUN_DIR=/run/stablefs
is_root || RUN_DIR=${XDG_RUNTIME_DIR:-/tmp/none}/stablefs
export RUN_DIR
# The processes of stablefs run of this case
runs() { pgrep -f "^$STABLEFS .*$CASE_DIR" || true; }
# Nothing of any run is there any more: no process, socket or mount
left() { pgrep -af "^$STABLEFS .*$CASE_DIR" || true; ls -d "$RUN_DIR"/*.sock "$MNT"/*; grep "$CASE_DIR.* fuse.stablefs " /proc/self/mountinfo || true; }
nothing_left() {
    local sockets=("$RUN_DIR"/*.sock)
    [ -z "$(runs)" ] && [ ${#sockets[@]} = 0 ] && ! grep -q "$CASE_DIR.* fuse.stablefs " /proc/self/mountinfo
}

# At the end of a case that went well everything must come down by itself and end well: that is when leaks are reported.
at_exit() {
    local code=$?
    trap - ERR EXIT
    cd / || true
    if [ $code != 0 ]; then finish_quietly; exit $code; fi
    local i path pid status
    for ((i = ${#FILES[@]} - 1; i >= 0; i--)); do
        path=${FILES[i]}
        if [ -n "$path" ] && stablefs_at "$path"; then
            "$STABLEFS" umount "$path" || { echo "FAIL: umount $path at the end"; finish_quietly; exit 1; }
        fi
    done
    for pid in "${DAEMONS[@]}"; do
        status=0; wait "$pid" 2>/dev/null || status=$?
        [ $status = 0 ] || { echo "FAIL: the daemon ended with status $status"; exit 1; }
    done
    exit 0
}
finish_quietly() {
    local i
    for ((i = ${#FILES[@]} - 1; i >= 0; i--)); do
        [ -z "${FILES[i]}" ] || umount -l "${FILES[i]}" 2>/dev/null || fusermount3 -uzq "${FILES[i]}" 2>/dev/null || true
    done
}
# forget_daemon: the case has dealt with $DAEMON's end itself
forget_daemon() { DAEMONS=(); }
