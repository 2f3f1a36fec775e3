#!/bin/bash
# SPDX-License-Identifier: MIT
# Readers, writers and both, in any order, by the owner and by others, of files with any mode: every descriptor may do what
# it was opened for and nothing else, and all see one content.
# variants: default; cache=none; io=direct; io=cached
. "$SFS_LIB/lib.sh"
mount_fg
py <<'END'
import itertools
FLAGS = {"r": os.O_RDONLY, "w": os.O_WRONLY, "rw": os.O_RDWR, "a": os.O_WRONLY | os.O_APPEND}
for n, order in enumerate(itertools.product(FLAGS, repeat=3)):
    path = put(f"{MNT}/f{n}", b"0123456789")
    fds, want = [], bytearray(b"0123456789")
    for step, kind in enumerate(order):
        fds.append((kind, opened(path, FLAGS[kind])))
        for k, fd in fds:
            if k == "r":
                raises("EBADF", os.pwrite, fd, b"x", 0)
            elif k == "a":
                os.write(fd, b"%d" % step); want += b"%d" % step
            else:
                os.pwrite(fd, b"%d" % step, step); want[step:step + 1] = b"%d" % step
            if k in ("w", "a"):
                raises("EBADF", os.pread, fd, 1, 0)
            for k2, fd2 in fds:
                if k2 in ("r", "rw"):
                    eq(os.pread(fd2, 100, 0), bytes(want), f"{order} after {step}")
    if n % 3 == 0:
        os.close(fds.pop(0)[1])          # the first one, on which the others may rest
        for k, fd in fds:
            if k in ("r", "rw"):
                eq(os.pread(fd, 100, 0), bytes(want), f"{order} after the first was closed")
            else:
                os.fsync(fd)
    [os.close(fd) for _, fd in fds]
    eq(get(f"{SRC}/f{n}"), bytes(want), "at the source")
if ROOT:
    # an open descriptor of somebody with more rights gives nothing to others
    path = put(MNT + "/shared", "text"); os.chmod(path, 0o644)
    keep = opened(path, os.O_RDWR)
    def reader():
        fd = opened(path); eq(os.read(fd, 9), b"text"); raises("EBADF", os.pwrite, fd, b"x", 0)
        raises("EACCES", opened, path, os.O_WRONLY); raises("EACCES", opened, f"/proc/self/fd/{fd}", os.O_RDWR)
        raises("EACCES", mmap.mmap, fd, 4, mmap.MAP_SHARED, mmap.PROT_WRITE)
    as_user(61001, 61001, reader)
    os.chmod(path, 0o622)
    def writer():
        fd = opened(path, os.O_WRONLY); os.pwrite(fd, b"W", 0); raises("EBADF", os.pread, fd, 1, 0); raises("EACCES", opened, path)
    as_user(61001, 61001, writer)
    eq(os.pread(keep, 9, 0), b"Wext")
END
