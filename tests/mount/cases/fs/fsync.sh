#!/bin/bash
# SPDX-License-Identifier: MIT
# fsync, fdatasync, syncfs and sync_file_range of files and directories.
# variants: default; cache=none; io=direct
. "$SFS_LIB/lib.sh"
mount_fg
py <<'END'
fd = opened(MNT + "/f", os.O_RDWR | os.O_CREAT)
os.write(fd, b"data")
os.fsync(fd); os.fdatasync(fd)
eq(get(SRC + "/f"), b"data")
os.close(fd)
reader = opened(MNT + "/f")
os.fsync(reader)
at = opened(MNT, os.O_RDONLY | os.O_DIRECTORY)
os.fsync(at); os.fdatasync(at)
ok(libc.syncfs(at) == 0, "syncfs")
for flag in (os.O_SYNC, os.O_DSYNC):
    fd = opened(MNT + "/f", os.O_WRONLY | flag)
    os.write(fd, b"sync")
    eq(get(SRC + "/f")[:4], b"sync")
    os.close(fd)
END
