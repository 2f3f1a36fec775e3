#!/bin/bash
# SPDX-License-Identifier: MIT
# fcntl (POSIX) and open-file-description record locks reach the source: ranges, both directions, who holds, release.
# variants: default; cache=none; io=direct
. "$SFS_LIB/lib.sh"
mount_fg
py <<'END'
put(SRC + "/f", "x" * 100)
W, R, U = fcntl.F_WRLCK, fcntl.F_RDLCK, fcntl.F_UNLCK
OFD_SET, OFD_GET, OFD_WAIT = 37, 36, 38
def holder(path, kind, start, length, command=None):
    fd = opened(path, os.O_RDWR)
    posix_lock(fd, kind, start, length, command)
    return fd
def free(fd, *args, **kw):
    try:
        posix_lock(fd, *args, **kw)
        return True
    except OSError as e:
        ok(e.errno in (errno.EAGAIN, errno.EACCES), f"lock: {e}")
        return False
for command in (None, OFD_SET):
    kind_name = "OFD" if command else "POSIX"
    for inside, outside in ((MNT, SRC), (SRC, MNT), (MNT, MNT)):
        where = f"{kind_name}, held on {inside[-3:]}, tried on {outside[-3:]}"
        p = holding(holder, inside + "/f", W, 10, 20, command)
        fd = opened(outside + "/f", os.O_RDWR)
        for start, length, want in ((0, 10, True), (0, 11, False), (29, 1, False), (30, 5, True), (30, 0, True), (0, 0, False)):
            eq(free(fd, R, start, length, command=command), want, f"{where}: read lock of {start}+{length}")
            eq(free(fd, W, start, length, command=command), want, f"{where}: write lock of {start}+{length}")
            posix_lock(fd, U, 0, 0, command=command)
        got = posix_getlk(fd, W, 0, 0)
        ok(got, f"{where}: F_GETLK sees nothing")
        eq(got[:3], (W, 10, 20), f"{where}: F_GETLK")
        if command is None and inside == outside == MNT:
            eq(got[3], p.pid, f"{where}: F_GETLK names the holder")
        elif command is None:
            eq(got[3], -1 if inside == MNT else p.pid, f"{where}: F_GETLK across")
        eq(posix_getlk(fd, W, 40, 5), None, f"{where}: F_GETLK of a free range")
        p.end()
        wait_until(lambda: free(fd, W, 0, 0, command=command), 3, f"{where}: not free after the holder's end")
        posix_lock(fd, U, command=command)
        p = holding(holder, inside + "/f", R, 0, 0, command)
        ok(free(fd, R, 0, 0, command=command), f"{where}: two readers")
        posix_lock(fd, U, command=command)
        ok(not free(fd, W, 5, 1, command=command), f"{where}: a writer beside a reader")
        p.kill()
        wait_until(lambda: free(fd, W, 0, 0, command=command), 3, f"{where}: not free after a kill")
        # waiting
        p2 = Process(holder, inside + "/f", W, 0, 1, OFD_WAIT if command else fcntl.F_SETLKW)
        ok(not p2.is_ready(0.15), f"{where}: did not wait")
        posix_lock(fd, U, 0, 0, command=command)
        ok(p2.is_ready(3 * SLOW), f"{where}: was not woken")
        p2.wait_ready().end()
        os.close(fd)
# closing any descriptor of the file drops a process's POSIX locks; an OFD lock stays with its own
def closes():
    first, second = opened(MNT + "/f", os.O_RDWR), opened(MNT + "/f")
    posix_lock(first, W, 0, 10)
    os.close(second)
    return first
p = holding(closes)
fd = opened(SRC + "/f", os.O_RDWR)
wait_until(lambda: free(fd, W, 0, 10), 3, "closing another descriptor keeps the POSIX lock")
posix_lock(fd, U); p.end()
first, second = opened(MNT + "/f", os.O_RDWR), opened(MNT + "/f", os.O_RDWR)
posix_lock(first, W, 0, 10, OFD_SET)
ok(not free(second, W, 0, 10, command=OFD_SET), "OFD locks of two descriptors of one process")
os.close(second)
ok(not free(fd, W, 0, 10), "closing another descriptor drops the OFD lock")
os.close(first)
wait_until(lambda: free(fd, W, 0, 10), 3, "closing the descriptor keeps the OFD lock")
posix_lock(fd, U)
# split and merge
a = opened(MNT + "/f", os.O_RDWR)
posix_lock(a, W, 0, 100); posix_lock(a, U, 40, 20); posix_lock(a, R, 0, 10)
def look():
    fd = opened(SRC + "/f", os.O_RDWR)
    return [posix_getlk(fd, W, s, l) and posix_getlk(fd, W, s, l)[:3] for s, l in ((0, 5), (12, 1), (45, 5), (70, 0))]
eq(in_child(look), str([(R, 0, 10), (W, 10, 30), None, (W, 60, 40)]))
os.close(a)
raises("EBADF", posix_lock, opened(MNT + "/f"), W)
# an unlinked file
fd = opened(put(MNT + "/gone"), os.O_RDWR); os.unlink(MNT + "/gone")
posix_lock(fd, W); fcntl.flock(fd, fcntl.LOCK_EX); os.close(fd)
END
