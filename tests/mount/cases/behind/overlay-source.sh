#!/bin/bash
# SPDX-License-Identifier: MIT
# A source on the kernel's overlayfs, as a project in a layer of a container image is: the first write copies a file or
# directory up, which changes its birth time but not its number. It stays the same file, for those who have it open too.
# variants: default; cache=none; io=cached
. "$SFS_LIB/lib.sh"
need_root
mkdir -p "$TMP/lower/dir/sub" "$TMP/upper" "$TMP/work"
for f in f dir/g dir/sub/h; do echo "$f" >"$TMP/lower/$f"; done
# the overlay's own upper must not be an overlay
mount -t tmpfs none "$TMP/upper"; mkdir "$TMP/upper/u" "$TMP/upper/w"
mount -t overlay -o "lowerdir=$TMP/lower,upperdir=$TMP/upper/u,workdir=$TMP/upper/w" none "$SRC"
mount_fg
py <<'END'
eq(sorted(os.listdir(MNT)), ["dir", "f"])
inside = opened(MNT + "/dir/sub", os.O_RDONLY | os.O_DIRECTORY)
held = opened(MNT + "/f", os.O_PATH)
reading = opened(MNT + "/dir/g")
os.chdir(MNT + "/dir/sub")
put(MNT + "/new", "1")                               # the root is copied up
eq(sorted(os.listdir(MNT)), ["dir", "f", "new"])
put("new", "2")                                      # the working directory, and those above it
eq(sorted(os.listdir(".")), ["h", "new"])
eq(sorted(os.listdir(inside)), ["h", "new"])
os.chmod(MNT + "/f", 0o600)                          # a file somebody holds by O_PATH
eq(stat.S_IMODE(os.fstat(held).st_mode), 0o600)
eq(get(f"/proc/self/fd/{held}"), b"f\n")
put(MNT + "/dir/g", "changed")                       # a file that is open for reading
ok(os.pread(reading, 10, 0) in (b"dir/g\n", b"changed"), "open before it was copied up")
eq(get(MNT + "/dir/g"), b"changed")
os.rename(MNT + "/dir/sub/h", MNT + "/h"); eq(get(MNT + "/h"), b"dir/sub/h\n")
eq(get(SRC + "/dir/sub/new"), b"2")
END
