#!/bin/bash
# SPDX-License-Identifier: MIT
# There is no symlink in the stable path: realpath, getcwd and /proc show it.
# variants: default; ro,cache=immutable
. "$SFS_LIB/lib.sh"
mkdir -p "$SRC/d/e"; echo x >"$SRC/d/f"; cp /bin/sleep "$SRC/sleep"; ln -s d "$SRC/inner"
mount_fg
equal "$(realpath "$MNT/d/f")" "$MNT/d/f"
equal "$(realpath "$MNT/inner/f")" "$MNT/d/f"
equal "$(cd "$MNT/d/e" && /bin/pwd -P)" "$MNT/d/e"
equal "$(cd "$MNT/d/e/.." && /bin/pwd -P)" "$MNT/d"
exec 9<"$MNT/d/f"; equal "$(readlink /proc/self/fd/9)" "$MNT/d/f"; exec 9<&-
"$MNT/sleep" 20 &
within 3 sh -c "[ \"\$(readlink /proc/$!/exe)\" = '$MNT/sleep' ]"
kill $!; wait $! || true
equal "$(stat -c %d "$MNT")" "$(stat -c %d "$MNT/d/e")"
[ "$(stat -c %d "$MNT")" != "$(stat -c %d "$(dirname "$MNT")")" ] || fail "a map is a device of its own"
equal "$(stat -c %m "$MNT/d/f")" "$MNT" "mount point"
