#!/bin/sh
# SPDX-License-Identifier: MIT
# Each source file is in the local.mk of its directory: a forgotten one would not be built, or not be in the release.
set -u
cd "${srcdir:-$(dirname "$0")/..}" || exit 99
failed=0
for file in $(find src tests/unit tests/race tests/anomaly tests/fuzz tests/bench -name '*.[ch]' | LC_ALL=C sort) man/*.[1-8]; do
    if ! grep -qE "%D%/${file##*/}( |\$)" "${file%/*}/local.mk" 2>/dev/null; then
        echo "$file is not listed in ${file%/*}/local.mk"
        failed=1
    fi
done
exit $failed
