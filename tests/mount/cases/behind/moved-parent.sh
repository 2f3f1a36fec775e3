#!/bin/bash
# SPDX-License-Identifier: MIT
# A directory moved away in the source, out of the source altogether, while files below it are known: what is open goes
# on, nothing new is reached below it outside of the source by name, and the daemon lives.
. "$SFS_LIB/lib.sh"
mkdir -p "$SRC/p/q" "$TMP/elsewhere"; echo in >"$SRC/p/q/f"; echo in >"$SRC/p/q/g"
mount_fg
exec 8<"$MNT/p/q/f"
mv "$SRC/p" "$TMP/elsewhere/p"
equal "$(cat <&8)" in
exec 8<&-
within 4 not test -e "$MNT/p/q/g"
mkdir -p "$SRC/p/q"; echo new >"$SRC/p/q/g"
within 4 sh -c "[ \"\$(cat '$MNT/p/q/g' 2>/dev/null)\" = new ]"
rm -rf "$TMP/elsewhere"
check replies "$MNT"
