#!/bin/bash
# SPDX-License-Identifier: MIT
# copy_file_range inside a map and across its edge, with offsets, beyond the end; what it wrote is seen at once.
# variants: default; cache=none; io=direct; writers=exclusive
. "$SFS_LIB/lib.sh"
mount_fg
py <<'END'
data = os.urandom(3 << 20)
put(MNT + "/from", data)
source = opened(MNT + "/from")
target = opened(MNT + "/to", os.O_RDWR | os.O_CREAT)
os.write(target, b"old " * 1000)
os.fstat(target)
done = 0
while done < len(data):
    count = os.copy_file_range(source, target, len(data) - done)
    ok(count > 0, "copied nothing")
    done += count
ok(get(MNT + "/to") == b"old " * 1000 + data, "content through the map")
ok(get(SRC + "/to") == b"old " * 1000 + data, "content at the source")
eq(os.fstat(target).st_size, 4000 + len(data))
eq(os.copy_file_range(source, target, 100), 0, "beyond the end")
eq(os.copy_file_range(source, target, 5, offset_src=10, offset_dst=0), 5)
eq(os.pread(target, 5, 0), data[10:15])
out = opened(SRC + "/outside", os.O_RDWR | os.O_CREAT)
try:
    os.copy_file_range(source, out, 10, offset_src=0)
    eq(os.pread(out, 10, 0), data[:10])
except OSError as e:
    eq(error_name(e), "EXDEV", "from the map to outside")
raises("EBADF", os.copy_file_range, target, source, 5)
# cp uses it
subprocess.run(["cp", MNT + "/from", MNT + "/cp"], check=True)
ok(get(SRC + "/cp") == data, "cp")
END
