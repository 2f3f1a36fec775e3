#!/bin/bash
# SPDX-License-Identifier: MIT
# Links: text kept byte by byte, up to the longest; followed on the caller's side.
# variants: default; cache=none
. "$SFS_LIB/lib.sh"
mount_fg
py <<'END'
put(MNT + "/target", "t")
texts = ["target", "./target", "none", "/", "a" * 255, "x/" * 2000 + "end", "y" * 4095, "späß\n\t*", "..", "/dev/null"]
for n, text in enumerate(texts):
    path = f"{MNT}/l{n}"
    os.symlink(text, path)
    eq(os.readlink(path), text)
    eq(os.readlink(f"{SRC}/l{n}"), text)
    s = os.lstat(path)
    eq(s.st_size, len(text.encode()), "size of a link")
    eq(stat.S_IFMT(s.st_mode), stat.S_IFLNK)
raises("ENAMETOOLONG", os.symlink, "z" * 4096, MNT + "/long")
raises("ENOENT", os.symlink, "", MNT + "/empty")
raises("EEXIST", os.symlink, "a", MNT + "/l0")
raises("EINVAL", os.readlink, MNT + "/target")
eq(get(MNT + "/l0"), b"t")
raises("ENOENT", get, MNT + "/l2")
os.symlink("loop2", MNT + "/loop1"); os.symlink("loop1", MNT + "/loop2")
raises("ELOOP", get, MNT + "/loop1")
raises("ELOOP", opened, MNT + "/l0", os.O_RDONLY | os.O_NOFOLLOW)
fd = opened(MNT + "/l0", os.O_PATH | os.O_NOFOLLOW)
eq(os.readlink("", dir_fd=fd), "target")
if ROOT:
    os.lchown(MNT + "/l0", 61001, 61002)
    eq((os.lstat(SRC + "/l0").st_uid, os.lstat(SRC + "/l0").st_gid, os.lstat(SRC + "/target").st_uid), (61001, 61002, 0))
os.rename(MNT + "/l0", MNT + "/moved")
eq(os.readlink(MNT + "/moved"), "target")
os.unlink(MNT + "/moved")
ok(os.path.exists(SRC + "/target"), "unlink removes the link, not the target")
# the text replaced behind our back is seen within the second that the default map allows
os.symlink("old", MNT + "/swap"); eq(os.readlink(MNT + "/swap"), "old")
os.unlink(SRC + "/swap"); os.symlink("newer", SRC + "/swap")
wait_until(lambda: os.readlink(MNT + "/swap") == "newer", 3, "a replaced link still shows its old text")
eq(os.lstat(MNT + "/swap").st_size, 5)
END
