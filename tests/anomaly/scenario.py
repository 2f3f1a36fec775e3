# SPDX-License-Identifier: MIT
"""The operations that a daemon with a failing call must answer: each does what it says, or says that it failed.

An operation has fixtures of its own, made in the source beforehand, so that one failure leaves the others alone.  After
each the source itself tells what was done."""
import ctypes
import errno
import fcntl
import mmap
import os
import stat

OLD = b"old content " * 400
NEW = b"new content, longer than the old one " * 300

OPS = []


def op(function):
    OPS.append(function)
    return function


class Wrong(Exception):
    """What was answered is neither success nor failure."""


def check(truth, what):
    if not truth:
        raise Wrong(what)


def read(path):
    with open(path, "rb", buffering=0) as file:
        data = b""
        while True:
            piece = file.read(65536)
            if not piece:
                return data
            data += piece


def write(path, data, flags=os.O_WRONLY | os.O_CREAT | os.O_TRUNC):
    fd = os.open(path, flags, 0o644)
    try:
        # a write may end early when a part of it has failed: as much as it says is written
        if os.write(fd, data) != len(data):
            raise OSError(errno.EIO, "short write")
    finally:
        os.close(fd)


def prepare(source):
    """Fixtures of all operations, the same each time."""
    for number, function in enumerate(OPS):
        folder = f"{source}/{number:02}-{function.__name__}"
        os.makedirs(folder + "/dir/sub")
        write(folder + "/file", OLD)
        write(folder + "/other", NEW)
        write(folder + "/dir/inner", OLD)
        os.symlink("file", folder + "/link")


def same(path, *contents):
    """The source's file holds one of these, whole."""
    check(read(path) in contents, f"{path}: holds something else")


def run(mnt, source):
    """Run all; returns (number of failures answered, list of what was wrong)."""
    failed, wrong = 0, []
    for number, function in enumerate(OPS):
        name = f"{number:02}-{function.__name__}"
        try:
            try:
                function(f"{mnt}/{name}", f"{source}/{name}")
            except OSError as error:
                failed += 1
                if error.errno in (errno.ENOTCONN, errno.ECONNABORTED, errno.ENOSYS):
                    raise Wrong(f"answered with {error}") from error
            # whatever was answered: what the operation has nothing to do with is as it was
            same(f"{source}/{name}/other", NEW)
            possible_or_gone(f"{source}/{name}/file")
        except Wrong as error:
            wrong.append(f"{name}: {error}")
    return failed, wrong


def mapped():
    return b"mapped" + OLD[6:]


def possible_or_gone(path):
    """What any operation makes of the file, done as far as a failing call let it."""
    try:
        data = read(path)
    except (FileNotFoundError, IsADirectoryError):
        return
    written = data[len(OLD):] if data.startswith(OLD) else data
    check(data in (OLD[:100], OLD + bytes(100), mapped()) or NEW.startswith(written), f"{path}: holds something else")


# --- reading -----------------------------------------------------------------------------------------------------------

@op
def stat_file(at, src):
    check(os.stat(at + "/file").st_size == len(OLD), "size")


@op
def stat_again(at, src):
    fd = os.open(at + "/file", os.O_PATH)
    try:
        check(os.fstat(fd).st_size == len(OLD), "size")
    finally:
        os.close(fd)


@op
def missing(at, src):
    try:
        os.stat(at + "/missing")
        raise Wrong("is there")
    except FileNotFoundError:
        pass


@op
def read_file(at, src):
    check(read(at + "/file") == OLD, "content")


@op
def read_inner(at, src):
    check(read(at + "/dir/inner") == OLD, "content")


@op
def read_link(at, src):
    check(os.readlink(at + "/link") == "file", "target")


@op
def through_link(at, src):
    check(read(at + "/link") == OLD, "content")


@op
def map_file(at, src):
    with open(at + "/file", "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as area:
        # a page that cannot be read kills by SIGBUS: only look at pages that a read has brought in
        if file.read() == OLD:
            check(len(area) == len(OLD), "length")


@op
def list_dir(at, src):
    check(sorted(os.listdir(at)) == ["dir", "file", "link", "other"], "names")


@op
def list_types(at, src):
    with os.scandir(at) as entries:
        types = {entry.name: entry.is_dir(follow_symlinks=False) for entry in entries}
    check(types == {"dir": True, "file": False, "link": False, "other": False}, f"types {types}")


@op
def walk(at, src):
    errors = []
    names = [name for _, dirs, files in os.walk(at, onerror=errors.append) for name in dirs + files]
    if errors:
        raise errors[0]
    check(sorted(names) == ["dir", "file", "inner", "link", "other", "sub"], f"names {names}")


@op
def statfs(at, src):
    check(os.statvfs(at).f_bsize > 0, "block size")


@op
def access(at, src):
    if not os.access(at + "/file", os.R_OK):
        raise OSError(errno.EIO, "access")


@op
def seek_hole(at, src):
    fd = os.open(at + "/file", os.O_RDONLY)
    try:
        check(os.lseek(fd, 0, os.SEEK_HOLE) == len(OLD), "hole")
    finally:
        os.close(fd)


# --- writing -----------------------------------------------------------------------------------------------------------

@op
def create(at, src):
    write(at + "/new", NEW, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    same(src + "/new", NEW)


@op
def create_existing(at, src):
    try:
        write(at + "/file", NEW, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        raise Wrong("made although it exists")
    except FileExistsError:
        pass


@op
def overwrite(at, src):
    write(at + "/file", NEW)
    same(src + "/file", NEW)


@op
def append(at, src):
    write(at + "/file", NEW, os.O_WRONLY | os.O_APPEND)
    same(src + "/file", OLD + NEW)


@op
def write_and_read(at, src):
    fd = os.open(at + "/file", os.O_RDWR | os.O_TRUNC)
    try:
        if os.write(fd, NEW) != len(NEW):
            raise OSError(errno.EIO, "short write")
        os.fsync(fd)
        check(os.pread(fd, len(NEW), 0) == NEW, "content")
    finally:
        os.close(fd)
    same(src + "/file", NEW)


@op
def write_mapped(at, src):
    with open(at + "/file", "r+b") as file:
        try:
            data = file.read()
        except OSError:
            return
        with mmap.mmap(file.fileno(), 0) as area:
            check(data == OLD, "content")
            os.pwrite(file.fileno(), b"mapped", 0)
            area.flush()
    same(src + "/file", mapped())


@op
def truncate(at, src):
    os.truncate(at + "/file", 100)
    same(src + "/file", OLD[:100])


@op
def extend(at, src):
    fd = os.open(at + "/file", os.O_RDWR)
    try:
        os.ftruncate(fd, len(OLD) + 100)
    finally:
        os.close(fd)
    same(src + "/file", OLD + bytes(100))


@op
def allocate(at, src):
    fd = os.open(at + "/file", os.O_RDWR)
    try:
        os.posix_fallocate(fd, 0, len(OLD) + 100)
    finally:
        os.close(fd)
    same(src + "/file", OLD + bytes(100))


@op
def copy_range(at, src):
    source, target = os.open(at + "/other", os.O_RDONLY), -1
    try:
        target = os.open(at + "/copy", os.O_WRONLY | os.O_CREAT, 0o600)
        copied = os.copy_file_range(source, target, 1000)
    finally:
        os.close(source)
        if target >= 0:
            os.close(target)
    same(src + "/copy", NEW[:copied])


# --- names -------------------------------------------------------------------------------------------------------------

@op
def make_dir(at, src):
    os.mkdir(at + "/new")
    check(os.path.isdir(src + "/new"), "not made")


@op
def make_fifo(at, src):
    os.mkfifo(at + "/new")
    check(stat.S_ISFIFO(os.stat(src + "/new").st_mode), "not made")


@op
def make_symlink(at, src):
    os.symlink("somewhere", at + "/new")
    check(os.readlink(src + "/new") == "somewhere", "not made")


@op
def make_link(at, src):
    os.link(at + "/file", at + "/new")
    check(os.stat(src + "/new").st_nlink == 2, "not made")
    same(src + "/new", OLD)


@op
def unlink(at, src):
    os.unlink(at + "/file")
    check(not os.path.exists(src + "/file"), "still there")


@op
def unlink_open(at, src):
    fd = os.open(at + "/file", os.O_RDONLY)
    try:
        os.unlink(at + "/file")
        check(os.fstat(fd).st_nlink == 0, "links")
        check(os.pread(fd, len(OLD) + 1, 0) == OLD, "content")
    finally:
        os.close(fd)


@op
def remove_dir(at, src):
    os.rmdir(at + "/dir/sub")
    check(not os.path.exists(src + "/dir/sub"), "still there")


@op
def remove_full_dir(at, src):
    try:
        os.rmdir(at + "/dir")
        raise Wrong("removed although not empty")
    except OSError:
        same(src + "/dir/inner", OLD)


@op
def rename(at, src):
    os.rename(at + "/file", at + "/new")
    same(src + "/new", OLD)
    check(not os.path.exists(src + "/file"), "still there")


@op
def rename_over(at, src):
    os.rename(at + "/dir/inner", at + "/file")
    same(src + "/file", OLD)
    check(read(at + "/file") == OLD, "content")


@op
def rename_dir(at, src):
    os.rename(at + "/dir", at + "/moved")
    same(src + "/moved/inner", OLD)
    check(read(at + "/moved/inner") == OLD, "content")


@op
def exchange(at, src):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(-100, os.fsencode(at + "/dir/inner"), -100, os.fsencode(at + "/link"), 2) < 0:
        raise OSError(ctypes.get_errno(), "renameat2")
    same(src + "/link", OLD)
    check(os.readlink(src + "/dir/inner") == "file", "not exchanged")


# --- attributes --------------------------------------------------------------------------------------------------------

@op
def chmod(at, src):
    os.chmod(at + "/file", 0o600)
    check(os.stat(src + "/file").st_mode & 0o777 == 0o600, "mode")


@op
def chown(at, src):
    os.chown(at + "/file", os.getuid(), os.getgid())


@op
def times(at, src):
    os.utime(at + "/file", (1000, 2000))
    found = os.stat(src + "/file")
    check((found.st_atime, found.st_mtime) == (1000, 2000), "times")


@op
def touch(at, src):
    os.utime(at + "/file")


@op
def set_xattr(at, src):
    try:
        os.setxattr(src + "/file", "user.probe", b"x")
    except OSError:
        return  # this filesystem has none
    os.setxattr(at + "/file", "user.test", b"value")
    check(os.getxattr(src + "/file", "user.test") == b"value", "value")
    check(os.getxattr(at + "/file", "user.test") == b"value", "value read")
    check("user.test" in os.listxattr(at + "/file"), "list")
    os.removexattr(at + "/file", "user.test")
    check("user.test" not in os.listxattr(src + "/file"), "still there")


@op
def inode_flags(at, src):
    fd = os.open(at + "/file", os.O_RDONLY)
    try:
        fcntl.ioctl(fd, 0x80086601, bytearray(8))  # FS_IOC_GETFLAGS
    finally:
        os.close(fd)


# --- locks and syncing -------------------------------------------------------------------------------------------------

@op
def record_lock(at, src):
    with open(at + "/file", "r+b") as file:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        check(not lockable(src + "/file", fcntl.lockf), "the source is not locked")
        fcntl.lockf(file, fcntl.LOCK_UN)


@op
def file_lock(at, src):
    with open(at + "/file", "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        check(not lockable(src + "/file", fcntl.flock), "the source is not locked")
        fcntl.flock(file, fcntl.LOCK_UN)


def lockable(path, how):
    with open(path, "r+b") as file:
        try:
            how(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            return False


@op
def sync_dir(at, src):
    fd = os.open(at, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


@op
def temporary_file(at, src):
    fd = os.open(at, os.O_RDWR | os.O_TMPFILE, 0o600)
    try:
        os.write(fd, OLD)
        check(os.pread(fd, len(OLD), 0) == OLD, "content")
    finally:
        os.close(fd)
