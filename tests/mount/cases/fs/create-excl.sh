#!/bin/bash
# SPDX-License-Identifier: MIT
# O_CREAT|O_EXCL is one atomic step: exactly one of many wins, and mode 0444 with O_RDWR works for a normal user
# (Julia's pidfiles; mknod followed by open would be EACCES).
# variants: default; cache=none; io=direct; writers=exclusive
. "$SFS_LIB/lib.sh"
chmod 1777 "$SRC"
mount_fg
py <<'END'
def pidfile():
    fd = opened(MNT + "/lock.pid", os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o444)
    eq(os.write(fd, b"123"), 3)
    eq(os.pread(fd, 10, 0), b"123")
    eq(stat.S_IMODE(os.fstat(fd).st_mode), 0o444)
    os.close(fd)
    raises("EEXIST", opened, MNT + "/lock.pid", os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o444)
    raises("EACCES", opened, MNT + "/lock.pid", os.O_RDWR)
    raises("EACCES", opened, MNT + "/lock.pid", os.O_WRONLY | os.O_CREAT)
    # Mode 0 is as good
    fd = opened(MNT + "/none", os.O_RDWR | os.O_CREAT | os.O_EXCL, 0)
    os.write(fd, b"x")
    os.close(fd)
    raises("EACCES", opened, MNT + "/none")
as_user(61001, 61001, pidfile) if ROOT else pidfile()
eq(get(SRC + "/lock.pid"), b"123")
eq(perm(SRC + "/lock.pid"), 0o444)
eq(os.stat(SRC + "/lock.pid").st_uid, 61001 if ROOT else os.geteuid())

# A link, also a dangling one, is in the way of O_EXCL
os.symlink("nowhere", MNT + "/dangling")
raises("EEXIST", opened, MNT + "/dangling", os.O_WRONLY | os.O_CREAT | os.O_EXCL)
ok(not os.path.lexists(SRC + "/nowhere"), "O_EXCL followed a link")
# ... and without O_EXCL its target is created
os.close(opened(MNT + "/dangling", os.O_WRONLY | os.O_CREAT))
ok(os.path.isfile(SRC + "/nowhere"), "creation through a link")
raises("EISDIR", opened, MNT, os.O_WRONLY | os.O_CREAT)
# A file that the kernel believes missing (a negative entry) appears behind our back: O_EXCL must notice
raises("ENOENT", os.stat, MNT + "/late")
put(SRC + "/late", "theirs")
raises("EEXIST", opened, MNT + "/late", os.O_WRONLY | os.O_CREAT | os.O_EXCL)
raises("ENOENT", os.stat, MNT + "/late2")
put(SRC + "/late2", "theirs")
os.close(opened(MNT + "/late2", os.O_WRONLY | os.O_CREAT))
eq(get(SRC + "/late2"), b"theirs", "creation without O_EXCL keeps what is there")

# Of several that try at the same time, inside and outside, one wins
for n in range(30):
    def attempt(top):
        try:
            os.close(opened(f"{top}/race{n}", os.O_WRONLY | os.O_CREAT | os.O_EXCL))
            return "won"
        except FileExistsError:
            return "lost"
    results = []
    threads = [threading.Thread(target=lambda t: results.append(attempt(t)), args=(top,)) for top in (MNT, SRC, MNT, SRC)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    eq(sorted(results), ["lost"] * 3 + ["won"])
END
