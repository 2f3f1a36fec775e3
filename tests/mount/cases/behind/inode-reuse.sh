#!/bin/bash
# SPDX-License-Identifier: MIT
# A source that gives a deleted file's inode number to a new one: the new one never shows the old data, size or kind,
# also with the same size and times.
# variants: default; cache=none; io=direct; ro,cache=ttl:1
. "$SFS_LIB/lib.sh"
mount_fg
py <<'END'
reused = 0
for n in range(60):
    first = put(f"{SRC}/first{n}", b"old %03d" % n * 100)
    os.utime(first, ns=(10**18, 10**18))
    ino = os.stat(first).st_ino
    eq(get(f"{MNT}/first{n}"), b"old %03d" % n * 100)
    fd = opened(f"{MNT}/first{n}") if n % 3 == 0 else None
    if fd: os.close(fd)
    os.unlink(first)
    second = f"{SRC}/second{n}"
    if n % 4 == 3:
        os.mkdir(second)
    else:
        put(second, b"new %03d" % n * 100)
        os.utime(second, ns=(10**18, 10**18))
    reused += os.stat(second).st_ino == ino
    path = f"{MNT}/second{n}"
    if n % 4 == 3:
        ok(os.path.isdir(path) and os.listdir(path) == [], "a directory with a file's old number")
    else:
        eq(get(path), b"new %03d" % n * 100, f"data of a file that got the number of another (turn {n})")
        eq(stat.S_IFMT(os.stat(path).st_mode), stat.S_IFREG)
    # under the same name, at the latest when the cache time is over
    third = put(f"{SRC}/same{n}", b"A" * 500); os.utime(third, ns=(10**18, 10**18))
    if n < 6:
        eq(get(f"{MNT}/same{n}"), b"A" * 500)
        os.unlink(third); put(third, b"B" * 500); os.utime(third, ns=(10**18, 10**18))
        def seen():
            data = get(f"{MNT}/same{n}"); ok(data in (b"A" * 500, b"B" * 500), "a mixture"); return data[:1] == b"B"
        ok(seen() if "none" in OPTS else wait_until(seen, 4), "old data under the same name and number")
ok(reused > 5 or not ROOT, f"the source reused only {reused} numbers: nothing was tried")
# held open by somebody: the number may be reused only when the old file is gone
END
