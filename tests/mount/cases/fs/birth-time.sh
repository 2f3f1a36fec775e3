#!/bin/bash
# SPDX-License-Identifier: MIT
# The time of birth is that of the source, or is not told; never something else.
. "$SFS_LIB/lib.sh"
touch "$SRC/f"; sleep 0.02
mount_fg
touch "$MNT/f"; mkdir "$MNT/d"
for name in f d; do
    case $(stat -c %W "$MNT/$name") in 0 | - | "$(stat -c %W "$SRC/$name")") ;; *) fail "birth of $name: $(stat -c %w "$MNT/$name"), at the source $(stat -c %w "$SRC/$name")" ;; esac
done
