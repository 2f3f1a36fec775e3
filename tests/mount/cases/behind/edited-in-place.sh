#!/bin/bash
# SPDX-License-Identifier: MIT
# A file edited in place in the source is seen as cache= says: at once with none, within the time with ttl.
# variants: default; cache=none; io=direct; ro,cache=ttl:1; ro,cache=none; cache=ttl:2
. "$SFS_LIB/lib.sh"
mount_fg
py <<'END'
def edit(text, offset=0):
    with open(SRC + "/f", "r+b") as f:
        f.seek(offset); f.write(text)
limit = 0 if "none" in OPTS else 4
put(SRC + "/f", b"version 0" + b"." * 9000)
wait_until(lambda: os.path.exists(MNT + "/f"), 4)
for n in range(1, 6):
    get(MNT + "/f"); os.stat(MNT + "/f")
    edit(b"version %d" % n)                       # same size
    def seen():
        return get(MNT + "/f")[:9] == b"version %d" % n
    ok(seen() if limit == 0 else wait_until(seen, limit), f"edit {n} is not seen")
    eq(os.stat(MNT + "/f").st_mtime_ns, os.stat(SRC + "/f").st_mtime_ns) if limit == 0 else \
        wait_until(lambda: os.stat(MNT + "/f").st_mtime_ns == os.stat(SRC + "/f").st_mtime_ns, limit)
# with the file held open
fd = opened(MNT + "/f"); eq(os.pread(fd, 9, 0), b"version 5")
edit(b"version 6"); wait_until(lambda: os.pread(fd, 9, 0) == b"version 6", limit or 1, "an edit is not seen by who has it open")
# growing and shrinking
with open(SRC + "/f", "ab") as f: f.write(b"tail")
def grown(): return get(MNT + "/f")[-4:] == b"tail" and os.stat(MNT + "/f").st_size == 9013
ok(grown() if limit == 0 else wait_until(grown, limit), "growth is not seen")
os.truncate(SRC + "/f", 5)
def shrunk(): return get(MNT + "/f") == b"versi"
ok(shrunk() if limit == 0 else wait_until(shrunk, limit), "truncation is not seen")
os.truncate(SRC + "/f", 5000)
def zeros(): return get(MNT + "/f") == b"versi" + bytes(4995)
ok(zeros() if limit == 0 else wait_until(zeros, limit), "old data beyond a truncation")
# attributes
os.chmod(SRC + "/f", 0o604); os.utime(SRC + "/f", ns=(1, 12345678901))
def attributes(): s = os.stat(MNT + "/f"); return (stat.S_IMODE(s.st_mode), s.st_mtime_ns) == (0o604, 12345678901)
ok(attributes() if limit == 0 else wait_until(attributes, limit), "attributes are not seen")
END
