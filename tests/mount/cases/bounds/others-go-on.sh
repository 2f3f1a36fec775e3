#!/bin/bash
# SPDX-License-Identifier: MIT
# Whatever one client makes the daemon keep - open files, removed ones, locks, open directories -, names can be looked up
# and directories listed by everybody.
# variants: default; cache=none; ro,cache=ttl:1
. "$SFS_LIB/lib.sh"
mkdir "$SRC/many" "$SRC/tree"
for n in $(seq 60); do mkdir -p "$SRC/tree/$n/sub"; echo x >"$SRC/tree/$n/sub/file"; done
(ulimit -n 256 && mount_map) || fail "mount"
FILES+=("$MNT")
pid=$(daemon_of "$MNT")
DPID=$pid py <<'END'
resource = __import__("resource")
try:
    resource.setrlimit(resource.RLIMIT_NOFILE, (4000, 4000))
except (OSError, ValueError):
    pass
READ_ONLY = "ro" in OPTS
def fill(what):
    fds, refused = [], None
    for n in range(400):
        path = f"{MNT}/many/{n}"
        try:
            if what == "dirs":
                fds.append(opened(f"{MNT}/tree/{n % 60 + 1}", os.O_DIRECTORY)); continue
            fds.append(opened(path, os.O_RDONLY if READ_ONLY else os.O_RDWR))
            if what == "lock":
                fcntl.lockf(fds[-1], fcntl.LOCK_EX)
            if what in ("unlink", "held"):
                if what == "held":
                    fds.append(os.open(path, os.O_PATH)); os.close(fds.pop(-2))
                os.unlink(path)
        except OSError as e:
            refused = error_name(e)
            ok(refused in ("ENFILE", "EMFILE", "ENOLCK"), f"{what}: {e}")
            if what != "lock" or refused != "ENOLCK":
                break
    return fds, refused
def others(what):
    for n in range(1, 61):
        for d in (f"{MNT}/tree/{n}/sub", f"{MNT}/tree/{n}"):
            eq(os.listdir(d), ["file"] if d.endswith("sub") else ["sub"], f"{what}: {d}")
        eq(os.stat(f"{MNT}/tree/{n}/sub/file").st_size, 2, what)
    raises("ENOENT", os.stat, MNT + "/none")
    eq(len(os.listdir(MNT + "/tree")), 60, what)
    fd = os.open(MNT + "/tree", os.O_DIRECTORY); os.fsync(fd); eq(stat.S_ISDIR(os.fstat(fd).st_mode), True)
    eq(os.stat("1/sub", dir_fd=fd).st_ino, os.stat(MNT + "/tree/1/sub").st_ino); os.close(fd)
    if not READ_ONLY:
        os.mkdir(MNT + "/new"); os.rename(MNT + "/new", MNT + "/new2"); os.rmdir(MNT + "/new2")
for what in ("open", "dirs") if READ_ONLY else ("open", "lock", "unlink", "held", "dirs"):
    for n in range(400):
        put(f"{SRC}/many/{n}", "x")
    if "none" not in OPTS:
        time.sleep(1.2)
    fds, refused = fill(what)
    ok(what in ("held", "dirs") or refused, f"{what}: 400 within a limit of 256")
    ok(len(fds) >= 60, f"{what}: only {len(fds)}")
    others(what)
    if what == "lock":
        eq(refused in ("ENOLCK", "ENFILE", "EMFILE"), True)
        in_child(others, what)
    if ROOT:
        ok(len(os.listdir("/proc/%s/fd" % os.environ["DPID"])) <= 256, what)
    [os.close(fd) for fd in fds]
    def again():
        try:
            get(f"{MNT}/tree/1/sub/file"); return True
        except OSError:
            return False
    wait_until(again, 3, f"{what}: after closing all, nothing can be opened")
# nothing of the account was lost
for turn in range(3):
    for n in range(400):
        put(f"{SRC}/many/{n}", "x")
    fds, refused = fill("open"); counts = len(fds)
    [os.close(fd) for fd in fds]
    time.sleep(0.3)
    ok(counts >= 150, f"only {counts} can be open")
END
