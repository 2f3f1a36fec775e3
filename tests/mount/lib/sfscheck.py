# SPDX-License-Identifier: MIT
"""What the Python parts of the cases share: system calls that the os module lacks, and checks that say what differs.

A check that fails ends the program with "FAIL: …" as the last line, as the runner wants it.
"""
import array
import contextlib
import ctypes
import errno
import fcntl
import json
import linecache
import mmap
import os
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import threading
import time
import traceback

SRC, MNT, TMP = (os.environ.get(name, "") for name in ("SRC", "MNT", "TMP"))
SLOW = int(os.environ.get("SFS_SLOW", "1"))
OPTS = os.environ.get("SFS_OPTS", "")
ROOT = os.geteuid() == 0
USERNS = bool(os.environ.get("SFS_USERNS"))  # root of a user namespace only

libc = ctypes.CDLL(None, use_errno=True)
AT_FDCWD, AT_EMPTY_PATH, AT_SYMLINK_FOLLOW = -100, 0x1000, 0x400
RENAME_NOREPLACE, RENAME_EXCHANGE, RENAME_WHITEOUT = 1, 2, 4
FALLOC_KEEP_SIZE, FALLOC_PUNCH_HOLE, FALLOC_COLLAPSE, FALLOC_ZERO, FALLOC_INSERT = 1, 2, 8, 16, 32
FS_IOC_GETFLAGS, FS_IOC_SETFLAGS, FS_IOC_FSGETXATTR = 0x80086601, 0x40086602, 0x801c581f
FS_NODUMP, FS_APPEND, FS_IMMUTABLE = 0x40, 0x20, 0x10
UTIME_NOW, UTIME_OMIT = (1 << 30) - 1, (1 << 30) - 2


class Failed(Exception):
    pass


def _died(kind, value, trace):
    if not issubclass(kind, Failed):
        traceback.print_exception(kind, value, trace)
    else:
        traceback.print_tb(trace, limit=-4)
    print(f"FAIL: {value if issubclass(kind, Failed) else repr(value)}", flush=True)


sys.excepthook = _died


def fail(why):
    raise Failed(why)


def skip(why):
    print(why, flush=True)
    os._exit(77)


def eq(got, want, what=""):
    if got != want:
        fail(f"{what}{': ' if what else ''}got {got!r}, want {want!r}")


def ok(condition, what):
    if not condition:
        fail(what)


def error_name(error):
    return "EOPNOTSUPP" if error.errno == errno.EOPNOTSUPP else errno.errorcode.get(error.errno, str(error.errno))


def raises(name, call, *args, **kw):
    """call must fail with the errno of that name ("EROFS"), or one of several ("EPERM|EACCES")."""
    try:
        result = call(*args, **kw)
    except OSError as e:
        got = error_name(e)
        ok(got in name.split("|"), f"{getattr(call, '__name__', call)}{args!r}: {got}, want {name}")
        return
    fail(f"{getattr(call, '__name__', call)}{args!r}: returned {result!r}, want {name}")


def wait_until(condition, seconds=5, what="it did not happen"):
    """Until condition() is true; "would block" counts as not yet. Its last answer."""
    end = time.monotonic() + seconds * SLOW
    while True:
        try:
            result = condition()
        except BlockingIOError:
            result = None
        if result:
            return result
        ok(time.monotonic() < end, what)
        time.sleep(0.01)


# --- system calls --------------------------------------------------------------------------------------------------

def _call(function, *args):
    result = function(*args)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def _path(path):
    return os.fsencode(path)


def renameat2(old, new, flags=0):
    _call(libc.renameat2, AT_FDCWD, _path(old), AT_FDCWD, _path(new), flags)


def fallocate(fd, mode, offset, length):
    _call(libc.fallocate, fd, mode, ctypes.c_long(offset), ctypes.c_long(length))


def link_fd(fd, path):
    """Give a name to an O_TMPFILE file."""
    _call(libc.linkat, AT_FDCWD, b"/proc/self/fd/%d" % fd, AT_FDCWD, _path(path), AT_SYMLINK_FOLLOW)


def utimens(path, atime, mtime, flags=0):
    """Each time is seconds (float), (seconds, ns), UTIME_NOW or UTIME_OMIT."""
    def spec(t):
        if t in (UTIME_NOW, UTIME_OMIT):
            return 0, t
        return t if isinstance(t, tuple) else divmod(int(t * 10**9), 10**9)
    times = (ctypes.c_long * 4)(*spec(atime), *spec(mtime))
    if isinstance(path, int):
        return _call(libc.futimens, path, times)
    return _call(libc.utimensat, AT_FDCWD, _path(path), times, flags)


def eaccess(path, mode):
    _call(libc.faccessat, AT_FDCWD, _path(path), mode, 0x200)


def opened(path, flags=os.O_RDONLY, mode=0o644):
    return os.open(path, flags | os.O_CLOEXEC, mode)


def can_map():
    """Whether files here can be mapped shared: with direct I/O libfuse 3.17 and a newer kernel are needed."""
    if "io=direct" not in OPTS:
        return True
    path = next(os.path.join(f, n) for f, _, names in os.walk(MNT) for n in names if os.path.getsize(os.path.join(f, n)))
    try:
        mmap.mmap(opened(path), 1, mmap.MAP_SHARED, mmap.PROT_READ).close()
        return True
    except OSError as e:
        eq(error_name(e), "ENODEV", "a shared mapping with direct I/O")
        return False


def put(path, data=b""):
    with open(path, "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())
    return path


def get(path):
    with open(path, "rb") as f:
        return f.read()


def perm(path):
    return os.lstat(path).st_mode & 0o7777


def getflags(fd):
    value = array.array("i", [0])
    fcntl.ioctl(fd, FS_IOC_GETFLAGS, value, True)
    return value[0]


def setflags(fd, flags):
    fcntl.ioctl(fd, FS_IOC_SETFLAGS, array.array("i", [flags]), True)


def forget_files():
    """The kernel forgets what it knows of files, if we may tell it to."""
    if ROOT and not USERNS:
        with open("/proc/sys/vm/drop_caches", "w") as f:
            f.write("2")


def instance():
    """What status says of the daemon that serves $MNT."""
    text = subprocess.run([os.environ["STABLEFS"], "status", "--json", MNT], check=True, stdout=subprocess.PIPE).stdout
    return json.loads(text)["instances"][0]


# --- locks -----------------------------------------------------------------------------------------------------------

def flock_struct(kind, start=0, length=0, pid=0):
    return struct.pack("hhqqi4x", kind, os.SEEK_SET, start, length, pid)


def posix_lock(fd, kind, start=0, length=0, command=None):
    fcntl.fcntl(fd, fcntl.F_SETLK if command is None else command, flock_struct(kind, start, length))


def posix_getlk(fd, kind, start=0, length=0, command=None):
    """(type, start, length, pid) of a lock in the way, or None."""
    raw = fcntl.fcntl(fd, fcntl.F_GETLK if command is None else command, flock_struct(kind, start, length))
    got, _, begin, count, pid = struct.unpack("hhqqi4x", raw)
    return None if got == fcntl.F_UNLCK else (got, begin, count, pid)


# --- other processes and users ---------------------------------------------------------------------------------------

@contextlib.contextmanager
def umask(mask):
    old = os.umask(mask)
    try:
        yield
    finally:
        os.umask(old)


def in_child(function, *args, before=None):
    """Run function(*args) in a forked process; its exception becomes ours. Returns what it returned (a string or None)."""
    reader, writer = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        try:
            if before:
                before()
            result = function(*args)
            os.write(writer, b"R" + (b"" if result is None else str(result).encode()))
        except Failed as e:
            os.write(writer, b"F" + str(e).encode())
        except OSError as e:
            os.write(writer, b"E%d" % (e.errno or 0))
        except BaseException:
            os.write(writer, b"F" + traceback.format_exc().encode()[-3000:])
        os._exit(0)
    os.close(writer)
    data = b""
    while chunk := os.read(reader, 65536):
        data += chunk
    os.close(reader)
    status = os.waitpid(pid, 0)[1]
    if not data:
        fail(f"the child died of signal {os.WTERMSIG(status)}")
    if data[:1] == b"E":
        raise OSError(int(data[1:]), os.strerror(int(data[1:])))
    if data[:1] == b"F":
        fail(data[1:].decode())
    return data[1:].decode() or None


def as_user(uid, gid, function, *args, groups=()):
    """Run function as somebody else (root only); see in_child()."""
    def become():
        os.setgroups(list(groups))
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)
        os.umask(0o022)
    return in_child(function, *args, before=become)


class Process:
    """A forked process that runs function until told to end: for something to hold a lock or a file."""

    alive = []

    def __init__(self, function, *args):
        ready, done = os.pipe(), os.pipe()
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            for other in Process.alive:
                os.close(other.done)
                os.close(other.ready)
            os.close(ready[0])
            os.close(done[1])
            try:
                held = function(*args)
                os.write(ready[1], b"1")
                os.read(done[0], 1)
                del held
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        os.close(ready[1])
        os.close(done[0])
        self.ready, self.done = ready[0], done[1]
        Process.alive.append(self)

    def wait_ready(self):
        ok(os.read(self.ready, 1) == b"1", "the other process failed")
        return self

    def is_ready(self, seconds):
        import select
        return bool(select.select([self.ready], [], [], seconds)[0])

    def end(self):
        Process.alive.remove(self)
        os.close(self.done)
        os.close(self.ready)
        return os.waitpid(self.pid, 0)[1]

    def kill(self, number=signal.SIGKILL):
        os.kill(self.pid, number)
        return self.end()


def holding(function, *args):
    return Process(function, *args).wait_ready()


# --- directories by hand -----------------------------------------------------------------------------------------------

class Dirent(ctypes.Structure):
    _fields_ = [("d_ino", ctypes.c_uint64), ("d_off", ctypes.c_int64), ("d_reclen", ctypes.c_uint16),
                ("d_type", ctypes.c_uint8), ("d_name", ctypes.c_char * 256)]


class Dir:
    """opendir(3) with telldir and seekdir."""

    libc.opendir.restype = ctypes.c_void_p
    libc.readdir.restype = ctypes.POINTER(Dirent)
    libc.telldir.restype = ctypes.c_long

    def __init__(self, path):
        self.handle = libc.opendir(_path(path))
        if not self.handle:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        self.handle = ctypes.c_void_p(self.handle)

    def read(self):
        """(name, ino, type) or None at the end."""
        ctypes.set_errno(0)
        entry = libc.readdir(self.handle)
        if not entry:
            ok(ctypes.get_errno() == 0, f"readdir: {os.strerror(ctypes.get_errno())}")
            return None
        return os.fsdecode(entry[0].d_name), entry[0].d_ino, entry[0].d_type

    def rest(self):
        found = []
        while entry := self.read():
            found.append(entry)
        return found

    def tell(self):
        return libc.telldir(self.handle)

    def seek(self, where):
        libc.seekdir(self.handle, ctypes.c_long(where))

    def rewind(self):
        libc.rewinddir(self.handle)

    def close(self):
        libc.closedir(self.handle)


def getdents_raw(fd, size=4096):
    """[(ino, off, type, name)] of one getdents64(2)."""
    buffer = ctypes.create_string_buffer(size)
    count = _call(libc.syscall, 217, fd, buffer, size) if os.uname().machine == "x86_64" else \
        _call(libc.getdents64, fd, buffer, size)
    found, at = [], 0
    while at < count:
        ino, off, length, kind = struct.unpack_from("QqHB", buffer, at)
        found.append((ino, off, kind, os.fsdecode(buffer.raw[at + 19:at + length].split(b"\0")[0])))
        at += length
    return found


def statx_fields(path):
    s = os.lstat(path)
    return {"ino": s.st_ino, "mode": oct(s.st_mode), "nlink": s.st_nlink, "uid": s.st_uid, "gid": s.st_gid,
            "rdev": s.st_rdev, "size": s.st_size, "atime": s.st_atime_ns, "mtime": s.st_mtime_ns, "ctime": s.st_ctime_ns}


if __name__ == "__main__":
    program = sys.stdin.read()
    sys.argv = sys.argv[1:]
    name = os.environ.get("CASE", "case")
    linecache.cache[name] = len(program), None, program.splitlines(True), name  # for tracebacks
    exec(compile(program, name, "exec"), globals())
