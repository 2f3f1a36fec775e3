#!/bin/bash
# SPDX-License-Identifier: MIT
# renameat2: plain, NOREPLACE, EXCHANGE and WHITEOUT, between directories; never EXDEV inside a map.
# variants: default; cache=none; writers=exclusive
. "$SFS_LIB/lib.sh"
mount_fg
py <<'END'
os.mkdir(MNT + "/d1"); os.mkdir(MNT + "/d2")
def tell(path):
    return get(path).decode()
put(MNT + "/d1/a", "a"); put(MNT + "/d2/b", "b")
raises("EEXIST", renameat2, MNT + "/d1/a", MNT + "/d2/b", RENAME_NOREPLACE)
eq((tell(MNT + "/d1/a"), tell(MNT + "/d2/b")), ("a", "b"))
renameat2(MNT + "/d1/a", MNT + "/d2/new", RENAME_NOREPLACE)
raises("ENOENT", os.stat, MNT + "/d1/a")
ino = os.stat(MNT + "/d2/new").st_ino, os.stat(MNT + "/d2/b").st_ino
renameat2(MNT + "/d2/new", MNT + "/d2/b", RENAME_EXCHANGE)
eq((tell(MNT + "/d2/new"), tell(MNT + "/d2/b")), ("b", "a"), "exchange")
eq((os.stat(MNT + "/d2/b").st_ino, os.stat(MNT + "/d2/new").st_ino), ino, "inode numbers after exchange")
eq((tell(SRC + "/d2/new"), tell(SRC + "/d2/b")), ("b", "a"), "exchange at the source")
# exchange a file and a directory, over directories
os.mkdir(MNT + "/d1/sub"); put(MNT + "/d1/sub/deep", "deep")
renameat2(MNT + "/d1/sub", MNT + "/d2/b", RENAME_EXCHANGE)
eq(tell(MNT + "/d1/sub"), "a"); eq(tell(MNT + "/d2/b/deep"), "deep")
ok(os.path.samefile(MNT + "/d2/b/..", MNT + "/d2"), ".. of a directory that was exchanged")
raises("ENOENT", renameat2, MNT + "/d1/none", MNT + "/d1/sub", RENAME_EXCHANGE)
raises("EINVAL", renameat2, MNT + "/d2/b", MNT + "/d1/x", RENAME_EXCHANGE | RENAME_NOREPLACE)
raises("EINVAL", renameat2, MNT + "/d2", MNT + "/d2/b/into-itself")
raises("EINVAL", renameat2, MNT + "/d2", MNT + "/d2/b", RENAME_EXCHANGE)
# whiteout: as on the source
put(MNT + "/w", "w"); put(SRC + "/wn", "w")
def outcome(top, name):
    try:
        renameat2(f"{top}/{name}", f"{top}/{name}-moved", RENAME_WHITEOUT)
        return "done"
    except OSError as e:
        return error_name(e)
native = outcome(SRC, "wn")
eq(outcome(MNT, "w"), native, "whiteout")
if native == "done":
    s = os.lstat(MNT + "/w")
    ok(stat.S_ISCHR(s.st_mode) and s.st_rdev == 0, "no whiteout left behind")
# plain renames replace
put(MNT + "/x", "x"); put(MNT + "/y", "y")
os.rename(MNT + "/x", MNT + "/y"); eq(tell(MNT + "/y"), "x")
os.mkdir(MNT + "/empty"); os.rename(MNT + "/d1", MNT + "/empty"); eq(tell(MNT + "/empty/sub"), "a")
os.mkdir(MNT + "/full"); put(MNT + "/full/f")
raises("ENOTEMPTY|EEXIST", os.rename, MNT + "/empty", MNT + "/full")
raises("EISDIR", os.rename, MNT + "/y", MNT + "/full")
raises("ENOTDIR", os.rename, MNT + "/full", MNT + "/y")
raises("EXDEV", os.rename, MNT + "/y", SRC + "/y2")
raises("EBUSY|EXDEV", os.rename, MNT, MNT + "/full/x")
# a name that the kernel holds as missing is there after a rename, the old one missing
raises("ENOENT", os.stat, MNT + "/target")
os.rename(MNT + "/y", MNT + "/target"); eq(tell(MNT + "/target"), "x")
raises("ENOENT", os.stat, MNT + "/y")
END
