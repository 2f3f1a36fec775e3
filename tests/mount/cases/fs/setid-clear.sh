#!/bin/bash
# SPDX-License-Identifier: MIT
# Set-id bits and file capabilities go when somebody without the power to keep them changes the content or the owner,
# exactly as on the source itself.
# variants: default; io=direct; writers=exclusive
. "$SFS_LIB/lib.sh"
mount_fg
py <<'END'
def with_fd(flags, action):
    def run(path):
        fd = opened(path, flags)
        try:
            action(fd)
        finally:
            os.close(fd)
    return run

def mapped(path):
    fd = opened(path, os.O_RDWR)
    m = mmap.mmap(fd, 4096)
    m[:4] = b"mmap"
    m.flush()
    m.close()
    os.close(fd)

def copy_range(path):
    source = opened(os.path.dirname(path) + "/other")
    fd = opened(path, os.O_WRONLY)
    os.copy_file_range(source, fd, 4)
    os.close(fd)
    os.close(source)

actions = {
    "write": with_fd(os.O_WRONLY, lambda fd: os.write(fd, b"x")),
    "write of nothing": with_fd(os.O_WRONLY, lambda fd: os.write(fd, b"")),
    "append": with_fd(os.O_WRONLY | os.O_APPEND, lambda fd: os.write(fd, b"x")),
    "pwrite and fsync": with_fd(os.O_RDWR, lambda fd: (os.pwrite(fd, b"x", 9), os.fsync(fd))),
    "truncate": lambda p: os.truncate(p, 5),
    "truncate to the same size": lambda p: os.truncate(p, 4096),
    "ftruncate": with_fd(os.O_WRONLY, lambda fd: os.ftruncate(fd, 10000)),
    "O_TRUNC": lambda p: os.close(opened(p, os.O_WRONLY | os.O_TRUNC)),
    "creat": lambda p: os.close(opened(p, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)),
    "open for writing": lambda p: os.close(opened(p, os.O_WRONLY)),
    "fallocate": with_fd(os.O_WRONLY, lambda fd: fallocate(fd, 0, 0, 8192)),
    "punch": with_fd(os.O_WRONLY, lambda fd: fallocate(fd, FALLOC_KEEP_SIZE | FALLOC_PUNCH_HOLE, 0, 4096)),
    "copy_file_range": copy_range,
    "mmap": mapped,
    "utime": lambda p: os.utime(p, (1, 1)),
    "read": get,
}
put(MNT + "/probe", "x")
if not ROOT or USERNS or not can_map():  # only the machine's root can keep the bits when a stored page is written back
    del actions["mmap"]
if ROOT:
    actions["chown by root"] = lambda p: os.chown(p, 61001, 61001)
    actions["chown to the same"] = lambda p: os.chown(p, 61001, -1)
    actions["chown of nothing"] = lambda p: os.chown(p, -1, -1)
    actions["chgrp by the owner"] = lambda p: os.chown(p, -1, 61009)

def prepare(top, mode, uid, capability):
    folder = f"{top}/setid"
    os.makedirs(folder, exist_ok=True)
    os.chmod(folder, 0o777)
    put(folder + "/other", "other")
    os.chmod(folder + "/other", 0o644)
    path = put(folder + "/victim", b"a" * 4096)
    if ROOT:
        os.chown(path, uid, 61001)
        if capability:
            os.setxattr(path, "security.capability", bytes.fromhex("0100000200200000000000000000000000000000"))
    os.chmod(path, mode)
    return path

def state(path):
    s = os.lstat(path)
    return f"{s.st_mode:o} {s.st_uid} {s.st_gid} {'security.capability' in os.listxattr(path)}"

os.mkdir(SRC + "/nat")
count = 0
callers = ((0, 0, ()), (61001, 61001, (61009,)), (61003, 61003, ()), (61003, 61001, ())) if ROOT else (None,)
for mode in (0o6777, 0o2767, 0o6755):
    for capability in ((False, True) if ROOT and mode == 0o6755 else (False,)):
        for caller in callers:
            for name, action in actions.items():
                if name == "mmap" and capability:
                    continue  # a mapping is written back by write(2), which removes the capability: stablefs-semantics(7)
                # The map's file is prepared through the map, so that the kernel has its state cached
                pair = prepare(MNT, mode, 61001, capability), prepare(SRC + "/nat", mode, 61001, capability)
                eq(state(pair[0]), state(pair[1]), f"prepared {mode:o}")
                results = []
                for path in pair:
                    try:
                        as_user(caller[0], caller[1], lambda p: action(p) and None, path, groups=caller[2]) if caller else action(path)
                        results.append("done")
                    except OSError as e:
                        results.append(error_name(e))
                if name == "chown of nothing" and mode == 0o2767 and caller[0] == 61003:
                    results = ["EPERM", "EPERM"] if results == ["done", "EPERM"] else results  # stablefs-semantics(7)
                    os.chmod(pair[0], 0o2767) if results[0] == "EPERM" else None
                elif name == "chown of nothing" and caller and caller[0] == 61003:
                    # with libfuse 3.17: done, and then no bits may have changed, as the states below show
                    if results == ["done", "EPERM"]:
                        results = ["EPERM", "EPERM"]
                        # as on the source for a file without set-id bits (notify_change() in fs/attr.c)
                        os.removexattr(pair[1], "security.capability") if capability else None
                what = f"{name} of mode {mode:o}{' with capability' if capability else ''} by {caller}"
                eq(results[0], results[1], what)
                wanted, got = state(pair[1]), state(SRC + "/setid/victim")
                if capability and caller[0] == 0 and wanted == "106755 61001 61001 False" and got == "100755 61001 61001 False":
                    os.chmod(pair[1], 0o755)  # a write by root took both: stablefs-semantics(7)
                eq(got, state(pair[1]), what + ", at the source")
                eq(state(pair[0]), state(pair[1]), what + ", through the map")
                count += 1
                for path in pair:
                    os.unlink(path)
print(count, "combinations")
END
