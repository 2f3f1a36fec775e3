#!/bin/bash
# SPDX-License-Identifier: MIT
# Locks on a read-only map hold between the processes that use it, and do not reach the source, nor come from there.
# variants: ro,cache=immutable; ro,cache=ttl:5; ro,cache=none; ro,io=direct
. "$SFS_LIB/lib.sh"
echo x >"$SRC/f"
mount_fg
py <<'END2'
on_map, native = opened(MNT + "/f"), opened(SRC + "/f", os.O_RDWR)
again = opened(MNT + "/f")
fcntl.flock(on_map, fcntl.LOCK_EX)
fcntl.flock(native, fcntl.LOCK_EX | fcntl.LOCK_NB) # not in the way of each other
raises("EAGAIN", fcntl.flock, again, fcntl.LOCK_SH | fcntl.LOCK_NB)
fcntl.flock(on_map, fcntl.LOCK_UN)
fcntl.flock(again, fcntl.LOCK_EX | fcntl.LOCK_NB)
# record locks: this process on the map, another on the map, another on the source
posix_lock(on_map, fcntl.F_RDLCK, 0, 10)
eq(in_child(lambda: posix_getlk(opened(SRC + "/f", os.O_RDWR), fcntl.F_WRLCK, 0, 10)), None, "on the source")
in_child(lambda: posix_lock(opened(SRC + "/f", os.O_RDWR), fcntl.F_WRLCK, 0, 10))
ok(in_child(lambda: posix_getlk(opened(MNT + "/f"), fcntl.F_WRLCK, 0, 10)), "no lock on the map")
posix_lock(native, fcntl.F_WRLCK, 20, 10)
in_child(lambda: posix_lock(opened(MNT + "/f"), fcntl.F_RDLCK, 20, 10))
END2
