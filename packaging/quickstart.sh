#!/bin/sh
# SPDX-License-Identifier: MIT
# Build stablefs and see what it is for: the same tools on a moved project, without it and with it.
#
#   sh packaging/quickstart.sh
#
# On a fresh Debian, as root, this installs what is missing and takes two or three minutes.  As a normal user it needs
# everything installed already (it says what is not).  It builds in build/, installs nothing of stablefs, leaves no mount
# and no process behind, and can be run again.
#
# SFS_CACHE   where packaging/julia-rootfs.sh has put a Julia, in SFS_CACHE/julia (default: .cache of the source)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
source=$(dirname "$here")
# shellcheck source=packaging/lib.sh
. "$here/lib.sh"

case ${1:-} in
'') ;;
-h | --help) sed -n '3,/^set/{/^#/s/^# \{0,1\}//p}' "$0" && exit 0 ;;
*) say "usage: $0" >&2 && exit 2 ;;
esac

bold='' good='' bad='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
    escape=$(printf '\033')
    bold="${escape}[1m" good="${escape}[32m" bad="${escape}[31m" plain="${escape}[0m"
fi

step()
{
    say "${bold}==> $*${plain}"
}

work=$(mktemp -d "${TMPDIR:-/tmp}/stablefs-quickstart.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM

# quietly WHAT COMMAND...: its output is of interest only when it fails.
quietly()
{
    what=$1
    shift
    if ! "$@" >"$work/log" 2>&1 </dev/null; then
        tail -n 30 "$work/log" >&2
        die "$what failed (above are its last lines)"
    fi
}

# shellcheck disable=SC2317 # called by quietly
in_dir()
{
    (cd "$1" && shift && exec "$@")
}

# --- what is needed --------------------------------------------------------------------------------------------------

missing=$("$here/deps.sh" --list build quickstart)
if [ -n "$missing" ]; then
    [ "$(id -u)" = 0 ] || die "not installed: $missing (as root: apt-get install $missing)"
    step "Installing $missing"
    quietly "installing packages" "$here/deps.sh" build quickstart
fi
[ -c /dev/fuse ] || die "there is no /dev/fuse (modprobe fuse; in a container: --device /dev/fuse)"
if ! { [ -r /dev/fuse ] && [ -w /dev/fuse ]; }; then
    die "/dev/fuse is not for normal users here (as root, and as udev does it everywhere: chmod 666 /dev/fuse)"
fi

# --- building --------------------------------------------------------------------------------------------------------

step "Building stablefs"
if [ ! -x "$source/configure" ]; then
    [ -w "$source" ] || die "$source is not writable, and not prepared (as its owner: autoreconf -fi)"
    quietly autoreconf in_dir "$source" autoreconf -fi
fi
# A tree that is configured in place is built in place: configure refuses to use it from elsewhere.
build=$source/build
[ ! -e "$source/config.status" ] || build=$source
if [ ! -e "$build/config.status" ]; then
    mkdir -p "$build" 2>/dev/null || die "cannot make $build (run this as the owner of the source)"
    # By a relative path: a built tree can be moved.
    quietly configure in_dir "$build" ../configure --disable-tests
fi
quietly make make -C "$build" -j"$(nproc)"
STABLEFS=$build/stablefs
export STABLEFS SFS_SOURCE="$source" SFS_CACHE="${SFS_CACHE:-$source/.cache}"
say "    $("$STABLEFS" --version | head -n 1)"

# --- showing ---------------------------------------------------------------------------------------------------------

step "Building projects with real tools, moving them, building again"
failed=0
: >"$work/table"
for tool in julia-moved cmake-moved gcc-identical-objects ccache-direct-hits python-pycacheprefix cargo-path-dependency; do
    [ ! -t 1 ] || printf '    %s ...\r' "$tool"
    status=0
    "$source/tests/real/cases/$tool" --demo >"$work/line" 2>"$work/why" </dev/null || status=$?
    [ ! -t 1 ] || printf '    %*s\r' 40 ''
    case $status in
    0) cat "$work/line" >>"$work/table" ;;
    77) say "    left out: $tool: $(tail -n 1 "$work/why")" ;;
    *)
        failed=1
        say "    ${bad}failed: $tool: $(tail -n 1 "$work/why")${plain}"
        ;;
    esac
done
[ -s "$work/table" ] || die "nothing could be shown (the lines above say why)"

say
awk -F '\t' -v bold="$bold" -v good="$good" -v bad="$bad" -v plain="$plain" '
    function widen(column, text) { if (length(text) > width[column]) width[column] = length(text) }
    function row(tool, without, with, a, b, c) {
        printf "    %s%-*s%s  %s%-*s%s  %s%s%s\n", a, width[1], tool, plain, b, width[2], without, plain, c, with, plain
    }
    BEGIN { head[1] = "tool"; head[2] = "moved project, without stablefs"; head[3] = "with stablefs" }
    { for (i = 1; i <= 3; i++) cell[NR, i] = $i }
    END {
        for (i = 1; i <= 3; i++) {
            widen(i, head[i])
            for (r = 1; r <= NR; r++) widen(i, cell[r, i])
            line[i] = sprintf("%*s", width[i], "")
            gsub(/ /, "-", line[i])
        }
        row(head[1], head[2], head[3], bold, bold, bold)
        row(line[1], line[2], line[3], "", "", "")
        for (r = 1; r <= NR; r++) row(cell[r, 1], cell[r, 2], cell[r, 3], bold, bad, good)
    }' "$work/table"
say
say "Your turn:  $STABLEFS mount SOURCE /stable/path  ...  $STABLEFS umount /stable/path"
if ! [ -x "$SFS_CACHE/julia/usr/bin/julia" ]; then
    say "For Julia too, as root, once (some minutes):  sh packaging/julia-rootfs.sh $SFS_CACHE/julia"
fi
exit $failed
