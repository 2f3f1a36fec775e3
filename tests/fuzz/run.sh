#!/bin/sh
# SPDX-License-Identifier: MIT
# Run the fuzz targets.
#
#   run.sh             the kept inputs only (corpus/TARGET/*): what "make check" does
#   run.sh SECONDS     search for new failing inputs, SECONDS for all targets together (needs --enable-fuzzing)
#
# FUZZ_TARGETS: the built programs (fuzz_TARGET), with a space between.  A failing input that was found is printed and
# kept in the current directory; put it into corpus/TARGET with a telling name when the fault is mended.
set -u
here=$(cd "$(dirname "$0")" && pwd)
seconds=${1:-}
[ -n "${FUZZ_TARGETS:-}" ] || {
    echo "no fuzz targets were built"
    exit 77
}
count=0
for target in $FUZZ_TARGETS; do
    count=$((count + 1))
done

export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=1"
log=$(mktemp) || exit 99
found=$(mktemp -d) || exit 99
trap 'rm -rf "$log" "$found"' EXIT
trap 'exit 143' HUP INT TERM

status=0
for target in $FUZZ_TARGETS; do
    name=${target##*/fuzz_}
    corpus=$here/corpus/$name
    set -- "$corpus"/*
    if [ ! -f "$1" ]; then
        echo "FAIL $name: no kept inputs in corpus/$name"
        status=1
        continue
    fi
    if [ -n "$seconds" ]; then
        # New inputs go to the first directory; the kept ones are only read.
        mkdir "$found/$name"
        dict=$here/fuzz_$name.dict
        [ -f "$dict" ] || dict=
        set -- -max_total_time=$((seconds / count + 1)) -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
            -artifact_prefix="fuzz-$name-" ${dict:+-dict="$dict"} "$found/$name" "$corpus"
    fi
    if "./$target" "$@" >"$log" 2>&1; then
        runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
        echo "PASS $name"
        [ -z "$runs" ] || echo "# $name: $runs inputs"
    else
        echo "FAIL $name: $(grep -m 1 -E 'ERROR|runtime error|SUMMARY' "$log" || tail -n 1 "$log")"
        tail -n 60 "$log" | sed 's/^/# /'
        [ -z "$seconds" ] || for file in "fuzz-$name-"*; do
            [ ! -f "$file" ] || {
                echo "# $file in base64:"
                base64 "$file" | sed 's/^/# /'
            }
        done
        status=1
    fi
done
exit $status
