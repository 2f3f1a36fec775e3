#!/bin/bash
# SPDX-License-Identifier: MIT
# Inode numbers are the same whatever the kernel has forgotten in between, unique, and the ones that readdir tells.
# variants: default; ro,cache=immutable; cache=none
. "$SFS_LIB/lib.sh"
check make_tree "$SRC" 500 100 20
ln "$SRC/d0/s0/file-0" "$SRC/other-name"
mount_fg
numbers() { find "$MNT" -printf '%i %y %n %P\n' | sort -k4; }
numbers >"$TMP/first"
equal "$(awk '{print $1}' "$TMP/first" | sort | uniq -d | wc -l)" 1 "numbers that occur more than once (one file has two names)"
if is_root; then
    for _ in 1 2 3; do forget_files; done
    numbers >"$TMP/second"
    cmp "$TMP/first" "$TMP/second" || fail "numbers changed when the kernel forgot"
fi
exec 9<"$MNT/d0/s0/file-5"
equal "$(stat -Lc %i /proc/self/fd/9)" "$(stat -c %i "$MNT/d0/s0/file-5")"
exec 9<&-
py <<'END'
for folder, folders, files in os.walk(MNT):
    d = Dir(folder)
    for name, ino, kind in d.rest():
        if name == "..":
            if folder != MNT:
                eq(ino, os.stat(folder + "/..").st_ino, "d_ino of ..")
        else:
            eq(ino, os.lstat(os.path.join(folder, name)).st_ino, f"d_ino of {folder}/{name}")
    d.close()
eq(len({os.lstat(os.path.join(f, n)).st_dev for f, d, ns in os.walk(MNT) for n in d + ns}), 1, "st_dev in a map")
END
