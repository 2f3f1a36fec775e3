#!/bin/bash
# SPDX-License-Identifier: MIT
# Shared mappings: two processes, map and source, msync, mtime, truncation, private ones.
# variants: default; cache=none; io=direct; writers=exclusive
. "$SFS_LIB/lib.sh"
mount_fg
py <<'END'
SIZE = 64 * 1024
put(MNT + "/f", b"\0" * SIZE)
fd = opened(MNT + "/f", os.O_RDWR)
try:
    shared = mmap.mmap(fd, SIZE)
except OSError as e:
    if "io=direct" in OPTS and e.errno == errno.ENODEV:
        skip("SKIP-OK: direct I/O without shared mappings (needs libfuse 3.17)")
    raise
def other():
    with mmap.mmap(opened(MNT + "/f", os.O_RDWR), SIZE) as m:
        wait_until(lambda: m[0] == 7, 5, "the other process does not see a store")
        m[1] = 8
child = Process(other)
shared[0] = 7
wait_until(lambda: shared[1] == 8, 5, "a store of the other process is not seen")
child.wait_ready().end()
# read() and write() against the mapping
eq(os.pread(fd, 2, 0), b"\7\10")
os.pwrite(fd, b"written", 100); eq(shared[100:107], b"written")
shared[200:206] = b"stored"; eq(os.pread(fd, 6, 200), b"stored")
# at the source after msync, with a new time
shared.flush()
os.utime(MNT + "/f", ns=(10**18, 10**18))
shared[4096:4100] = b"sync"
shared.flush()
eq(get(SRC + "/f")[4096:4100], b"sync")
ok(os.stat(MNT + "/f").st_mtime_ns > 10**18, "mtime after msync, on the map")
ok(os.stat(SRC + "/f").st_mtime_ns > 10**18, "mtime after msync, on the source")
# without msync: at the source when everything is closed
shared[8192:8196] = b"last"
shared.close(); os.close(fd)
wait_until(lambda: get(SRC + "/f")[8192:8196] == b"last", 3, "a store is lost after munmap and close")
# mapped, file closed, unlinked
fd = opened(MNT + "/f", os.O_RDWR); m = mmap.mmap(fd, SIZE); os.close(fd); os.unlink(MNT + "/f")
m[5] = 5; m.flush(); eq(m[100:107], b"written"); m.close()
# private
put(MNT + "/p", b"private" * 1000); fd = opened(MNT + "/p")
m = mmap.mmap(fd, 0, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE); m[0:3] = b"XXX"
eq(get(MNT + "/p")[:7], b"private"); eq(m[:7], b"XXXvate"); m.close()
raises("EACCES", mmap.mmap, fd, 0, mmap.MAP_SHARED, mmap.PROT_WRITE)
# beyond the end: SIGBUS, not garbage
def beyond():
    fd = opened(MNT + "/p", os.O_RDWR); m = mmap.mmap(fd, 7000); os.ftruncate(fd, 100); return m[5000]
pid = os.fork()
if pid == 0:
    beyond(); os._exit(0)
eq(os.waitpid(pid, 0)[1] & 127, signal.SIGBUS, "reading beyond a truncation")
END
