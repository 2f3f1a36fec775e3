#!/bin/sh
# SPDX-License-Identifier: MIT
# The manual pages are clean mdoc.
set -u
cd "${srcdir:-$(dirname "$0")/..}" || exit 99
if ! command -v "${MANDOC:-mandoc}" >/dev/null; then
    echo "mandoc is not installed"
    exit 77
fi
"${MANDOC:-mandoc}" -Tlint -Wwarning man/*.[1-8]
status=$?
# every case that stablefs-semantics(7) names as the test of a paragraph is there
for name in $(sed -n 's/^\.\\" test: //p' man/stablefs-semantics.7); do
    case $name in
    */*) [ -e "tests/mount/cases/$name.sh" ] || { echo "stablefs-semantics(7) names no test: $name"; status=1; } ;;
    esac
done
exit $status
