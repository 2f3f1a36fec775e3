#!/bin/bash
# SPDX-License-Identifier: MIT
# A directory of 20 000 entries: all of them, once, with the right numbers and types; in a read-only map, too.
# variants: default; ro,cache=immutable; ro,cache=ttl:5; cache=none
. "$SFS_LIB/lib.sh"
py <<'END'
for n in range(20000):
    name = f"{SRC}/{'long-' * 20 if n % 7 == 0 else ''}{n}"
    if n % 100 == 0:
        os.mkdir(name)
    elif n % 100 == 1:
        os.symlink("x", name)
    else:
        os.close(os.open(name, os.O_CREAT))
END
mount_fg
py <<'END'
for turn in range(3):
    d = Dir(MNT)
    found = d.rest()
    d.close()
    names = [e[0] for e in found]
    eq(len(names), 20002, "entries")
    eq(sorted(names), sorted([".", ".."] + os.listdir(SRC)), "names")
    for name, ino, kind in found[:: 1 if turn == 0 else 50]:
        if name != "..":
            s = os.lstat(f"{MNT}/{name}")
            eq(ino, s.st_ino, f"d_ino of {name}")
            eq(kind, stat.S_IFMT(s.st_mode) >> 12, f"d_type of {name}")
eq(os.lstat(MNT).st_nlink, os.lstat(SRC).st_nlink, "links")
END
