#!/bin/bash
# SPDX-License-Identifier: MIT
# mtime, ctime and atime move when they would on the source, and map and source tell the same.
# variants: default; cache=none; io=direct; writers=exclusive
. "$SFS_LIB/lib.sh"
mount_fg
py <<'END'
def fresh(what, path, action, fields, also=()):
    for p in (path, *also):
        os.utime(p, ns=(10**18, 10**18))
    old = os.lstat(path)
    time.sleep(0.015)
    action()
    new, source = os.lstat(path), os.lstat(path.replace(MNT, SRC, 1))
    for field in ("mtime", "ctime"):
        moved = getattr(new, f"st_{field}_ns") != getattr(old, f"st_{field}_ns")
        eq(moved, field in fields, f"{what}: {field} moved")
        eq(getattr(new, f"st_{field}_ns"), getattr(source, f"st_{field}_ns"), f"{what}: {field} of map and source")
def write():
    fd = opened(MNT + "/f", os.O_WRONLY); os.write(fd, b"abc"); os.close(fd)
def held():
    os.write(kept, b"z"); os.fsync(kept)
put(MNT + "/f", "x" * 10); os.mkdir(MNT + "/d")
kept = opened(MNT + "/f", os.O_RDWR)
mc = {"mtime", "ctime"}
fresh("write", MNT + "/f", write, mc)
fresh("write held open", MNT + "/f", held, mc)
fresh("truncate", MNT + "/f", lambda: os.truncate(MNT + "/f", 3), mc)
fresh("chmod", MNT + "/f", lambda: os.chmod(MNT + "/f", 0o600), {"ctime"})
fresh("link", MNT + "/f", lambda: os.link(MNT + "/f", MNT + "/g"), {"ctime"})
fresh("unlink of another name", MNT + "/f", lambda: os.unlink(MNT + "/g"), {"ctime"})
fresh("rename", MNT + "/d", lambda: os.rename(MNT + "/f", MNT + "/d/f"), mc)
os.rename(MNT + "/d/f", MNT + "/f")
fresh("mkdir in", MNT + "/d", lambda: os.mkdir(MNT + "/d/e"), mc)
fresh("rmdir in", MNT + "/d", lambda: os.rmdir(MNT + "/d/e"), mc)
fresh("create in", MNT + "/d", lambda: put(MNT + "/d/e"), mc)
fresh("unlink in", MNT + "/d", lambda: os.unlink(MNT + "/d/e"), mc)
fresh("symlink in", MNT + "/d", lambda: os.symlink("a", MNT + "/d/e"), mc)
fresh("stat", MNT + "/f", lambda: os.stat(MNT + "/f"), set())
fresh("setxattr", MNT + "/f", lambda: os.setxattr(MNT + "/f", "user.a", b"1"), {"ctime"})
fresh("fallocate", MNT + "/f", lambda: fallocate(kept, 0, 0, 100), mc)
if not can_map():
    os._exit(0)
m = mmap.mmap(kept, 50)
def mapped():
    m[0:3] = b"MAP"; m.flush()
# ext4 gives a mapped page's write the time of the first store after a clean page; the map must not be later than msync
fresh("mmap", MNT + "/f", mapped, mc)
m.close(); os.close(kept)
eq(get(SRC + "/f")[:3], b"MAP")
END
