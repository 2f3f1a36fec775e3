#!/bin/bash
# SPDX-License-Identifier: MIT
# What is made belongs to the caller: uid, gid, umask, set-gid directories, supplementary groups, and permission is
# decided as on the source itself.  Root mounts, several users call.
# variants: default; io=direct; writers=exclusive
. "$SFS_LIB/lib.sh"
need_root
chmod 1777 "$SRC"
mount_fg
py <<'END'
makers = {
    "file": lambda p: os.close(opened(p, os.O_WRONLY | os.O_CREAT, 0o666)),
    "dir": lambda p: os.mkdir(p, 0o777),
    "fifo": lambda p: os.mkfifo(p, 0o666),
    "node": lambda p: os.mknod(p, stat.S_IFREG | 0o666),
    "link": lambda p: os.symlink("x", p),
    "socket": lambda p: socket.socket(socket.AF_UNIX).bind(os.path.relpath(p)),
}

def make(top, mask):
    with umask(mask):
        for name, maker in makers.items():
            maker(f"{top}/{name}")

def same(a, b, what):
    x, y = os.lstat(a), os.lstat(b)
    for field in ("st_mode", "st_uid", "st_gid", "st_nlink"):
        eq(getattr(x, field), getattr(y, field), f"{what} {field}")

number = 0
for uid, gid, groups in ((61001, 61002, ()), (61001, 61002, (61005, 61006)), (0, 0, ()), (0, 61002, ()), (61003, 0, ())):
    for mask in (0o022, 0, 0o077, 0o777):
        for parent_gid, parent_mode in ((0, 0o777), (61005, 0o2777), (61099, 0o2777)):
            number += 1
            os.mkdir(f"{SRC}/in{number}")
            os.mkdir(f"{SRC}/native{number}")
            for d in ("in", "native"):
                os.chown(f"{SRC}/{d}{number}", 0, parent_gid)
                os.chmod(f"{SRC}/{d}{number}", parent_mode)
            os.chdir("/")
            as_user(uid, gid, make, f"{MNT}/in{number}", mask, groups=groups)
            as_user(uid, gid, make, f"{SRC}/native{number}", mask, groups=groups)
            for name in makers:
                same(f"{SRC}/in{number}/{name}", f"{SRC}/native{number}/{name}", f"uid {uid} gid {gid} umask {mask:o} {name}")
                same(f"{MNT}/in{number}/{name}", f"{SRC}/native{number}/{name}", f"as seen: {uid} {gid} {mask:o} {name}")
eq(number, 60)

# Membership by a supplementary group alone lets one write, create and delete; without it nothing
os.mkdir(SRC + "/team")
os.chown(SRC + "/team", 0, 61005)
os.chmod(SRC + "/team", 0o770)
as_user(61001, 61002, lambda: (put(MNT + "/team/by-group", "x"), os.rename(MNT + "/team/by-group", MNT + "/team/b"),
                               os.chmod(MNT + "/team/b", 0o600), os.mkdir(MNT + "/team/d"), os.rmdir(MNT + "/team/d"), None)[-1],
        groups=(61005,))
raises("EACCES", as_user, 61001, 61002, put, MNT + "/team/no")
raises("EACCES", as_user, 61001, 61002, os.listdir, MNT + "/team")
eq(os.stat(SRC + "/team/b").st_uid, 61001)
# chown to a supplementary group is allowed to the owner, to another group not
as_user(61001, 61002, os.chown, MNT + "/team/b", -1, 61005, groups=(61005,))
eq(os.stat(SRC + "/team/b").st_gid, 61005)
raises("EPERM", as_user, 61001, 61002, os.chown, MNT + "/team/b", -1, 61077, groups=(61005,))
# chmod g+s by somebody who is not in the group loses the bit, as on the source
for top in (MNT, SRC):
    path = f"{top}/gs-{os.path.basename(top)}"
    put(path)
    os.chown(path, 61001, 61099)
    as_user(61001, 61002, os.chmod, path, 0o2755)
eq(perm(SRC + "/gs-mnt"), perm(SRC + "/gs-src"), "set-gid by chmod of a non-member")
# Sticky directories
os.mkdir(SRC + "/sticky"); os.chmod(SRC + "/sticky", 0o1777)
as_user(61001, 61001, put, MNT + "/sticky/mine")
raises("EPERM|EACCES", as_user, 61003, 61003, os.unlink, MNT + "/sticky/mine")
raises("EPERM|EACCES", as_user, 61003, 61003, os.rename, MNT + "/sticky/mine", MNT + "/sticky/his")
as_user(61001, 61001, os.unlink, MNT + "/sticky/mine")
# A file that only its owner can read is not opened with the daemon's power
put(SRC + "/secret", "s"); os.chmod(SRC + "/secret", 0o600)
raises("EACCES", as_user, 61001, 61001, get, MNT + "/secret")
raises("EACCES", as_user, 61001, 61001, os.truncate, MNT + "/secret", 0)
raises("EPERM", as_user, 61001, 61001, os.chmod, MNT + "/secret", 0o777)
raises("EPERM", as_user, 61001, 61001, os.utime, MNT + "/secret", (1, 1))
raises("EACCES", as_user, 61001, 61001, os.utime, MNT + "/secret")
eq(get(SRC + "/secret"), b"s")
END
