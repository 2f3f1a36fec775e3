#!/bin/bash
# SPDX-License-Identifier: MIT
# A source that spans two filesystems whose inode numbers collide: the map's numbers do not, so that dlopen, gcc and
# samefile tell the files apart; links across stay impossible, renames say EXDEV as the source does.
# variants: default; ro,cache=immutable; cache=none
. "$SFS_LIB/lib.sh"
need_root
mkdir "$SRC/one" "$SRC/two"
mount -t tmpfs -o inode64 none "$SRC/one"
mount -t tmpfs -o inode64 none "$SRC/two"
need gcc
for n in one two; do
    echo "int which(void) { return $([ $n = one ] && echo 1 || echo 2); }" >"$TMP/$n.c"
    gcc -shared -fPIC -o "$TMP/$n.so" "$TMP/$n.c"
    cp "$TMP/$n.so" "$SRC/$n/lib.so"
    echo "$n" >"$SRC/$n/file"
    mkdir "$SRC/$n/sub"; echo "deep $n" >"$SRC/$n/sub/file"
done
equal "$(stat -c %i "$SRC/one/lib.so")" "$(stat -c %i "$SRC/two/lib.so")" "the trial needs equal numbers"
mount_fg
py <<'END'
for name in ("", "/lib.so", "/file", "/sub", "/sub/file"):
    a, b = os.stat(f"{MNT}/one{name}"), os.stat(f"{MNT}/two{name}")
    eq(a.st_dev, b.st_dev, "one device in a map")
    ok(a.st_ino != b.st_ino, f"one{name} and two{name} have one number")
    ok(not os.path.samefile(f"{MNT}/one{name}", f"{MNT}/two{name}"), "samefile")
seen = {}
for folder, folders, files in os.walk(MNT):
    for n in folders + files:
        p = os.path.join(folder, n)
        eq(seen.setdefault(os.lstat(p).st_ino, p), p, "two files, one number")
one, two = ctypes.CDLL(MNT + "/one/lib.so"), ctypes.CDLL(MNT + "/two/lib.so")
eq((one.which(), two.which()), (1, 2), "dlopen of two libraries")
eq((get(MNT + "/one/file"), get(MNT + "/two/file")), (b"one\n", b"two\n"))
eq((get(MNT + "/one/sub/file"), get(MNT + "/two/sub/file")), (b"deep one\n", b"deep two\n"))
for name in ("one", "two"):
    d = Dir(f"{MNT}/{name}")
    for entry, ino, kind in d.rest():
        if entry != "..":  # the root of a filesystem calls itself its parent
            eq(ino, os.stat(f"{MNT}/{name}/{entry}").st_ino, f"d_ino of {name}/{entry}")
    d.close()
d = Dir(MNT)
for entry, ino, kind in d.rest():
    if entry in ("one", "two"):
        eq(ino, os.stat(f"{MNT}/{entry}").st_ino, f"d_ino of {entry}")
d.close()
if "ro" not in OPTS:
    raises("EXDEV", os.link, MNT + "/one/file", MNT + "/two/link")
    raises("EXDEV", os.rename, MNT + "/one/file", MNT + "/two/moved")
    raises("EBUSY|EXDEV", os.rename, MNT + "/one", MNT + "/three")
    raises("EBUSY", os.rmdir, MNT + "/one")
    put(MNT + "/two/new", "n")
    eq(get(SRC + "/two/new"), b"n")
    eq(os.statvfs(MNT + "/one").f_blocks, os.statvfs(SRC + "/one").f_blocks, "statvfs of the filesystem that the file is on")
forget_files()
for i, p in seen.items():
    eq(os.lstat(p).st_ino, i, f"number of {p} after the kernel forgot")
END
