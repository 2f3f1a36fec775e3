#!/bin/bash
# SPDX-License-Identifier: MIT
# Unlinked while open: read, written, truncated, stat with link count 0, times, mode, locks; gone at the last close.
# variants: default; cache=none; io=direct
. "$SFS_LIB/lib.sh"
mount_fg
py <<'END'
put(MNT + "/probe", "x"); mappable = can_map()
for victim in ("unlink", "replace", "behind"):
    path = put(f"{MNT}/{victim}", "first content")
    fds = [opened(path, os.O_RDWR), opened(path), opened(path, os.O_WRONLY | os.O_APPEND)]
    ino = os.fstat(fds[0]).st_ino
    if victim == "unlink":
        os.unlink(path); raises("ENOENT", os.stat, path)
    elif victim == "replace":
        os.rename(put(MNT + "/new", "other"), path); eq(get(path), b"other")
    else:
        os.unlink(SRC + "/behind")
    s = os.fstat(fds[0])
    eq((s.st_size, s.st_ino), (13, ino), victim)
    wait_until(lambda: os.fstat(fds[0]).st_nlink == 0, 3 if victim == "behind" else 0.05, f"{victim}: link count")
    eq(os.pread(fds[1], 100, 0), b"first content", victim)
    os.pwrite(fds[0], b"FIRST", 0); os.write(fds[2], b"+more")
    eq(os.pread(fds[1], 100, 0), b"FIRST content+more", victim)
    os.ftruncate(fds[0], 3); eq(os.fstat(fds[1]).st_size, 3); eq(os.pread(fds[1], 100, 0), b"FIR")
    os.fchmod(fds[0], 0o600); eq(stat.S_IMODE(os.fstat(fds[1]).st_mode), 0o600)
    utimens(fds[0], (1, 0), (2, 0)); eq(os.fstat(fds[1]).st_mtime_ns, 2 * 10**9)
    os.fsync(fds[0]); fallocate(fds[0], 0, 0, 8192); eq(os.fstat(fds[1]).st_size, 8192)
    if ROOT:
        os.fchown(fds[0], 61001, 61001); eq(os.fstat(fds[1]).st_uid, 61001)
    # opened again by way of /proc, as the kernel still knows the inode
    again = opened(f"/proc/self/fd/{fds[0]}", os.O_RDWR); eq(os.pread(again, 3, 0), b"FIR", f"{victim}: opened by /proc")
    if mappable:
        with mmap.mmap(fds[0], 4096) as m:
            m[0:3] = b"MAP"; m.flush()
        eq(os.pread(fds[1], 3, 0), b"MAP")
    raises("ENOENT", link_fd, fds[0], MNT + "/back")
    [os.close(fd) for fd in fds + [again]]
    if victim != "replace":
        os.close(opened(path, os.O_CREAT | os.O_RDWR | os.O_EXCL)); eq(os.stat(path).st_size, 0)
# the space is given back: no descriptor of the daemon's keeps the file
path = put(MNT + "/big", b"x" * (8 << 20)); fd = opened(path, os.O_RDWR); os.unlink(path)
open_elsewhere = lambda: [f for p in os.listdir("/proc") if p.isdigit() and int(p) != os.getpid()
                          for f in fds_of(p) if f.endswith("/src/big (deleted)") and f.startswith(os.path.dirname(SRC))]
def fds_of(p):
    try:
        return [os.readlink(f"/proc/{p}/fd/{n}") for n in os.listdir(f"/proc/{p}/fd")]
    except OSError:
        return []
os.close(fd)
wait_until(lambda: not open_elsewhere(), 3, "the daemon keeps a deleted file open")
# a link made from an open, still named file by its descriptor
if ROOT:
    fd = opened(put(MNT + "/named", "n")); link_fd(fd, MNT + "/named2"); eq(os.fstat(fd).st_nlink, 2)
END
