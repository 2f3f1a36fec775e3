#!/bin/bash
# SPDX-License-Identifier: MIT
# A full filesystem below: ENOSPC at write, close or fsync, nothing lost that was said to be written, and it goes on.
# variants: default; io=direct; writers=exclusive
. "$SFS_LIB/lib.sh"
need_root
mount -t tmpfs -o size=2m none "$SRC"
mount_fg
py <<'END'
path = MNT + "/f"; fd = opened(path, os.O_RDWR | os.O_CREAT)
written, failed = 0, None
while written < 4 << 20:
    try:
        written += os.write(fd, b"x" * 65536)
    except OSError as e:
        failed = e; break
if not failed:
    try:
        os.fsync(fd)
    except OSError as e:
        failed = e
ok(failed and failed.errno == errno.ENOSPC, f"4 MB went into 2 MB: {failed}")
size = os.stat(SRC + "/f").st_size
ok(get(path)[:size] == b"x" * size and os.stat(path).st_size == size, "size after ENOSPC")
raises("ENOSPC", fallocate, fd, 0, 0, 4 << 20)
os.ftruncate(fd, 0); os.pwrite(fd, b"again", 0); os.fsync(fd); eq(get(SRC + "/f"), b"again")
END
