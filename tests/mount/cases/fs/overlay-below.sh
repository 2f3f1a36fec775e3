#!/bin/bash
# SPDX-License-Identifier: MIT
# Files of an overlay on an overlay that is mounted below the source cannot be the kernel's backing files: they are served all the
# same, and the others do not lose passthrough by that.
. "$SFS_LIB/lib.sh"
need_root
mkdir "$TMP"/{lower,upper,work,upper2,work2,one} "$SRC/ov"; echo lower >"$TMP/lower/f"; echo plain >"$SRC/f"
overlay() {
    mount -t overlay overlay -o "lowerdir=$1,upperdir=$2,workdir=$3" "$4" 2>"$TMP/err" ||
        skip "SKIP-OK: no overlay can be mounted here: $(cat "$TMP/err")"
}
overlay "$TMP/lower" "$TMP/upper" "$TMP/work" "$TMP/one"
overlay "$TMP/one" "$TMP/upper2" "$TMP/work2" "$SRC/ov"
mount_fg
io() { "$STABLEFS" status --json "$MNT" | grep -o '"io": *"[a-z]*"'; }
before=$(io)
equal "$(cat "$MNT/f")" plain
py <<'END'
fd = opened(MNT + "/ov/f", os.O_RDWR); eq(os.read(fd, 10), b"lower\n"); os.pwrite(fd, b"L", 0)
other = opened(MNT + "/ov/f"); eq(os.read(other, 10), b"Lower\n"); eq(get(SRC + "/ov/f"), b"Lower\n")
os.close(fd); os.close(other)
fd = opened(MNT + "/f", os.O_RDWR); os.pwrite(fd, b"P", 0); eq(get(SRC + "/f"), b"Plain\n"); os.close(fd)
END
equal "$(io)" "$before" "I/O of the map after a file of the overlay"
umount_map; FILES=()
umount "$SRC/ov" "$TMP/one"
