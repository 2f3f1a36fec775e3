#!/bin/bash
# SPDX-License-Identifier: MIT
# Reading a directory while entries come and go: what stays is seen exactly once, telldir and seekdir lead back.
# variants: default; cache=none; writers=exclusive
. "$SFS_LIB/lib.sh"
mkdir "$SRC/d" "$SRC/e"
mount_fg
py <<'END'
names = [f"entry-{n:05}" for n in range(3000)]
for n in names:
    put(f"{SRC}/d/{n}")
    put(f"{SRC}/e/{n}")

def once(found, must, what):
    seen = [e[0] for e in found]
    eq(len(seen), len(set(seen)), f"{what}: names more than once")
    eq(sorted(set(must) - set(seen)), [], f"{what}: missing")

# deleted while being read, as rm -r does
d = Dir(MNT + "/d")
found = []
while entry := d.read():
    found.append(entry)
    if entry[0].startswith("entry"):
        os.unlink(f"{MNT}/d/{entry[0]}")
once(found, names + [".", ".."], "deleted while reading")
eq(os.listdir(SRC + "/d"), [])
d.rewind()
eq(sorted(e[0] for e in d.rest()), [".", ".."], "after rewinddir")
d.close()

# others come and go, through the map and behind it
d = Dir(MNT + "/e")
found = [d.read() for _ in range(1000)]
for n in range(500):
    put(f"{MNT}/e/new-{n}")
    put(f"{SRC}/e/behind-{n}")
    if n % 2:
        os.unlink(f"{MNT}/e/{names[n]}")
found += d.rest()
d.close()
once(found, names[500:] + names[0:500:2], "others come and go")

# telldir: every position leads back to the entry that followed it
d = Dir(MNT + "/e")
marks = []
while True:
    where = d.tell()
    entry = d.read()
    marks.append((where, entry))
    if not entry:
        break
import random
dice = random.Random(1)
for where, entry in dice.sample(marks, 300):
    d.seek(where)
    eq(d.read(), entry, f"seekdir {where}")
d.seek(marks[-1][0]); eq(d.read(), None, "seekdir to the end")
d.seek(marks[0][0]); eq(len(d.rest()), len(marks) - 1, "seekdir to the start")
# ... also after half of them are gone
d.seek(marks[100][0])
for _, entry in marks[:90]:
    if entry[0] not in (".", ".."):
        os.unlink(f"{MNT}/e/{entry[0]}")
once(d.rest(), [e[0] for _, e in marks[100:-1]], "after a deletion before the mark")
d.close()

# a new entry is seen by who opens the directory again, at once
for n in range(50):
    put(f"{MNT}/d/n{n}")
    ok(f"n{n}" in os.listdir(MNT + "/d"), "a new name is not listed")
    os.unlink(f"{MNT}/d/n{n}")
    ok(f"n{n}" not in os.listdir(MNT + "/d"), "a deleted name is listed")
# offsets survive an open directory being shared by two
fd = opened(MNT + "/e", os.O_RDONLY | os.O_DIRECTORY)
def part():
    return "\n".join(e[3] for e in getdents_raw(fd, 2000))
first = part(); second = in_child(part); third = part()
parts = [p.split("\n") for p in (first, second, third)]
eq(len(set(sum(parts, []))), sum(map(len, parts)), "an offset shared by two processes")
# an empty buffer is an error, not the end
raises("EINVAL", getdents_raw, fd, 8)
END
