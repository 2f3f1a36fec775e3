#!/bin/bash
# SPDX-License-Identifier: MIT
# A map below a read-only map that lacks the directory: the mount point and the directories on the way are shown, are
# listed once, cannot be removed, and have numbers of their own.
# variants: cache=immutable; cache=ttl:1; cache=none
. "$SFS_LIB/lib.sh"
need_namespace
mkdir -p "$SRC/outer/dir" "$SRC/inner" "$SRC/third"; echo o >"$SRC/outer/dir/f"; echo i >"$SRC/inner/f"; echo t >"$SRC/third/f"
conf() {
    cat <<END
[map outer]
path = $MNT
source = $SRC/outer
mode = ro
${SFS_OPTS/=/ = }
[map inner]
path = $MNT/made/deep/in
source = $SRC/inner
[map third]
path = $MNT/dir/third
source = $SRC/third
[map fourth]
path = $MNT/made/deep/in/below
source = $SRC/third
mode = ro
END
}
mkdir "$SRC/inner/below"
conf >"$TMP/n.ini"
stablefs mount -c "$TMP/n.ini"; FILES+=("$MNT" "$MNT/dir/third" "$MNT/made/deep/in" "$MNT/made/deep/in/below")
equal "$(cat "$MNT/made/deep/in/f" "$MNT/dir/third/f" "$MNT/dir/f" "$MNT/made/deep/in/below/f" | xargs)" "i t o t"
[ ! -e "$SRC/outer/made" ] && [ ! -e "$SRC/outer/dir/third" ] || fail "made a directory in the source of a read-only map"
for _ in 1 2; do
    equal "$(cd "$MNT" && echo *)" "dir made"
    equal "$(cd "$MNT/dir" && echo *)" "f third"
    equal "$(ls "$MNT/made")" deep
    equal "$(ls "$MNT/made/deep")" in
    equal "$(find "$MNT" -type f | wc -l)" 4
done
py <<'END'
seen = {}
for path in ("", "/dir", "/dir/f", "/made", "/made/deep"):
    s = os.lstat(MNT + path)
    eq(seen.setdefault((s.st_dev, s.st_ino), path), path, "one number for two")
for path in ("/made", "/made/deep"):
    s = os.stat(MNT + path)
    ok(stat.S_ISDIR(s.st_mode) and s.st_mode & 0o555 == 0o555, f"mode of {path}: {s.st_mode:o}")
    eq(s.st_size, 4096); ok(s.st_nlink >= 2, "link count"); ok(s.st_mtime > 1, "time")
    ok(os.access(MNT + path, os.R_OK | os.X_OK), "access"); eq(os.listxattr(MNT + path), [])
    os.statvfs(MNT + path)
    raises("EROFS|EBUSY", os.rmdir, MNT + path); raises("EROFS|EBUSY", os.rename, MNT + path, MNT + "/x")
    raises("EROFS", os.mkdir, MNT + path + "/x"); raises("EROFS", os.chmod, MNT + path, 0o700); raises("EROFS", put, MNT + path + "/x")
    raises("ENOENT", os.stat, MNT + path + "/none")
    d = Dir(MNT + path); entries = {e[0]: e[1:] for e in d.rest()}; d.close()
    ok({".", ".."} < set(entries), "dot entries"); eq(entries["."][0], s.st_ino, "d_ino of .")
    eq(entries[".."][0], os.stat(MNT + path + "/..").st_ino, "d_ino of ..")
d = Dir(MNT); entries = {e[0]: e[1:] for e in d.rest()}; d.close()
eq(entries["made"], (os.stat(MNT + "/made").st_ino, 4), "made in the listing")
os.chdir(MNT + "/made/deep"); eq(os.getcwd(), MNT + "/made/deep"); ok(os.path.samefile("../..", MNT), "..")
os.chdir("/")
END
# a directory that appears in the source under that name later does not disturb the mount
mkdir -p "$SRC/outer/made/deep/in"; touch "$SRC/outer/made/real"
sleep 1.2
equal "$(cat "$MNT/made/deep/in/f")" i
forget_files
equal "$(cat "$MNT/made/deep/in/f")" i
stablefs umount -c "$TMP/n.ini"
for p in "" /dir/third /made/deep/in; do ! mounted "$MNT$p" || fail "left: $p"; done
