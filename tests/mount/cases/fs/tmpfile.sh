#!/bin/bash
# SPDX-License-Identifier: MIT
# O_TMPFILE: a nameless file of the caller's, given a name by linkat, or gone.
# variants: default; io=direct; writers=exclusive
. "$SFS_LIB/lib.sh"
chmod 1777 "$SRC"
mount_fg
py <<'END'
try:
    os.close(opened(MNT, os.O_TMPFILE | os.O_RDWR, 0o600))
except OSError as e:
    if e.errno == errno.EOPNOTSUPP:
        skip("SKIP-OK: this build's libfuse has no tmpfile (3.17 has)")
    raise

def use():
    fd = opened(MNT, os.O_TMPFILE | os.O_RDWR, 0o640)
    os.write(fd, b"nameless")
    s = os.fstat(fd)
    eq((s.st_nlink, s.st_uid, s.st_size, stat.S_IMODE(s.st_mode)), (0, os.geteuid(), 8, 0o640))
    eq([n for n in os.listdir(MNT) if n.startswith("#")], [])
    link_fd(fd, MNT + "/named")
    eq(os.fstat(fd).st_nlink, 1)
    os.write(fd, b" and named")
    eq(get(MNT + "/named"), b"nameless and named")
    os.close(fd)
    os.unlink(MNT + "/named")
    # O_EXCL: can never get a name
    fd = opened(MNT, os.O_TMPFILE | os.O_RDWR | os.O_EXCL, 0o600)
    raises("ENOENT", link_fd, fd, MNT + "/never")
    os.close(fd)
    # a mode that denies the caller what the descriptor allows
    fd = opened(MNT, os.O_TMPFILE | os.O_RDWR, 0)
    os.write(fd, b"x"); eq(os.pread(fd, 1, 0), b"x")
    os.close(fd)
use()
if ROOT:
    as_user(61001, 61001, use)
    raises("EACCES", as_user, 61001, 61001, lambda: opened(os.path.join(MNT, "closed"), os.O_TMPFILE | os.O_RDWR)) \
        if not os.mkdir(MNT + "/closed", 0o755) else None
raises("ENOTDIR|EOPNOTSUPP", opened, put(MNT + "/file"), os.O_TMPFILE | os.O_RDWR)
END
