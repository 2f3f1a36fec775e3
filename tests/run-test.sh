#!/bin/sh
# SPDX-License-Identifier: MIT
# Run one test program of "make check": PROGRAM [ARG...]
#
# Criterion speaks TAP when told so, and says "passed" although the leak checker of one of its child processes
# complained; so the sanitizers write to files, and a file is a failure.
set -u
reports=$(mktemp -d) || exit 99
trap 'rm -rf "$reports"' EXIT
here=$(cd "$(dirname "$0")" && pwd)

export CRITERION_OUTPUTS=tap:-
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}log_path=$reports/san"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:+$UBSAN_OPTIONS:}print_stacktrace=1:log_path=$reports/san"
export TSAN_OPTIONS="${TSAN_OPTIONS:+$TSAN_OPTIONS:}log_path=$reports/san"
export LSAN_OPTIONS="${LSAN_OPTIONS:+$LSAN_OPTIONS:}suppressions=$here/lsan.supp:print_suppressions=0"
"$@"
status=$?
if [ -n "$(ls -A "$reports")" ]; then
    sed 's/^/# /' "$reports"/*
    status=1
fi
exit $status
