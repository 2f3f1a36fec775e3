#!/bin/bash
# SPDX-License-Identifier: MIT
# statfs and statvfs tell of the filesystem below.
. "$SFS_LIB/lib.sh"
mkdir "$SRC/d"; touch "$SRC/f"
mount_fg
py <<'END'
for name in ("", "/d", "/f"):
    a, b = os.statvfs(MNT + name), os.statvfs(SRC + name)
    for field in ("f_bsize", "f_frsize", "f_blocks", "f_files", "f_namemax"):
        eq(getattr(a, field), getattr(b, field), field)
    for field in ("f_bfree", "f_bavail", "f_ffree"):
        x, y = getattr(a, field), getattr(b, field)
        ok(abs(x - y) <= max(y * 0.02, 50000), f"{field}: {x} and {y}")
END
df "$MNT" >/dev/null
