#!/bin/bash
# SPDX-License-Identifier: MIT
# A read-only map shows the source whole: names, contents, attributes, links, special files, attributes, holes; twice.
# variants: ro,cache=immutable; ro,cache=ttl:5; ro,cache=none; ro,io=direct; ro,io=cached
. "$SFS_LIB/lib.sh"
check make_tree "$SRC" 300 4000 30
ln -s nowhere "$SRC/dangling"; ln "$SRC/d0/s0/file-1" "$SRC/hard"; mkfifo "$SRC/fifo"; mkdir -m 700 "$SRC/private"
truncate -s 10M "$SRC/sparse"; touch -d '1970-01-01 00:00:01' "$SRC/old"; touch "$SRC/späß und"$'\n'"Zeilen"
head -c 3000000 /dev/urandom >"$SRC/random"; chmod 4755 "$SRC/hard"; touch -h -d @5 "$SRC/dangling"
mkdir -p "$SRC/$(printf 'x%.0s' {1..255})/deep"
! is_root || { in_userns || mknod "$SRC/dev" c 1 3; chown 61001:61002 "$SRC/old"; }
python3 -c "import os; os.setxattr('$SRC/old', 'user.a', b'value')" || true
mount_fg
for turn in 1 2 3; do
    check same_tree "$SRC" "$MNT" atime
    [ $turn != 2 ] || forget_files
done
python3 -c "import os; a, b = ({n: os.getxattr(t + '/old', n) for n in os.listxattr(t + '/old')} for t in ('$SRC', '$MNT')); assert a == b, (a, b)" || fail attributes
py <<'END'
fd, native = opened(MNT + "/sparse"), opened(SRC + "/sparse")
eq(os.lseek(fd, 0, os.SEEK_HOLE), os.lseek(native, 0, os.SEEK_HOLE), "SEEK_HOLE")
raises("ENXIO", os.lseek, fd, 0, os.SEEK_DATA)
eq(os.stat(MNT + "/sparse").st_blocks, os.stat(SRC + "/sparse").st_blocks, "blocks")
# locks work at least among the users of the map
import fcntl
a, b = opened(MNT + "/random"), opened(MNT + "/random")
fcntl.flock(a, fcntl.LOCK_EX)
raises("EAGAIN", fcntl.flock, b, fcntl.LOCK_SH | fcntl.LOCK_NB)
fcntl.flock(a, fcntl.LOCK_UN); fcntl.flock(b, fcntl.LOCK_EX | fcntl.LOCK_NB)
posix_lock(a, fcntl.F_RDLCK, 0, 10)
try:
    eq(getflags(a), getflags(opened(SRC + "/random")), "inode flags")
except OSError as e:
    eq(error_name(e), "ENOTTY", "inode flags")
if can_map():
    m = mmap.mmap(a, 0, mmap.MAP_SHARED, mmap.PROT_READ); ok(m[:] == get(SRC + "/random"), "mapping"); m.close()
os.fsync(a); os.fsync(opened(MNT, os.O_DIRECTORY))
os.posix_fadvise(a, 0, 0, os.POSIX_FADV_DONTNEED); ok(os.pread(a, 1 << 22, 0) == get(SRC + "/random"), "read again")
END
