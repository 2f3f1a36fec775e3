#!/bin/bash
# SPDX-License-Identifier: MIT
# Opening, reading in pieces, seeking and mapping without handles: many descriptors of one file have their own offsets.
# variants: ro,cache=immutable; ro,cache=ttl:1
. "$SFS_LIB/lib.sh"
seq 1 100000 >"$SRC/f"; mkdir "$SRC/d"; touch "$SRC/d/"{a,b,c}
mount_fg
py <<'END'
data = get(SRC + "/f")
fds = [opened(MNT + "/f") for _ in range(100)]
for n, fd in enumerate(fds):
    os.lseek(fd, n * 1000, 0)
for fd, n in zip(fds, range(100)):
    eq(os.read(fd, 50), data[n * 1000:n * 1000 + 50])
[os.close(fd) for fd in fds]
dirs = [Dir(MNT + "/d") for _ in range(20)]
for d in dirs: d.read()
for d in dirs: eq(len(d.rest()), 4)
for d in dirs:
    d.rewind(); eq(len(d.rest()), 5); d.close()
raises("EISDIR", os.read, opened(MNT + "/d", os.O_DIRECTORY), 1)
raises("ENOTDIR", os.listdir, MNT + "/f")
if ROOT:
    os.chmod(SRC + "/d", 0o755)
    put(SRC + "/secret"); os.chmod(SRC + "/secret", 0o600); os.mkdir(SRC + "/closed", 0o700)
    raises("EACCES", as_user, 61001, 61001, opened, MNT + "/secret")
    raises("EACCES", as_user, 61001, 61001, os.listdir, MNT + "/closed")
    raises("EACCES", as_user, 61001, 61001, os.stat, MNT + "/closed/x")
END
