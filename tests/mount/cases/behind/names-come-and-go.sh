#!/bin/bash
# SPDX-License-Identifier: MIT
# Names that appear, disappear and change their kind in the source; names found missing before (negative entries).
# variants: default; cache=none; ro,cache=ttl:1; ro,cache=none
. "$SFS_LIB/lib.sh"
mount_fg
py <<'END'
limit = 0 if "none" in OPTS else 4
def now(condition, what):
    ok(condition() if limit == 0 else wait_until(condition, limit, what), what)
raises("ENOENT", os.stat, MNT + "/a"); os.listdir(MNT)
put(SRC + "/a", "a")
now(lambda: os.path.exists(MNT + "/a"), "a new file after a missing one")
now(lambda: "a" in os.listdir(MNT), "a new file in the listing")
os.unlink(SRC + "/a")
now(lambda: not os.path.exists(MNT + "/a"), "a deleted file")
now(lambda: "a" not in os.listdir(MNT), "a deleted file in the listing")
raises("ENOENT", opened, MNT + "/a")
os.mkdir(SRC + "/a"); put(SRC + "/a/inner", "i")
now(lambda: os.path.isdir(MNT + "/a"), "a directory of that name")
eq(get(MNT + "/a/inner"), b"i")
shutil.rmtree(SRC + "/a"); put(SRC + "/a", "file again")
now(lambda: os.path.isfile(MNT + "/a") and get(MNT + "/a") == b"file again", "a file in the place of a directory")
os.unlink(SRC + "/a"); os.symlink("b", SRC + "/a"); put(SRC + "/b", "target")
now(lambda: os.path.islink(MNT + "/a") and get(MNT + "/a") == b"target", "a link in the place of a file")
os.makedirs(SRC + "/t/u"); put(SRC + "/t/u/v", "v")
now(lambda: os.path.exists(MNT + "/t/u/v"), "a tree")
os.rename(SRC + "/t", SRC + "/t2")
now(lambda: not os.path.exists(MNT + "/t/u/v"), "a renamed tree's old name")
eq(get(MNT + "/t2/u/v"), b"v", "a renamed tree's new name")
os.rename(SRC + "/b", SRC + "/t2/u/v")
now(lambda: get(MNT + "/t2/u/v") == b"target", "replaced by rename")
END
