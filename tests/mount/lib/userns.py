# SPDX-License-Identifier: MIT
"""For the runner: go into a user namespace, as rootless containers do.

A normal user is root in it, and the user's subordinate ids (/etc/subuid, /etc/subgid) are the other users. So there are
owners to change to, CAP_SYS_ADMIN to mount with, and no privilege over anything outside.
"""
import ctypes
import os
import pwd
import shutil
import subprocess
import sys

CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
MNT_DETACH = 2
MOST = 65534  # of the cases' ids none is higher; so many are given to each user by default

libc = ctypes.CDLL(None, use_errno=True)


def give_up(why):
    sys.exit(f"tests/mount/run: --userns: {why}")


def check(result, what):
    if result:
        give_up(f"{what}: {os.strerror(ctypes.get_errno())}")


def open_device():
    """As root: /dev/fuse open to everybody, in a mount namespace of this process's own. In the user namespace no device
    can be made."""
    check(libc.unshare(CLONE_NEWNS) or libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None), "no mount namespace")
    if not os.path.exists("/dev/fuse"):
        return
    check(libc.mount(b"tmpfs", b"/run", b"tmpfs", 0x2, b"mode=755"), "cannot mount")
    os.mknod("/run/fuse", 0o20666, os.stat("/dev/fuse").st_rdev)
    os.chmod("/run/fuse", 0o666)
    check(libc.mount(b"/run/fuse", b"/dev/fuse", None, MS_BIND, None), "cannot mount")


def become(name, prepare):
    """As root: go on as this user, after preparing the mount namespace: in the user namespace its mounts are locked. Only a
    program that was started as the user may be given ids: start again."""
    open_device()
    prepare()
    entry = pwd.getpwnam(name)
    os.initgroups(name, entry.pw_gid)
    os.setresgid(entry.pw_gid, entry.pw_gid, entry.pw_gid)
    os.setresuid(entry.pw_uid, entry.pw_uid, entry.pw_uid)
    environment = {k: v for k, v in os.environ.items() if k not in ("XDG_RUNTIME_DIR", "LOGNAME", "USER")}
    os.execve(sys.argv[0], sys.argv, {**environment, "HOME": entry.pw_dir})


def subordinate(file):
    """The first range of ids of this user with enough of them: the lowest of it."""
    names = (pwd.getpwuid(os.getuid()).pw_name, str(os.getuid()))
    try:
        with open(file, encoding="utf-8") as lines:
            ranges = [line.strip().split(":") for line in lines if line.count(":") == 2]
    except OSError:
        ranges = []
    for name, first, count in ranges:
        if name in names and int(count) >= MOST:
            return first
    give_up(f"{names[0]} has no {MOST} ids in {file} (usermod --add-subuids 100000-165535 --add-subgids 100000-165535 "
            f"{names[0]}, as root)")


def own_helper():
    """In the namespace, as in a container's image: a fusermount3 that gains its rights for the users there. The one of
    the machine belongs to somebody who does not exist here."""
    helper = shutil.which("fusermount3")
    if not helper:
        return
    check(libc.mount(b"tmpfs", b"/run", b"tmpfs", 0, b"mode=755"), "cannot mount")
    shutil.copyfile(helper, "/run/fusermount3")
    os.chmod("/run/fusermount3", 0o4755)
    check(libc.mount(b"/run/fusermount3", os.fsencode(os.path.realpath(helper)), None, MS_BIND, None), "cannot mount")
    check(libc.umount2(b"/run", MNT_DETACH), "cannot unmount")


def enter():
    """As a normal user: become root of a user namespace and a mount namespace of this process's own."""
    kinds = (("newuidmap", os.getuid(), "/etc/subuid"), ("newgidmap", os.getgid(), "/etc/subgid"))
    maps = [[tool, str(os.getpid()), "0", str(own), "1", "1", subordinate(file), str(MOST)]
            for tool, own, file in kinds]
    ready, unshared = os.pipe()
    mapper = os.fork()  # stays outside: from inside nobody may map more than the own ids
    if mapper == 0:
        os.close(unshared)
        status = 1
        try:
            if os.read(ready, 1):
                status = max(subprocess.run(command, check=False).returncode for command in maps)
        except OSError as error:
            print(f"tests/mount/run: {error} (install uidmap)", file=sys.stderr)
        finally:
            os._exit(status)
    check(libc.unshare(CLONE_NEWUSER | CLONE_NEWNS), "user namespaces are refused here")
    os.write(unshared, b"x")
    os.close(unshared)
    os.close(ready)
    if os.waitstatus_to_exitcode(os.waitpid(mapper, 0)[1]) != 0 or os.geteuid() != 0:
        give_up("no ids were mapped")
    os.setgroups([])
    own_helper()
