#!/bin/bash
# SPDX-License-Identifier: MIT
# A directory removed while somebody stands in it or has it open.
# variants: default; cache=none
. "$SFS_LIB/lib.sh"
mount_fg
py <<'END'
os.makedirs(MNT + "/a/b")
os.chdir(MNT + "/a/b")
fd = opened(".", os.O_RDONLY | os.O_DIRECTORY)
raises("ENOTEMPTY", os.rmdir, MNT + "/a")
os.rmdir(MNT + "/a/b")
raises("ENOENT", os.getcwd)
raises("ENOENT", put, "new")
raises("ENOENT", os.mkdir, "new")
raises("ENOENT", os.stat, "f")
eq(os.listdir(fd), [])
eq(os.fstat(fd).st_nlink, 0)
ok(stat.S_ISDIR(os.stat(".").st_mode), "stat of .")
os.mkdir(MNT + "/a/b"); put(MNT + "/a/b/f")
raises("ENOENT", os.stat, "f")
os.chdir(MNT + "/a/b")
# removed behind our back
shutil.rmtree(SRC + "/a/b")
raises("ENOENT|ESTALE", put, "new")
wait_until(lambda: not os.path.exists(MNT + "/a/b"), 3, "a directory removed at the source is still there")
os.chdir("/")
os.mkdir(MNT + "/a/b"); eq(os.listdir(MNT + "/a/b"), [])
raises("EINVAL", os.rmdir, MNT + "/a/."); raises("ENOTEMPTY", os.rmdir, MNT + "/a/.."); raises("EBUSY", os.rmdir, MNT)
raises("ENOTDIR", os.rmdir, put(MNT + "/f")); raises("EISDIR", os.unlink, MNT + "/a")
END
