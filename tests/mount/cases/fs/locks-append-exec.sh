#!/bin/bash
# SPDX-License-Identifier: MIT
# fcntl locks take no more of the source than the file's opening: a reader's lock does not keep the source from being
# executed, append-only files can be locked. An owner that reads by one handle and writes by another changes and gives
# back its locks without a gap.
# variants: default; cache=none; io=direct
. "$SFS_LIB/lib.sh"
mount_fg
py <<'END'
import subprocess, threading
W, R, U = fcntl.F_WRLCK, fcntl.F_RDLCK, fcntl.F_UNLCK
OFD_SET = 37
def free(path, kind, start, length):
    """Whether another process could take it."""
    def ask():
        fd = os.open(path, os.O_RDWR)
        return posix_getlk(fd, kind, start, length) is None
    return in_child(ask) == "True"
def look(want, what):
    for root in (SRC, MNT):
        eq([(free(root + "/f", R, s, 1), free(root + "/f", W, s, 1)) for s in (0, 10, 20, 30)], want, f"{what}, {root[-3:]}")
NO, READ, FREE = (False, False), (True, False), (True, True)
# a reader's lock, and the program on the source
shutil = __import__("shutil"); shutil.copy("/bin/true", SRC + "/prog"); os.chmod(SRC + "/prog", 0o755)
reader = opened(MNT + "/prog")
for command in (None, OFD_SET):
    posix_lock(reader, R, 0, 10, command)
    eq(subprocess.call([SRC + "/prog"]), 0, "executing the source while a reader holds a lock")
    posix_lock(reader, U, 0, 0, command)
os.close(reader)
# both kinds, by two handles
put(SRC + "/f", "x" * 100)
reader = opened(MNT + "/f"); posix_lock(reader, R, 0, 15); posix_lock(reader, R, 20, 5)
look([READ, READ, READ, FREE], "read locks")
writer = opened(MNT + "/f", os.O_RDWR); posix_lock(writer, W, 10, 2)
look([READ, NO, READ, FREE], "a write lock within a read lock")
posix_lock(writer, W, 30, 1); posix_lock(reader, R, 10, 1)
look([READ, READ, READ, NO], "read again")
eq(posix_getlk(writer, W, 0, 0), None, "one's own locks stand in nobody's way")
posix_lock(reader, U, 0, 5); posix_lock(writer, U, 20, 3)
look([FREE, READ, FREE, NO], "given back by either")
posix_lock(reader, R, 0, 0); posix_lock(writer, W, 0, 0)
look([NO] * 4, "everything")
os.close(reader)  # all are gone (fcntl(2))
wait_until(lambda: free(SRC + "/f", W, 0, 0), 3, "closed, and not free")
os.close(writer)
# nobody gets in between while a read lock becomes a write lock
put(SRC + "/gap", "x"); stop = threading.Event()
def intrude():
    fd = opened(SRC + "/gap", os.O_RDWR); got = 0
    open(TMP + "/go", "w").close()
    while not os.path.exists(TMP + "/stop"):
        try:
            posix_lock(fd, W, 5, 1, OFD_SET); got += 1; posix_lock(fd, U, 5, 1, OFD_SET)
        except OSError:
            pass
    open(TMP + "/got", "w").write(str(got))
base = opened(MNT + "/gap"); posix_lock(base, R, 0, 10)
p = Process(intrude); wait_until(lambda: os.path.exists(TMP + "/go"), 5)
for n in range(30):
    w = opened(MNT + "/gap", os.O_RDWR); posix_lock(w, W, 0, 10); posix_lock(w, R, 0, 10)
put(TMP + "/stop"); p.wait_ready(); p.end()
eq(open(TMP + "/got").read(), "0", "somebody else had the lock")
# append-only
put(SRC + "/only", "abc")
src = opened(SRC + "/only")
try:
    setflags(src, getflags(src) | 0x20)
except OSError as e:
    print("no append-only files here:", e); sys.exit(0)
try:
    for flags in (os.O_WRONLY | os.O_APPEND, os.O_RDWR | os.O_APPEND):
        a, b = opened(MNT + "/only", flags), opened(MNT + "/only", flags)
        for command in (None, OFD_SET):
            posix_lock(a, W, 0, 10, command)
            eq(in_child(lambda: posix_getlk(opened(SRC + "/only"), W, 0, 0) is None), "False", "locked on the source")
            if command:
                raises("EAGAIN", posix_lock, b, W, 0, 10, command)
            posix_lock(a, U, 0, 10, command)
        os.close(a); os.close(b)
finally:
    setflags(src, getflags(src) & ~0x20)
END
