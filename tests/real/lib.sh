# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# What every case of tests/real shares.  A case is an executable in cases/: it reads this file first, shows with a real
# tool what goes wrong without stablefs, does the same through a stable path, and says both with result().
#
#     $dir      private directory of this run, removed at the end together with all mounts below it
#     $stable   the stable path (does not exist until map)
#     $demo     "yes" after --demo: only the line of result() goes to stdout (for packaging/quickstart.sh)
#
# Exit status of a case: 0 passed; 77 skipped, the last line of stdout says why; anything else failed, the last line of
# stderr says why.  SFS_KEEP=1 keeps $dir.

set -eu

demo=no
case ${1-} in
--demo) demo=yes ;;
'') ;;
*)
    echo "usage: $0 [--demo]" >&2
    exit 2
    ;;
esac

# Nothing of the caller's settings may decide what the tools do.
unset CDPATH PYTHONDONTWRITEBYTECODE PYTHONPYCACHEPREFIX PYTHONPATH CARGO_TARGET_DIR RUSTFLAGS CFLAGS CPPFLAGS LDFLAGS \
    GIT_DIR GIT_WORK_TREE MAKEFLAGS MFLAGS MAKELEVEL JULIA_LOAD_PATH JULIA_PROJECT STABLEFS_CONFIG
LC_ALL=C
export LC_ALL
umask 022

real=$(cd "$(dirname "$0")/.." && pwd)
SFS_SOURCE=${SFS_SOURCE:-$(cd "$real/../.." && pwd)}
SFS_CACHE=${SFS_CACHE:-$SFS_SOURCE/.cache}

fail()
{
    echo "$*" >&2
    exit 1
}

# skip WHY: this machine cannot run the case.
skip()
{
    if [ "$demo" = yes ]; then
        echo "$*" >&2
    else
        echo "$*"
    fi
    exit 77
}

# need COMMAND...: skip when one of them is not installed.
need()
{
    for need_cmd in "$@"; do
        command -v "$need_cmd" >/dev/null 2>&1 || skip "$need_cmd is not installed"
    done
}

# The program under test.
if [ -z "${STABLEFS-}" ]; then
    for STABLEFS in "$PWD/stablefs" "$SFS_SOURCE/stablefs" "$SFS_SOURCE/build/stablefs" "$(command -v stablefs || :)"; do
        if [ -f "$STABLEFS" ] && [ -x "$STABLEFS" ]; then
            break
        fi
    done
fi
if ! { [ -f "$STABLEFS" ] && [ -x "$STABLEFS" ]; }; then
    fail "there is no stablefs program (build it, or name it in \$STABLEFS)"
fi

dir=$(mktemp -d "${TMPDIR:-/tmp}/stablefs-real.XXXXXX")
# realpath: the tools print and store the path without links.  0755: some cases act as another user.
dir=$(cd "$dir" && pwd -P)
chmod 755 "$dir"
stable=$dir/stable
mkdir "$dir/log"

HOME=$dir/home
mkdir "$HOME"
export HOME

# mounts_below DIR: the mount points at and below it, deepest first.
mounts_below()
{
    awk -v top="$1" '$5 == top || index($5, top "/") == 1 { print $5 }' /proc/self/mountinfo | sort -r
}

# detach PATH: whatever is mounted there goes away now, however busy it is.
detach()
{
    timeout 20 "$STABLEFS" umount --lazy "$1" >/dev/null 2>&1 || umount -l "$1" 2>/dev/null ||
        fusermount3 -uz "$1" 2>/dev/null || :
}

clean_up()
{
    cleanup_status=$?
    trap '' EXIT HUP INT TERM
    cd /
    for cleanup_path in $(mounts_below "$dir"); do
        detach "$cleanup_path"
    done
    if [ -n "${SFS_KEEP-}" ]; then
        echo "kept: $dir" >&2
    elif [ -z "$(mounts_below "$dir")" ]; then
        chmod -R u+rwX "$dir" 2>/dev/null || :
        rm -rf --one-file-system "$dir"
    else
        echo "still mounted below $dir" >&2
    fi
    exit "$cleanup_status"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# The stable paths that did not exist before.
made=

# map SOURCE [PATH [OPTIONS]]: serve SOURCE at PATH (default: $stable).
map()
{
    map_path=${2:-$stable}
    [ -e "$map_path" ] || made="$made|$map_path|"
    if ! "$STABLEFS" mount ${3:+-o "$3"} "$1" "$map_path" >"$dir/log/mount" 2>&1; then
        cat "$dir/log/mount" >&2
        fail "cannot mount ${1#"$dir"/} at ${map_path#"$dir"/}: $(tail -n 1 "$dir/log/mount")"
    fi
    mounts_below "$map_path" | grep -qxF "$map_path" || fail "mount succeeded, but ${map_path#"$dir"/} is no mount point"
}

# daemons PATH: the processes of the program under test that were started with PATH.
daemons()
{
    # shellcheck disable=SC2044 # no spaces below /proc
    for daemons_exe in $(find -L /proc/[0-9]*/exe -maxdepth 0 -samefile "$STABLEFS" 2>/dev/null); do
        if tr '\0' '\n' <"${daemons_exe%exe}cmdline" | grep -qxF -- "$1"; then
            echo "$daemons_exe"
        fi
    done 2>/dev/null
}

# unmap_from PATH: and nothing may remain: no mount, no daemon, no directory that stablefs made.
unmap_from()
{
    if ! "$STABLEFS" umount "$1" >"$dir/log/umount" 2>&1; then
        cat "$dir/log/umount" >&2
        fail "cannot unmount ${1#"$dir"/}: $(tail -n 1 "$dir/log/umount")"
    fi
    [ -z "$(mounts_below "$1")" ] || fail "${1#"$dir"/} is still mounted after umount"
    [ -z "$(daemons "$1")" ] || fail "the daemon of ${1#"$dir"/} is still there after umount"
    case $made in
    *"|$1|"*) [ ! -e "$1" ] || fail "${1#"$dir"/} was made by mount and is still there after umount" ;;
    esac
}

# unmap: what map serves at $stable.
unmap()
{
    unmap_from "$stable"
}

# show_log FILE: to stderr, without what steers terminals.
show_log()
{
    tr -d '\033\r' <"$1" | awk '{ print "    " $0 }' >&2
}

# run LOG COMMAND...: its output goes to $dir/log/LOG; a failure is the end.
run()
{
    run_log=$dir/log/$1
    shift
    if ! "$@" >"$run_log" 2>&1; then
        show_log "$run_log"
        fail "${run_log##*/}: the command failed: $(printf %s "$*" | head -n 1)"
    fi
}

# run_fails LOG COMMAND...: as run, but the command has to fail.
run_fails()
{
    run_log=$dir/log/$1
    shift
    if "$@" >"$run_log" 2>&1; then
        show_log "$run_log"
        fail "${run_log##*/}: the command succeeded, although it should fail: $(printf %s "$*" | head -n 1)"
    fi
}

# says LOG PATTERN / says_not LOG PATTERN: what the tool printed (grep -E).
says()
{
    if ! grep -Eq -- "$2" "$dir/log/$1"; then
        show_log "$dir/log/$1"
        fail "$1: did not print: $2"
    fi
}

says_not()
{
    if grep -Eq -- "$2" "$dir/log/$1"; then
        show_log "$dir/log/$1"
        fail "$1: printed: $2"
    fi
}

# count LOG PATTERN: how many lines match.
count()
{
    grep -Ec -- "$2" "$dir/log/$1" || :
}

# in_dir DIR COMMAND...: with $PWD as a shell would have it after cd.
in_dir()
{
    (
        cd "$1"
        shift
        "$@"
    )
}

# result TOOL WITHOUT WITH: what was seen, in the words of the quick start's table.
result()
{
    if [ "$demo" = yes ]; then
        printf '%s\t%s\t%s\n' "$1" "$2" "$3"
    else
        printf '%s\n    without stablefs: %s\n    with stablefs:    %s\n' "$1" "$2" "$3"
    fi
}
