#!/bin/bash
# SPDX-License-Identifier: MIT
# Offsets beyond 4 GiB, and the largest size.
# variants: default; io=direct
. "$SFS_LIB/lib.sh"
mount_fg
py <<'END'
fd = opened(MNT + "/big", os.O_RDWR | os.O_CREAT)
for offset in (0, 2**31 - 2, 2**32 - 2, 2**32 + 5, 2**40):
    eq(os.pwrite(fd, b"edge", offset), 4)
    eq(os.pread(fd, 4, offset), b"edge")
eq(os.fstat(fd).st_size, 2**40 + 4)
eq(os.stat(SRC + "/big").st_size, 2**40 + 4)
with open(SRC + "/big", "rb") as f:
    f.seek(2**32 + 5); eq(f.read(4), b"edge")
os.ftruncate(fd, 2**33); eq(os.stat(SRC + "/big").st_size, 2**33)
for size in (2**44 + 2**40, 2**62):
    def grow(path):
        try:
            os.truncate(path, size)
            return os.stat(path).st_size
        except OSError as e:
            return error_name(e)
    put(SRC + "/native")
    eq(grow(MNT + "/big"), grow(SRC + "/native"), f"truncate to {size}")
END
