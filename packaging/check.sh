#!/bin/bash
# SPDX-License-Identifier: MIT
# Build all variants in a private directory and run all tests there.
#
#   packaging/check.sh [--stage NAME]... [--list] [--keep]
#
#   --stage NAME   only this stage (may be repeated)
#   --list         name the stages
#   --keep         leave the build directory, and say where it is
#
# SFS_BUILD    build directory (default: a new one, removed at the end); stages that are there are built again
# SFS_CACHE    where the slow parts are kept, libfuse 3.18 and root directories (default: SOURCE/.cache)
# SFS_MUST_RUN 1: a test that skips has failed, but for those that this very configuration cannot run ("SKIP-OK:")
# SFS_MINUTES  no step runs longer than until then (default 58)
#
# Wants to be root: then it installs what is missing, and runs the mount tests as root and as a normal user.  As a
# normal user it runs what is possible.  The last line is "N passed, N failed, N skipped"; the exit status is 1 when
# something failed.
# "sh packaging/check.sh" is to work too, and sh need not be bash
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@"
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tree=$(dirname "$here")
. "$here/lib.sh"

all_stages='static plain new packages containers address thread real fuzz'
describe_stages()
{
    cat <<'END'
static   clang with warnings as errors, shellcheck
plain    the system's libfuse: make, make check, mount tests as root, as a user and in a user namespace, install,
         distcheck
new      libfuse 3.18: make, make check, mount tests as root, as a user and in a user namespace
packages the static program, the packages for Debian and rpm, completions and units, each where it is to work
containers the static program in real builds of images: dockerd, buildah, Julia
address  libfuse 3.18, address and undefined behaviour sanitizers: make check, mount tests as root and as a user
thread   libfuse 3.18, thread sanitizer: race tests, mount tests
real     real tools through the program of "plain"
fuzz     the fuzz targets for a minute
bench    (only when named) the benchmark, once and quickly: that it measures, never how fast
END
}

stages='' keep=no
while [ $# -gt 0 ]; do
    case $1 in
    --stage)
        [[ " $all_stages " == *" ${2:-} "* ]] || die "no such stage: ${2:-} (one of: $all_stages)"
        stages+=" $2"
        shift
        ;;
    --list) describe_stages && exit 0 ;;
    --keep) keep=yes ;;
    -h | --help) sed -n '3,/^set/{/^#/s/^# \{0,1\}//p}' "$0" && echo && describe_stages && exit 0 ;;
    *) say "usage: $0 [--stage NAME]... [--list] [--keep]" >&2 && exit 2 ;;
    esac
    shift
done
stages=${stages:-$all_stages}
root=no
[ "$(id -u)" != 0 ] || root=yes

# Mounts of our own that nobody else sees, and that end with us whatever happens.
if [ $root = yes ] && [ -z "${SFS_CHECK_PRIVATE:-}" ] && unshare --mount --propagation private true 2>/dev/null; then
    export SFS_CHECK_PRIVATE=1
    arguments=()
    for stage in $stages; do
        arguments+=(--stage "$stage")
    done
    [ $keep = no ] || arguments+=(--keep)
    exec unshare --mount --propagation private -- "$0" "${arguments[@]}"
fi
unset SFS_CHECK_PRIVATE

# --- counting and printing -------------------------------------------------------------------------------------------

passed=0 failed=0 skipped=0
deadline=$((SECONDS + ${SFS_MINUTES:-58} * 60))

progress()
{
    printf '[%3d:%02d] %s\n' $((SECONDS / 60)) $((SECONDS % 60)) "$*"
}

# One failure that no suite has counted.
fail() # NAME WHY
{
    failed=$((failed + 1))
    say "FAIL $1: $2"
}

# Run a command with its output in a log file, until the deadline at most.  It runs in the background, so that a
# signal to this script is seen at once.
step_pid=
run_logged() # LOG COMMAND...
{
    local log=$1 left=$((deadline - SECONDS)) status
    shift
    if [ $left -lt 1 ]; then
        echo "no time left: not started" >"$log"
        return 124
    fi
    timeout -k 20 $left "$@" >"$log" 2>&1 </dev/null &
    step_pid=$!
    wait $step_pid
    status=$?
    step_pid=
    [ $status != 124 ] || echo "stopped after $left seconds" >>"$log"
    return $status
}

# A step that is one test by itself.
step() # STAGE NAME COMMAND...
{
    local stage=$1 name=$2 started=$SECONDS log=$logs/$1-$2.log
    shift 2
    if run_logged "$log" "$@"; then
        passed=$((passed + 1))
        progress "$stage: $name: ok ($((SECONDS - started)) s)"
    else
        progress "$stage: $name: failed ($((SECONDS - started)) s)"
        tail -n 80 "$log" | sed 's/^/    /'
        fail "$stage/$name" "$(grep -m 1 -E ': (fatal )?error: |^ERROR: |undefined reference|No rule to make' "$log" || tail -n 1 "$log")"
        return 1
    fi
}

# Count the lines "PASS NAME", "FAIL NAME: WHY", "SKIP NAME: WHY" of a file that a run with this status has written.
tally() # STAGE NAME SECONDS STATUS RESULTS
{
    local stage=$1 name=$2 seconds=$3 status=$4 results=$5 good bad left_out
    if [ "${SFS_MUST_RUN:-0}" = 1 ]; then
        sed -i '/^SKIP .*: SKIP-OK:/!s/^SKIP \(.*\)/FAIL \1 (skipped)/' "$results"
    fi
    good=$(grep -c '^PASS ' "$results")
    bad=$(grep -c '^FAIL ' "$results")
    left_out=$(grep -c '^SKIP ' "$results")
    if [ "$status" = 124 ]; then
        echo "FAIL $name: stopped, it did not end in time" >>"$results"
        bad=$((bad + 1))
    elif [ "$bad" = 0 ] && [ "$status" != 0 ]; then
        echo "FAIL $name: ended with status $status, and no test failed" >>"$results"
        bad=1
    elif [ $((good + bad + left_out)) = 0 ]; then
        echo "FAIL $name: no test ran" >>"$results"
        bad=1
    fi
    passed=$((passed + good))
    failed=$((failed + bad))
    skipped=$((skipped + left_out))
    progress "$stage: $name: $good passed, $bad failed, $left_out skipped ($seconds s)"
    grep '^SKIP ' "$results" | sed "s,^SKIP ,    SKIP $stage/,"
    [ "$bad" = 0 ]
}

# After the details: what has failed.
name_failures() # STAGE RESULTS
{
    grep '^FAIL ' "$2" | sed "s,^FAIL ,FAIL $1/,"
    return 1
}

# A suite with a runner.
suite() # STAGE NAME COMMAND...
{
    local stage=$1 name=$2 started=$SECONDS status log=$logs/$1-$2.log
    shift 2
    run_logged "$log" "$@"
    status=$?
    grep -E '^(PASS|FAIL|SKIP) ' "$log" >"$log.results"
    tally "$stage" "$name" $((SECONDS - started)) $status "$log.results" && return
    # What belongs to the failures: the lines after each, up to the next result.
    awk '/^(PASS|SKIP|FAIL) /{show = /^FAIL /} show || /^(==|Traceback)/{print "    " $0}' "$log" | tail -n 300
    grep -q '^FAIL ' "$log" || tail -n 40 "$log" | sed 's/^/    /'
    name_failures "$stage" "$log.results"
}

# The results of automake's tests, from their logs: a simple test ends with "PASS NAME (exit status: 0)" after what it
# has printed; the others speak TAP, and the driver adds lines "PASS: NAME 3 - what".
automake_results() # BUILD
{
    find "$1" -name '*.trs' | LC_ALL=C sort | while read -r file; do
        awk -v name="${file#"$1/"}" '
            BEGIN { sub(/\.trs$/, "", name) }
            function result(word, rest) {
                if (word == "PASS" || word == "XFAIL")
                    print "PASS " name rest
                else
                    print (word == "SKIP" ? "SKIP " : "FAIL ") name rest
            }
            /^(PASS|FAIL|SKIP|ERROR|XFAIL|XPASS): / {
                word = $1
                sub(/:$/, "", word)
                rest = $0
                sub(/^[A-Z]+: [^ ]+/, "", rest)
                sub(/ *# SKIP /, ": ", rest)
                tap[++count] = word "\n" rest
            }
            { before = last; last = $0 }
            END {
                if (match(last, /^[A-Z]+ .* \(exit status: [0-9]+\)$/)) {
                    word = last
                    sub(/ .*/, "", word)
                    result(word, word ~ /PASS|XFAIL/ ? "" : ": " before)
                } else {
                    for (i = 1; i <= count; i++)
                        result(substr(tap[i], 1, index(tap[i], "\n") - 1), substr(tap[i], index(tap[i], "\n") + 1))
                }
                if (last == "" || (count == 0 && !word))
                    result("ERROR", ": no result in its log")
            }' "${file%.trs}.log"
    done
}

make_check() # STAGE NAME BUILD [COMMAND...]    the command runs make
{
    local stage=$1 name=$2 build=$3 started=$SECONDS status log=$logs/$1-$2.log
    shift 3
    find "$build" \( -name '*.trs' -o -name '*.log' \) ! -name config.log -delete
    run_logged "$log" "$@" make -C "$build" -j"$jobs" -k check
    status=$?
    automake_results "$build" >"$log.results"
    tally "$stage" "$name" $((SECONDS - started)) $status "$log.results" && return
    if [ -s "$build/test-suite.log" ]; then
        tail -n 300 "$build/test-suite.log" | sed 's/^/    /'
    else
        tail -n 80 "$log" | sed 's/^/    /'
    fi
    name_failures "$stage" "$log.results"
}

# --- preparing, and putting everything back --------------------------------------------------------------------------

jobs=$(nproc)
user=sfs-test
made_user=no made_build=no fuse_mode='' build=''

our_mounts()
{
    awk '{ for (i = 7; $i != "-"; i++) ; if ($(i + 1) == "fuse.stablefs") print $5 }' /proc/self/mountinfo
}

# Processes whose program is one of those built here.
our_processes()
{
    local exe
    for exe in /proc/[0-9]*/exe; do
        case $(readlink "$exe" 2>/dev/null) in
        "$build"/*) exe=${exe#/proc/} && echo "${exe%/exe}" ;;
        esac
    done
}

# Nothing may be left when a stage is over.
look_for_leftovers() # STAGE
{
    local pid path
    for pid in $(our_processes); do
        fail "$1/leftovers" "process $pid is still there: $(tr '\0' ' ' <"/proc/$pid/cmdline")"
        kill -KILL "$pid"
    done
    our_mounts | while read -r path; do
        # shellcheck disable=SC2059 # mountinfo writes a space as \040
        umount -l "$(printf "$path")" 2>/dev/null
        echo "$path"
    done >"$logs/mounts"
    while read -r path; do
        fail "$1/leftovers" "still mounted: $path"
    done <"$logs/mounts"
}

# shellcheck disable=SC2317 # called by the trap
restore()
{
    local status=$?
    trap '' HUP INT TERM
    if [ -n "$step_pid" ]; then
        kill "$step_pid" 2>/dev/null
        wait "$step_pid" 2>/dev/null
    fi
    if [ -n "$build" ]; then
        for pid in $(our_processes); do
            kill -KILL "$pid" 2>/dev/null
        done
    fi
    [ -z "$fuse_mode" ] || chmod "$fuse_mode" /dev/fuse
    [ $made_user = no ] || userdel "$user" 2>/dev/null
    if [ $keep = yes ]; then
        say "kept: $build"
    elif [ $made_build = yes ]; then
        chmod -R u+rwX "$build" 2>/dev/null
        rm -rf --one-file-system "$build"
    fi
    if [ $failed != 0 ]; then
        [ $status != 0 ] || status=1
    elif [ $status != 0 ]; then
        failed=1 # ended early: that is no success
    fi
    say "$passed passed, $failed failed, $skipped skipped"
    exit $status
}
trap restore EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

prepare_fuse()
{
    [ -c /dev/fuse ] || modprobe fuse 2>/dev/null || mknod /dev/fuse c 10 229 || say "there is no /dev/fuse"
    if [ -c /dev/fuse ]; then
        fuse_mode=$(stat -c %a /dev/fuse)
        chmod 666 /dev/fuse
    fi
    if ! getent passwd $user >/dev/null; then
        useradd --user-group --home-dir "$build/home" --shell /bin/sh $user || die "cannot make the user $user"
        made_user=yes
    fi
    grep -q "^$user:" /etc/subuid && grep -q "^$user:" /etc/subgid ||
        usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $user || die "cannot give $user subordinate ids"
    mkdir -p "$build/home" "$build/runtime"
    chown $user: "$build/home" "$build/runtime"
    chmod 700 "$build/runtime"
}

as_user=(setpriv --reuid "$user" --regid "$user" --init-groups env)

# A copy of the sources, readable for everybody and written by nobody else meanwhile.
copy_sources()
{
    rm -rf "$build/source"
    mkdir -p "$build/source"
    if ! git -C "$tree" ls-files -z --cached --others --exclude-standard >"$build/files" 2>/dev/null; then
        (cd "$tree" && find . -name .git -prune -o -name .cache -prune -o -name autom4te.cache -prune -o \
            \( -type f -o -type l \) -print0) >"$build/files"
    fi
    # A file may be known to git and deleted.
    (cd "$tree" && xargs -0 sh -c 'for f; do [ ! -e "$f" ] && [ ! -L "$f" ] || printf "%s\0" "$f"; done' sh \
        <"$build/files" | tar -c --null --no-recursion -T - -f -) | tar -x -C "$build/source" --no-same-owner -f - ||
        die "cannot copy the sources"
    chmod -R a+rX "$build/source"
}

build=${SFS_BUILD:-}
if [ -z "$build" ]; then
    build=$(mktemp -d "${TMPDIR:-/var/tmp}/stablefs-check.XXXXXX") || exit 1
    made_build=yes
fi
mkdir -p "$build/logs" "$build/tmp" && build=$(cd "$build" && pwd -P) || exit 1
chmod 755 "$build"
chmod 1777 "$build/tmp"
logs=$build/logs
source=$build/source
cache=${SFS_CACHE:-$tree/.cache}
export SFS_SOURCE=$source SFS_CACHE=$cache TMPDIR=$build/tmp LC_ALL=C.UTF-8
unset SFS_BUILD MAKEFLAGS MFLAGS DESTDIR PKG_CONFIG_PATH STABLEFS_CONFIG

progress "preparing in $build"
groups='build check mount variants'
[[ $stages != *real* ]] || groups+=' real'
[[ $stages != *packages* ]] || groups+=' deb rpm packages'
[[ $stages != *containers* ]] || groups+=' containers'
if [ $root = yes ]; then
    # shellcheck disable=SC2086 # a list of words
    step prepare packages "$here/deps.sh" $groups || exit 1
    prepare_fuse
else
    say "not root: nothing is installed, and there are no tests as another user"
fi
copy_sources
step prepare autoreconf sh -c 'cd "$1" && autoreconf -fi' sh "$source" || exit 1

case $stages in *new* | *packages* | *containers* | *address* | *thread*)
    new=$cache/libfuse-3.18
    step prepare libfuse-3.18 "$here/libfuse318.sh" "$new" || exit 1
    if [ $root = yes ] && ! "${as_user[@]}" test -r "$new/lib/libfuse3.so"; then
        # The source tree is in a private place, and programs could not find their library as a normal user.
        new=$build/libfuse-3.18
        step prepare libfuse-3.18-readable "$here/libfuse318.sh" "$new" || exit 1
    fi
    ;;
esac
case $stages in *real* | *packages* | *containers*)
    [ $root = no ] || step prepare julia "$here/julia-rootfs.sh" "$cache/julia"
    ;;
esac
case $stages in *packages*)
    [ $root = no ] || step prepare bookworm "$here/fresh-rootfs.sh" "$cache/bookworm"
    ;;
esac

gcc=gcc clang=clang
if command -v ccache >/dev/null; then
    gcc='ccache gcc' clang='ccache clang'
    export CCACHE_BASEDIR=$build CCACHE_NOHASHDIR=1
    [ -w "${HOME:-/nonexistent}" ] || export CCACHE_DIR=$build/ccache
fi

# --- the stages ------------------------------------------------------------------------------------------------------

build_variant() # STAGE CONFIGURE-ARGUMENTS...
{
    local stage=$1 dir=$build/$1
    shift
    mkdir -p "$dir"
    step "$stage" configure sh -c 'cd "$1" && shift && exec "$0"/configure "$@"' "$source" "$dir" "$@" || return
    sed -n '/^  stablefs /,$p' "$logs/$stage-configure.log"
    step "$stage" make make -C "$dir" -j"$jobs"
}

# The mount tests, as root and as a normal user.
mount_suite() # STAGE ARGUMENTS...
{
    local stage=$1
    shift
    if [ $root = yes ]; then
        suite "$stage" mount-as-root env STABLEFS="$build/$stage/stablefs" "$source/tests/mount/run" "$@"
        suite "$stage" mount-as-user env STABLEFS="$build/$stage/stablefs" "$source/tests/mount/run" --user $user "$@"
    else
        suite "$stage" mount env STABLEFS="$build/$stage/stablefs" "$source/tests/mount/run" "$@"
    fi
}

# The mount tests as root of a user namespace, which is a normal user outside.  The large trees add nothing here.
userns_suite() # STAGE
{
    [ $root = no ] || suite "$1" mount-in-userns env SFS_FILES=10000 STABLEFS="$build/$1/stablefs" \
        "$source/tests/mount/run" --user $user --userns
}

# make check again, as a normal user: permissions are then real.
check_as_user() # STAGE
{
    [ $root = yes ] || return 0
    chown -R $user: "$build/$1"
    make_check "$1" check-as-user "$build/$1" "${as_user[@]}" HOME="$build/home" XDG_RUNTIME_DIR="$build/runtime" \
        SFS_ANOMALY_SECONDS=10
    chown -R 0:0 "$build/$1"
}

check_install() # BUILD
{
    local dest=$1/installed helper page
    make -C "$1" install DESTDIR="$dest" || return
    "$dest/usr/local/bin/stablefs" --version || return
    for helper in mount.stablefs mount.fuse.stablefs; do
        [ "$(readlink "$dest/usr/local/sbin/$helper")" = /usr/local/bin/stablefs ] || {
            echo "$helper is not a link to stablefs"
            return 1
        }
    done
    for page in man1/stablefs.1 man5/stablefs.ini.5 man7/stablefs-semantics.7 man8/mount.stablefs.8; do
        [ -s "$dest/usr/local/share/man/$page" ] || { echo "$page is not installed" && return 1; }
    done
    for page in Dockerfile buildah.sh commit-times.sh docker.sh; do
        [ -s "$dest/usr/local/share/doc/stablefs/examples/$page" ] || { echo "$page is not installed" && return 1; }
    done
    make -C "$1" uninstall DESTDIR="$dest" || return
    helper=$(find "$dest" ! -type d)
    [ -z "$helper" ] || { echo "left by uninstall: $helper" && return 1; }
}
export -f check_install

# Test cases rely on what their lib.sh sets, and may be terse: there only what is certainly wrong counts.
check_scripts() # SOURCE
{
    local file scripts=() cases=()
    cd "$1" || return
    while read -r file; do
        case $(head -n 1 "$file") in
        '#!/bin/sh'* | '#!/bin/bash'*) [[ $file != tests/*/cases/* ]] && scripts+=("$file") || cases+=("$file") ;;
        esac
    done < <(find .ci doc packaging tests -type f ! -name '*.[1-8ch]')
    shellcheck -x -S warning "${scripts[@]}" && shellcheck -S error "${cases[@]}"
}

export -f check_scripts

stage_static()
{
    build_variant static CC="$clang" --enable-werror --disable-tests
    step static shellcheck bash -c 'check_scripts "$1"' bash "$source"
}

stage_plain()
{
    build_variant plain CC="$gcc" --enable-werror || return
    make_check plain check "$build/plain"
    check_as_user plain
    mount_suite plain
    userns_suite plain
    step plain install bash -c 'check_install "$1"' bash "$build/plain"
    # what ran at length above runs shortly here
    step plain distcheck env SFS_ANOMALY_SECONDS=5 SFS_RACE_SECONDS=3 make -C "$build/plain" -j"$jobs" distcheck
}

stage_new()
{
    PKG_CONFIG_PATH=$new/lib/pkgconfig build_variant new CC="$gcc" --enable-werror || return
    make_check new check "$build/new"
    check_as_user new
    mount_suite new
    userns_suite new
}

# What people install.  The packages are built from what "make dist" makes, for the system's libfuse.
stage_packages()
{
    local dir=$build/packages tarball
    PKG_CONFIG_PATH=$new/lib/pkgconfig build_variant packages CC="$gcc" --enable-werror || return
    step packages static make -C "$dir" static
    if step packages dist make -C "$dir" dist; then
        tarball=$(echo "$dir"/stablefs-*.tar.gz)
        step packages deb "$source/packaging/deb.sh" "$dir/deb" "$tarball"
        step packages rpm "$source/packaging/rpm.sh" "$dir/rpm" "$tarball"
    fi
    suite packages cases env SFS_STATIC="$dir/stablefs-static" SFS_DEBS="$dir/deb" SFS_RPMS="$dir/rpm" \
        "$source/tests/packages/run"
    [ $root = no ] || suite packages static-mounts env STABLEFS="$dir/stablefs-static" "$source/tests/mount/run" 'cmd/*'
}

# Images of real containers, with the static program of the stage "packages", built when that stage did not run.
stage_containers()
{
    if [ ! -x "$build/packages/stablefs-static" ]; then
        PKG_CONFIG_PATH=$new/lib/pkgconfig build_variant packages CC="$gcc" --enable-werror || return
        step packages static make -C "$build/packages" static || return
    fi
    suite containers builds env SFS_STATIC="$build/packages/stablefs-static" "$source/tests/containers/run"
}

stage_address()
{
    PKG_CONFIG_PATH=$new/lib/pkgconfig build_variant address CC="$gcc" CFLAGS='-g -O1' --enable-werror \
        --enable-sanitizer=address,undefined || return
    make_check address check "$build/address"
    mount_suite address
}

stage_thread()
{
    PKG_CONFIG_PATH=$new/lib/pkgconfig build_variant thread CC="$gcc" CFLAGS='-g -O1' --enable-werror \
        --enable-sanitizer=thread || return
    make_check thread check "$build/thread"
    # of the mount tests those in which several threads of a daemon meet: all take too long with this sanitizer
    [ $root = no ] || suite thread mount-as-root env STABLEFS="$build/thread/stablefs" "$source/tests/mount/run" --tsan \
        'behind/*' 'cmd/busy*' 'cmd/nested*' 'cmd/two-instances' 'fs/*lock*' 'fs/hammer' 'fs/io-random' 'fs/mmap*' \
        'fs/open-mixed' 'fs/readdir-changes' 'fs/unlink-open'
}

# The program of the stage "plain", built when that stage did not run.
plain_program()
{
    [ -x "$build/plain/stablefs" ] || build_variant plain CC="$gcc" --enable-werror
}

stage_real()
{
    plain_program || return
    suite real tools env STABLEFS="$build/plain/stablefs" "$source/tests/real/run"
}

stage_fuzz()
{
    build_variant fuzz CC="$clang" CFLAGS='-g -O1' --enable-werror --enable-fuzzing || return
    suite fuzz search make -s -C "$build/fuzz" fuzz FUZZ_SECONDS=60
}

stage_bench()
{
    plain_program || return
    step bench make make -C "$build/plain" tests/bench/sfsbench || return
    suite bench quick env STABLEFS="$build/plain/stablefs" SFSBENCH="$build/plain/tests/bench/sfsbench" \
        "$source/tests/bench/run" --quick
}

for stage in $stages; do
    progress "stage $stage"
    "stage_$stage"
    look_for_leftovers "$stage"
done
progress "done"
