#!/bin/bash
# SPDX-License-Identifier: MIT
# What a map does not have: notification of what others change in the source; handles of files that are forgotten.
. "$SFS_LIB/lib.sh"
echo x >"$SRC/f"
mount_fg
py <<'END'
watch = libc.inotify_init1(os.O_NONBLOCK)
ok(libc.inotify_add_watch(watch, _path(MNT), 0xfff) >= 0, "inotify_add_watch")
def events():
    try:
        return os.read(watch, 65536)
    except BlockingIOError:
        return b""
put(MNT + "/mine"); ok(b"mine" in events(), "a change through the map is not notified")
put(SRC + "/theirs"); time.sleep(0.2)
ok(b"theirs" not in events(), "a change in the source is notified: say so in the manual page")
class Handle(ctypes.Structure):
    _fields_ = [("bytes", ctypes.c_uint), ("type", ctypes.c_int), ("data", ctypes.c_ubyte * 128)]
if ROOT:
    handle, mount = Handle(128), ctypes.c_int()
    at = opened(MNT, os.O_DIRECTORY)
    if libc.name_to_handle_at(at, b"f", ctypes.byref(handle), ctypes.byref(mount), 0) == 0:
        fd = libc.open_by_handle_at(at, ctypes.byref(handle), os.O_RDONLY)
        if fd >= 0:
            eq(os.read(fd, 10), b"x\n", "by handle"); os.close(fd)
        os.unlink(MNT + "/f")
        fd = libc.open_by_handle_at(at, ctypes.byref(handle), os.O_RDONLY)
        ok(fd < 0 and ctypes.get_errno() == (errno.EPERM if USERNS else errno.ESTALE), "the handle of a removed file")
os.listdir(MNT)
# a FIFO connects the two sides of the map, not map and source
os.mkfifo(SRC + "/fifo")
reader = os.open(MNT + "/fifo", os.O_RDONLY | os.O_NONBLOCK)
raises("ENXIO", os.open, SRC + "/fifo", os.O_WRONLY | os.O_NONBLOCK)
writer = os.open(MNT + "/fifo", os.O_WRONLY | os.O_NONBLOCK); os.write(writer, b"x"); eq(os.read(reader, 1), b"x")
END
