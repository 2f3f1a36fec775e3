#!/bin/bash
# SPDX-License-Identifier: MIT
# Extended attributes: set, replaced, listed, removed; flags, sizes up to the limit, long lists; root's namespaces.
# variants: default; cache=none; writers=exclusive
. "$SFS_LIB/lib.sh"
touch "$SRC/probe"
setfattr -n user.x -v 1 "$SRC/probe" 2>/dev/null || python3 -c "import os; os.setxattr('$SRC/probe', 'user.x', b'1')" || skip "no extended attributes on this filesystem"
mount_fg
py <<'END'
path = put(MNT + "/f", "x"); source = SRC + "/f"
os.setxattr(path, "user.a", b"one")
eq(os.getxattr(source, "user.a"), b"one")
os.setxattr(path, "user.a", b"two")
eq(os.getxattr(path, "user.a"), b"two")
raises("EEXIST", os.setxattr, path, "user.a", b"x", os.XATTR_CREATE)
raises("ENODATA", os.setxattr, path, "user.b", b"x", os.XATTR_REPLACE)
os.setxattr(path, "user.empty", b""); eq(os.getxattr(path, "user.empty"), b"")
os.setxattr(path, "user.bin", bytes(range(256))); eq(os.getxattr(path, "user.bin"), bytes(range(256)))
eq(sorted(os.listxattr(path)), ["user.a", "user.bin", "user.empty"])
os.removexattr(path, "user.a")
raises("ENODATA", os.getxattr, path, "user.a"); raises("ENODATA", os.removexattr, path, "user.a")
raises("ENODATA", os.getxattr, source, "user.a")
raises("ERANGE", os.setxattr, path, "user." + "n" * 256, b"x")
raises("EOPNOTSUPP", os.setxattr, path, "nonsense.a", b"x")
os.symlink("f", MNT + "/l")
raises("EPERM", os.setxattr, MNT + "/l", "user.a", b"x", follow_symlinks=False)
eq(sorted(os.listxattr(MNT + "/l", follow_symlinks=False)), sorted(os.listxattr(SRC + "/l", follow_symlinks=False)))
os.mkfifo(MNT + "/fifo"); raises("EPERM", os.setxattr, MNT + "/fifo", "user.a", b"x")
os.mkdir(MNT + "/d"); os.setxattr(MNT + "/d", "user.dir", b"d"); eq(os.getxattr(SRC + "/d", "user.dir"), b"d")
# the size is asked first, and a buffer that is too small
name, buffer = b"user.bin", ctypes.create_string_buffer(10)
eq(libc.getxattr(_path(path), name, None, 0), 256)
eq((libc.getxattr(_path(path), name, buffer, 10), ctypes.get_errno()), (-1, errno.ERANGE))
eq((libc.listxattr(_path(path), buffer, 10), ctypes.get_errno()), (-1, errno.ERANGE))
fd = opened(path, os.O_RDWR); os.setxattr(fd, "user.fd", b"1"); eq(os.getxattr(source, "user.fd"), b"1"); os.removexattr(fd, "user.fd")
# unlinked, still open
os.unlink(path); os.setxattr(fd, "user.gone", b"1"); eq(os.getxattr(fd, "user.gone"), b"1"); os.close(fd)
# long lists: what the source can hold, the map can tell
for length in (50, 200):
    path = put(f"{MNT}/long{length}")
    try:
        for n in range(60):
            os.setxattr(path, f"user.{'n' * length}{n}", b"v")
    except OSError as e:
        eq(e.errno, errno.ENOSPC, "the source's limit")
    eq(sorted(os.listxattr(path)), sorted(os.listxattr(path.replace(MNT, SRC))), "a long list")
# the largest value
for size in (1000, 3000, 65536, 65537):
    results = []
    for p in (put(MNT + f"/big{size}"), put(SRC + f"/native{size}")):
        try:
            os.setxattr(p, "user.big", b"v" * size); results.append(len(os.getxattr(p, "user.big")))
        except OSError as e:
            results.append(error_name(e))
    eq(*results, f"a value of {size}")
for name, value in (("security.test", b"1"), ("trusted.test", b"t"), ("system.test", b"s")):
    results = []
    for p in (put(MNT + "/ns"), put(SRC + "/ns2")):
        try:
            os.setxattr(p, name, value); results.append((os.getxattr(p, name), os.listxattr(p)))
        except OSError as e:
            results.append(error_name(e))
        os.unlink(p)
    eq(*results, name)
if ROOT and not USERNS:
    path = put(MNT + "/t"); os.setxattr(path, "trusted.secret", b"t"); os.chmod(path, 0o666)
    as_user(61001, 61001, lambda: eq(os.listxattr(path), [], "trusted is not listed to others"))
    raises("ENODATA|EPERM", as_user, 61001, 61001, os.getxattr, path, "trusted.secret")
    raises("EPERM", as_user, 61001, 61001, os.setxattr, path, "trusted.other", b"t")
    eq(os.getxattr(SRC + "/t", "trusted.secret"), b"t")
if ROOT:
    path = put(MNT + "/t")
    os.chmod(path, 0o600)
    raises("EACCES", as_user, 61001, 61001, os.getxattr, path, "user.none")
    raises("EACCES", as_user, 61001, 61001, os.setxattr, path, "user.none", b"")
    os.chmod(path, 0o444)
    raises("EACCES", as_user, 61001, 61001, os.setxattr, path, "user.none", b"")
    # file capabilities: set, read back, and they work
    ping = shutil.copy("/bin/cat", MNT + "/cat")
    os.setxattr(ping, "security.capability", bytes.fromhex("0100000204000000000000000000000000000000"))
    eq(os.getxattr(SRC + "/cat", "security.capability"), os.getxattr(ping, "security.capability"))
END
