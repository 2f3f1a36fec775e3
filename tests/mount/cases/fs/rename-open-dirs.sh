#!/bin/bash
# SPDX-License-Identifier: MIT
# A directory renamed while files below it are open, a working directory is in it, and it is being read.
# variants: default; cache=none; io=direct; writers=exclusive
. "$SFS_LIB/lib.sh"
mount_fg
py <<'END'
os.makedirs(MNT + "/a/b/c")
for n in range(50):
    put(f"{MNT}/a/b/c/f{n}", str(n))
fd = opened(MNT + "/a/b/c/f7", os.O_RDWR)
at = opened(MNT + "/a/b/c", os.O_RDONLY | os.O_DIRECTORY)
reading = Dir(MNT + "/a/b/c")
first = reading.read()
os.chdir(MNT + "/a/b/c")
os.mkdir(MNT + "/z")
os.rename(MNT + "/a/b", MNT + "/z/bb")
os.rename(MNT + "/z", MNT + "/zz")
eq(os.getcwd(), MNT + "/zz/bb/c", "working directory")
eq(os.readlink(f"/proc/self/fd/{fd}"), MNT + "/zz/bb/c/f7")
os.write(fd, b"written")
eq(get("f7"), b"written")
eq(get(SRC + "/zz/bb/c/f7"), b"written")
eq(os.stat("f8", dir_fd=at).st_size, 1)
os.unlink("f9", dir_fd=at)
put("new", "n")
eq(get(SRC + "/zz/bb/c/new"), b"n")
names = {e[0] for e in [first, *reading.rest()]}
ok({f"f{n}" for n in range(50) if n not in (9,)} <= names, "reading went on")
os.rename("f1", "../f1-up")
ok(os.path.exists(SRC + "/zz/bb/f1-up"), "rename relative to a moved directory")
raises("ENOENT", os.stat, MNT + "/a/b")
# a chain of renames below one another, with everything known to the kernel
os.rename(MNT + "/zz/bb/c", MNT + "/c"); os.rename(MNT + "/zz", MNT + "/c/zz")
eq(os.getcwd(), MNT + "/c")
eq(sorted(os.listdir("zz/bb")), ["f1-up"])
os.fsync(at)
raises("ENOENT", os.stat, MNT + "/zz")
eq(os.stat(MNT + "/c/zz/bb/f1-up").st_ino, os.stat("zz/bb/f1-up").st_ino)
# renamed behind our back: what is open goes on
os.rename(SRC + "/c", SRC + "/behind")
os.pwrite(fd, b"W", 0)
eq(get(SRC + "/behind/f7"), b"Written")
os.fstat(fd); os.fstat(at)
# (where nobody else may write, the old name may stay known)
keeps_names = "exclusive" in os.environ["SFS_OPTS"]
wait_until(lambda: os.path.isdir(MNT + "/behind") and (keeps_names or not os.path.isdir(MNT + "/c")), 4, "the rename at the source is not seen")
eq(get(MNT + "/behind/f7"), b"Written")
END
