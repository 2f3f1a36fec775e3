#!/bin/bash
# SPDX-License-Identifier: MIT
# O_APPEND (from several processes, nothing lost), O_TRUNC, O_DIRECT, O_PATH, O_NOATIME, O_DIRECTORY, O_NOFOLLOW.
# variants: default; cache=none; io=direct; writers=exclusive
. "$SFS_LIB/lib.sh"
mount_fg
py <<'END'
path = put(MNT + "/log")
def append(n):
    fd = opened(path, os.O_WRONLY | os.O_APPEND)
    for _ in range(200):
        os.write(fd, b"%d" % n * 99 + b"\n")
    os.close(fd)
ones = [Process(append, n) for n in range(4)]
[p.wait_ready() for p in ones]; [p.end() for p in ones]
lines = get(SRC + "/log").splitlines()
eq(len(lines), 800, "lines of four appenders")
eq({len(set(line)) for line in lines} | {len(line) for line in lines}, {1, 99}, "mixed lines")
# appending while another appends to the source itself
put(SRC + "/log2"); fd = opened(MNT + "/log2", os.O_WRONLY | os.O_APPEND)
for n in range(10):
    os.write(fd, b"map\n")
    with open(SRC + "/log2", "ab") as f:
        f.write(b"src\n")
eq(get(SRC + "/log2"), b"map\nsrc\n" * 10, "O_APPEND writes at the true end")
os.close(opened(path, os.O_WRONLY | os.O_TRUNC))
eq((os.stat(path).st_size, os.stat(SRC + "/log").st_size), (0, 0))
fd = opened(path, os.O_RDWR)
os.write(fd, b"some text"); os.lseek(fd, 0, 0)
os.close(opened(path, os.O_WRONLY | os.O_TRUNC))
eq(os.read(fd, 10), b"", "a reader sees the truncation")
os.close(fd)
fd = opened(path, os.O_PATH); raises("EBADF", os.read, fd, 1); eq(os.fstat(fd).st_size, 0)
os.close(opened(f"/proc/self/fd/{fd}", os.O_RDWR)); os.close(fd)
raises("ENOTDIR", opened, path, os.O_DIRECTORY)
raises("ENOTDIR", os.stat, path + "/x")
raises("EISDIR", opened, MNT, os.O_WRONLY)
raises("ENOENT", opened, MNT + "/none")
raises("ENAMETOOLONG", opened, MNT + "/" + "n" * 256, os.O_CREAT | os.O_WRONLY)
os.close(opened(MNT + "/" + "n" * 255, os.O_CREAT | os.O_WRONLY))
os.close(opened(path, os.O_NOATIME))
# O_DIRECT: aligned, read what was written
try:
    fd = opened(MNT + "/direct", os.O_RDWR | os.O_CREAT | os.O_DIRECT)
except OSError as e:
    native = 0
    try:
        os.close(opened(SRC + "/direct2", os.O_RDWR | os.O_CREAT | os.O_DIRECT)); native = 1
    except OSError:
        pass
    ok(not native, f"O_DIRECT works on the source, not on the map: {e}")
else:
    m = mmap.mmap(-1, 8192); m[:] = b"d" * 8192
    eq(os.write(fd, m), 8192)
    eq(get(SRC + "/direct"), b"d" * 8192)
    os.lseek(fd, 4096, 0); m[:4] = b"xxxx"
    eq(os.readv(fd, [m]), 4096); eq(bytes(m[:4]), b"dddd")
    with open(MNT + "/direct", "rb") as f: eq(f.read(), b"d" * 8192)
# a read-only descriptor does not write, and the reverse
fd = opened(MNT + "/direct"); raises("EBADF", os.write, fd, b"x"); raises("EINVAL|EBADF", os.ftruncate, fd, 1); os.close(fd)
fd = opened(MNT + "/direct", os.O_WRONLY); raises("EBADF", os.read, fd, 1); os.close(fd)
END
