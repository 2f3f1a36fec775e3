#!/bin/bash
# SPDX-License-Identifier: MIT
# One file under two names is one inode with a true link count, whichever way the names came to be.
# variants: default; cache=none; writers=exclusive
. "$SFS_LIB/lib.sh"
echo data >"$SRC/a"; ln "$SRC/a" "$SRC/b"; mkdir "$SRC/d"
mount_fg
py <<'END'
def same(*names):
    found = [os.stat(f"{MNT}/{n}") for n in names]
    eq(len({(s.st_dev, s.st_ino) for s in found}), 1, f"inodes of {names}")
    eq({s.st_nlink for s in found}, {len(names)}, f"link count of {names}")
    ok(os.path.samefile(f"{MNT}/{names[0]}", f"{MNT}/{names[-1]}"), "samefile")
same("a", "b")
os.link(MNT + "/a", MNT + "/d/c")
same("a", "b", "d/c")
eq(os.stat(SRC + "/d/c").st_nlink, 3)
put(MNT + "/b", "through b")
eq(get(MNT + "/d/c"), b"through b", "content by another name")
os.chmod(MNT + "/d/c", 0o640)
eq({perm(f"{MNT}/{n}") for n in ("a", "b", "d/c")}, {0o640}, "mode by another name")
os.unlink(MNT + "/b")
same("a", "d/c")
os.rename(MNT + "/d/c", MNT + "/c")
same("a", "c")
os.rename(MNT + "/a", MNT + "/c")          # two names of one file: rename does nothing
same("a", "c")
put(MNT + "/other")
os.rename(MNT + "/other", MNT + "/c")      # replaces one of the names
eq(os.stat(MNT + "/a").st_nlink, 1)
raises("EEXIST", os.link, MNT + "/a", MNT + "/c")
raises("EPERM", os.link, MNT + "/d", MNT + "/dd")
raises("EXDEV", os.link, MNT + "/a", SRC + "/x")
raises("EXDEV", os.link, SRC + "/a", MNT + "/x")
raises("ENOENT", os.link, MNT + "/none", MNT + "/x")
# directories count their subdirectories as the source does
before = os.stat(MNT + "/d").st_nlink
os.mkdir(MNT + "/d/e")
eq(os.stat(MNT + "/d").st_nlink, os.stat(SRC + "/d").st_nlink, "links of a directory")
# a link to a symbolic link
os.symlink("a", MNT + "/sym")
os.link(MNT + "/sym", MNT + "/sym2", follow_symlinks=False)
eq(os.lstat(MNT + "/sym").st_ino, os.lstat(MNT + "/sym2").st_ino)
eq(os.lstat(MNT + "/sym").st_nlink, 2)
END
