#!/bin/bash
# SPDX-License-Identifier: MIT
# A read-only map refuses every change with EROFS, at open already, as a read-only bind mount of the source does.
# variants: ro,cache=immutable; ro,cache=ttl:1; ro,cache=none; ro,io=direct; ro,io=cached
. "$SFS_LIB/lib.sh"
mkdir "$SRC/d"; echo x >"$SRC/f"; echo y >"$SRC/g"; ln -s f "$SRC/l"; mkfifo "$SRC/fifo"; chmod 666 "$SRC/f" "$SRC/fifo"
cp /bin/true "$SRC/true"
mount_fg
matches " $(awk -v p="$MNT" '$5 == p {print $6}' /proc/self/mountinfo)," " ro,"
if is_root; then
    mkdir "$TMP/native"; mount --bind "$SRC" "$TMP/native"; mount -o remount,bind,ro "$TMP/native"
fi
# A fifo is not opened for reading and writing at once
py <<'END'
C, E, T, W, RW = os.O_CREAT, os.O_EXCL, os.O_TRUNC, os.O_WRONLY, os.O_RDWR
def close(call, *args):
    os.close(call(*args))
def flags_of(top, name, flag):
    fd = opened(f"{top}/{name}")
    try: setflags(fd, getflags(fd) | flag)
    finally: os.close(fd)
def acl(top):
    os.setxattr(top + "/f", "system.posix_acl_access", bytes.fromhex("0200000001000600ffffffff04000600ffffffff20000600ffffffff"))
attempts = {}
for name in ("f", "d", "l", "none", "true"):
    for flags in (W, RW, W | C, RW | C, W | T, os.O_RDONLY | T, W | C | E, os.O_RDONLY | C, os.O_RDONLY | C | E, W | os.O_APPEND,
                  os.O_TMPFILE | RW):
        attempts[f"open {name} {flags:o}"] = lambda t, n=name, f=flags: close(opened, f"{t}/{n}", f, 0o666)
    attempts.update({
        f"unlink {name}": lambda t, n=name: os.unlink(f"{t}/{n}"), f"rmdir {name}": lambda t, n=name: os.rmdir(f"{t}/{n}"),
        f"mkdir {name}": lambda t, n=name: os.mkdir(f"{t}/{n}"), f"mknod {name}": lambda t, n=name: os.mknod(f"{t}/{n}"),
        f"symlink {name}": lambda t, n=name: os.symlink("x", f"{t}/{n}"), f"link {name}": lambda t, n=name: os.link(f"{t}/f", f"{t}/{n}"),
        f"rename {name}": lambda t, n=name: os.rename(f"{t}/{n}", f"{t}/new"), f"rename to {name}": lambda t, n=name: os.rename(f"{t}/g", f"{t}/{n}"),
        f"exchange {name}": lambda t, n=name: renameat2(f"{t}/{n}", f"{t}/g", RENAME_EXCHANGE),
        f"chmod {name}": lambda t, n=name: os.chmod(f"{t}/{n}", 0o600), f"chown {name}": lambda t, n=name: os.chown(f"{t}/{n}", os.getuid(), os.getgid()),
        f"lchown {name}": lambda t, n=name: os.lchown(f"{t}/{n}", os.getuid(), os.getgid()),
        f"truncate {name}": lambda t, n=name: os.truncate(f"{t}/{n}", 0), f"utime {name}": lambda t, n=name: os.utime(f"{t}/{n}"),
        f"utime set {name}": lambda t, n=name: os.utime(f"{t}/{n}", (1, 1)), f"omit {name}": lambda t, n=name: utimens(f"{t}/{n}", UTIME_OMIT, UTIME_OMIT),
        f"setxattr {name}": lambda t, n=name: os.setxattr(f"{t}/{n}", "user.a", b"1"),
        f"removexattr {name}": lambda t, n=name: os.removexattr(f"{t}/{n}", "user.a"),
        f"eaccess {name}": lambda t, n=name: eaccess(f"{t}/{n}", os.W_OK), f"access x {name}": lambda t, n=name: eaccess(f"{t}/{n}", os.X_OK),
    })
attempts["nodump f"] = lambda t: flags_of(t, "f", FS_NODUMP)
attempts["nodump d"] = lambda t: flags_of(t, "d", FS_NODUMP)
attempts["acl"] = acl
attempts["fifo"] = lambda t: close(opened, t + "/fifo", RW | os.O_NONBLOCK)
attempts["bind"] = lambda t: (os.chdir(t), socket.socket(socket.AF_UNIX).bind("sock"))
attempts["futimens"] = lambda t: utimens(opened(t + "/f"), 1, 1)
attempts["fchmod"] = lambda t: os.fchmod(opened(t + "/f"), 0o600)
attempts["fsetxattr"] = lambda t: os.setxattr(opened(t + "/f"), "user.a", b"1")
def outcomes(top):
    found = {}
    for name, call in attempts.items():
        try:
            call(top); found[name] = "done"
        except OSError as e:
            found[name] = error_name(e)
    return found
before = subprocess.run(["find", SRC, "-printf", "%p %m %U %G %s %T@ %C@ %l\n"], capture_output=True).stdout
got = outcomes(MNT)
for name in ("open f 1", "open f 2", "open f 101", "open none 101", "unlink f", "utime f", "chmod d", "mkdir none", "setxattr f", "nodump f"):
    eq(got[name], "EROFS", name)
if ROOT:
    want = outcomes(TMP + "/native")
    for name in attempts:
        eq(got[name], want[name], name)
print(len(attempts), "attempts")
ok(before == subprocess.run(["find", SRC, "-printf", "%p %m %U %G %s %T@ %C@ %l\n"], capture_output=True).stdout, "the source changed")
END
! touch "$MNT/f" 2>"$TMP/err" || fail "touch"
matches "$(cat "$TMP/err")" "Read-only file system"
! is_root || umount "$TMP/native"
