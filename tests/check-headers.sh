#!/bin/sh
# SPDX-License-Identifier: MIT
# Each header compiles alone (after config.h).  Takes COMPILE, the compiler with its options, from the environment.
set -u
cd "${srcdir:?}/src" || exit 99
: "${COMPILE:?}"
failed=0
for header in $(find . -name '*.h' | sed 's,^\./,,' | LC_ALL=C sort); do
    # shellcheck disable=SC2086 # a command line
    if ! printf '#include "config.h"\n#include "%s"\n' "$header" | $COMPILE -Werror -fsyntax-only -x c -; then
        echo "src/$header does not compile alone"
        failed=1
    fi
done
exit $failed
