#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Give each file of a git checkout the time of the commit that changed it last, for tools that compare times: Julia up
# to 1.10, make, cargo.  A fresh checkout has the time of the checkout, and everything would be compiled again.
#
#     commit-times.sh [DIR]
#
# Needs the whole history (git clone without --depth).  Files with changes that are not committed keep their time.
set -eu
cd "${1:-.}"
if [ "$(git rev-parse --is-shallow-repository)" != false ]; then
    echo "${0##*/}: the history is not complete: its oldest commit would seem to change all (git fetch --unshallow)" >&2
    exit 1
fi
# shellcheck disable=SC2016 # the inner shell expands
git ls-files -z | xargs -0 -r sh -euc '
    for file; do
        git --literal-pathspecs diff --quiet HEAD -- "$file" || continue
        time=$(git --literal-pathspecs log -1 --format=%ct -- "$file")
        touch --no-dereference --date "@$time" -- "$file"
    done' sh
