#!/bin/bash
# SPDX-License-Identifier: MIT
# The ioctls of lsattr and chattr work on files and directories of the source.
. "$SFS_LIB/lib.sh"
mount_fg
py <<'END'
put(SRC + "/f", "x"); os.mkdir(SRC + "/d")
try:
    setflags(opened(SRC + "/f"), getflags(opened(SRC + "/f")) | FS_NODUMP)
except OSError:
    skip("no inode flags on this filesystem")
for name in ("f", "d"):
    fd, native = opened(f"{MNT}/{name}"), opened(f"{SRC}/{name}")
    eq(getflags(fd), getflags(native), "flags read")
    setflags(fd, getflags(fd) ^ FS_NODUMP)
    eq(getflags(native) & FS_NODUMP, 0 if name == "f" else FS_NODUMP)
    eq(getflags(fd), getflags(native), "flags set")
if ROOT:
    for flag in (FS_APPEND, FS_IMMUTABLE) if USERNS else ():  # the machine's root has the power over them
        for top in (SRC, MNT):
            fd = opened(top + "/f"); raises("EPERM", setflags, fd, getflags(fd) | flag)
if ROOT and not USERNS:
    fd = opened(MNT + "/f")
    setflags(fd, getflags(fd) | FS_APPEND)
    raises("EPERM", opened, MNT + "/f", os.O_RDWR); os.close(opened(MNT + "/f", os.O_WRONLY | os.O_APPEND))
    setflags(fd, getflags(fd) & ~FS_APPEND | FS_IMMUTABLE)
    raises("EPERM", os.unlink, MNT + "/f"); raises("EPERM", os.chmod, MNT + "/f", 0o777)
    setflags(fd, getflags(fd) & ~FS_IMMUTABLE)
if ROOT:
    os.chmod(MNT + "/f", 0o666)
    # a stranger may not, the way it is on the source
    def stranger(top):
        fd = opened(top + "/f", os.O_RDONLY); setflags(fd, getflags(fd) | FS_NODUMP)
    raises("EPERM|EACCES", as_user, 61001, 61001, stranger, SRC); raises("EPERM|EACCES", as_user, 61001, 61001, stranger, MNT)
    # nor does an owner without the capability get "immutable" by way of the daemon
    os.chown(MNT + "/f", 61001, 61001)
    def owner(flag):
        fd = opened(MNT + "/f"); setflags(fd, getflags(fd) | flag)
    as_user(61001, 61001, owner, FS_NODUMP)
    raises("EPERM", as_user, 61001, 61001, owner, FS_IMMUTABLE)
raises("ENOTTY", fcntl.ioctl, opened(MNT + "/f"), 0x5401, b"\0" * 64)
END
