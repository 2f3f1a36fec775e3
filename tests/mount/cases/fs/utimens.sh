#!/bin/bash
# SPDX-License-Identifier: MIT
# utimensat: both times, each alone, now and omit, nanoseconds, far past and future, of links, by descriptor; who may.
# variants: default; cache=none; io=direct; writers=exclusive
. "$SFS_LIB/lib.sh"
mount_fg
py <<'END'
path = put(MNT + "/f", "x")
def times(p=path, follow=True):
    s = os.stat(p, follow_symlinks=follow)
    t = os.stat(p.replace(MNT, SRC, 1), follow_symlinks=follow)
    eq((s.st_atime_ns, s.st_mtime_ns, s.st_ctime_ns), (t.st_atime_ns, t.st_mtime_ns, t.st_ctime_ns), "map and source")
    return s.st_atime_ns, s.st_mtime_ns
utimens(path, (1000, 123456789), (2000, 987654321))
eq(times(), (1000123456789, 2000987654321))
utimens(path, UTIME_OMIT, (3000, 1))
eq(times(), (1000123456789, 3000000000001))
utimens(path, (4000, 2), UTIME_OMIT)
eq(times(), (4000000000002, 3000000000001))
before = os.stat(path).st_ctime_ns
utimens(path, UTIME_OMIT, UTIME_OMIT)
eq(times(), (4000000000002, 3000000000001))
eq(os.stat(path).st_ctime_ns, before, "ctime after omitting both")
now = time.time_ns()
utimens(path, UTIME_NOW, UTIME_OMIT)
got = times()
ok(abs(got[0] - now) < 5e9 and got[1] == 3000000000001, f"UTIME_NOW for atime: {got}")
utimens(path, (5, 5), UTIME_NOW)
got = times()
ok(got[0] == 5000000005 and abs(got[1] - now) < 5e9, f"UTIME_NOW for mtime: {got}")
utimens(path, UTIME_NOW, UTIME_NOW)
got = times()
eq(got[0], got[1], "both NOW are one moment")
for second in (-1, -86400 * 365, 0, 1, 2**31 - 1, 2**31, 2**32 + 5):
    utimens(path, (second, 7), (second, 8))
    eq(times(), (second * 10**9 + 7, second * 10**9 + 8), f"second {second}")
# by descriptor, after writing through it: the time set must not be overwritten later by a late write
fd = opened(path, os.O_RDWR)
os.write(fd, b"more")
utimens(fd, (10, 0), (11, 0))
eq(times(), (10 * 10**9, 11 * 10**9))
os.close(fd)
time.sleep(0.1)
eq(times(), (10 * 10**9, 11 * 10**9), "after close")
# Julia touches: O_WRONLY|O_CREAT without writing, then futimens
fd = opened(path, os.O_WRONLY | os.O_CREAT, 0o666)
utimens(fd, UTIME_NOW, UTIME_NOW)
os.close(fd)
ok(abs(times()[1] - time.time_ns()) < 5e9, "touch")
# links themselves
os.symlink("f", MNT + "/l")
target = times()
utimens(MNT + "/l", (77, 1), (78, 2), 0x100)
eq(times(MNT + "/l", False), (77000000001, 78000000002))
eq(times(), target, "the target's times")
# directories
os.mkdir(MNT + "/d")
utimens(MNT + "/d", (80, 0), (81, 0))
eq(times(MNT + "/d"), (80 * 10**9, 81 * 10**9))
raises("ENOENT", utimens, MNT + "/none", 1, 1)
# a read-only file of mine: explicit times and NOW are allowed to the owner
os.chmod(path, 0o444)
utimens(path, 1, 1)
utimens(path, UTIME_NOW, UTIME_NOW)
if ROOT:
    os.chmod(path, 0o666)
    as_user(61001, 61001, utimens, path, UTIME_NOW, UTIME_NOW)
    raises("EPERM", as_user, 61001, 61001, utimens, path, 1, 1)
    raises("EPERM", as_user, 61001, 61001, utimens, path, UTIME_NOW, UTIME_OMIT)
    os.chmod(path, 0o644)
    raises("EACCES", as_user, 61001, 61001, utimens, path, UTIME_NOW, UTIME_NOW)
    as_user(61001, 61001, utimens, path, UTIME_OMIT, UTIME_OMIT)
END
