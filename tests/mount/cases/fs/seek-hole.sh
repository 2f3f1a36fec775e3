#!/bin/bash
# SPDX-License-Identifier: MIT
# SEEK_HOLE and SEEK_DATA show the holes of the source's file.
# variants: default; cache=none; io=direct; writers=exclusive
. "$SFS_LIB/lib.sh"
mount_fg
py <<'END'
fd = opened(MNT + "/sparse", os.O_RDWR | os.O_CREAT)
os.pwrite(fd, b"a" * 4096, 1 << 20)
os.pwrite(fd, b"b" * 4096, 5 << 20)
os.ftruncate(fd, 10 << 20)
native = opened(SRC + "/sparse")
for whence in (os.SEEK_HOLE, os.SEEK_DATA):
    for offset in (0, 4096, 1 << 20, (1 << 20) + 1, (1 << 20) + 4096, 5 << 20, (6 << 20), (10 << 20) - 1, 10 << 20, 11 << 20, -1):
        def seek(f):
            try:
                return os.lseek(f, offset, whence)
            except OSError as e:
                return error_name(e)
        eq(seek(fd), seek(native), f"whence {whence} from {offset}")
eq(os.lseek(fd, 0, os.SEEK_DATA), 1 << 20)
eq(os.lseek(fd, 1 << 20, os.SEEK_HOLE), (1 << 20) + 4096)
subprocess.run(["cp", "--sparse=auto", MNT + "/sparse", MNT + "/copy"], check=True)
ok(os.stat(SRC + "/copy").st_blocks < 100, "cp lost the holes")
ok(get(SRC + "/copy") == get(SRC + "/sparse"), "cp lost content")
END
