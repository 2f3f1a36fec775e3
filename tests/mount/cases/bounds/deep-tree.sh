#!/bin/bash
# SPDX-License-Identifier: MIT
# Paths longer than PATH_MAX, 60 names of 200 bytes below one another: walked, written, moved, removed.
# variants: default; ro,cache=immutable
. "$SFS_LIB/lib.sh"
py <<'END'
os.chdir(SRC)
for n in range(60):
    os.mkdir("n" * 200); os.chdir("n" * 200)
put("bottom", "deep")
END
(ulimit -n 256 && mount_map) || fail "mount"
FILES+=("$MNT")
py <<'END'
def down():
    os.chdir(MNT)
    for n in range(60):
        os.chdir("n" * 200)
for turn in range(2):
    down()
    eq(get("bottom"), b"deep"); eq(os.listdir("."), ["bottom"]); os.stat("bottom")
    forget_files()
    eq(get("bottom"), b"deep")
    if "ro" not in OPTS:
        put("new", "x"); os.rename("new", "../new"); eq(get("../new"), b"x"); os.unlink("../new"); os.chmod("bottom", 0o600); os.link("bottom", "b2"); os.unlink("b2")
    else:
        raises("EROFS", put, "new")
os.chdir("/")
END
[[ $SFS_OPTS = ro* ]] || { rm -rf "$MNT"/n*; equal "$(ls -A "$SRC")" ""; }
