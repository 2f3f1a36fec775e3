#!/bin/bash
# SPDX-License-Identifier: MIT
# Many removed files and directories that somebody still holds, with few descriptors: each goes on or says ESTALE.
. "$SFS_LIB/lib.sh"
(ulimit -n 256 && mount_map) || fail "mount"
FILES+=("$MNT")
py <<'END'
held = []
for n in range(600):
    name = f"{MNT}/{n}"
    os.mkdir(name) if n % 2 else put(name, str(n))
    held.append(os.open(name, os.O_PATH))
for n in range(600):
    os.rmdir(f"{MNT}/{n}") if n % 2 else os.unlink(f"{MNT}/{n}")
alive = 0
time.sleep(1.2)
for n, fd in enumerate(held):
    try:
        s = os.stat(f"/proc/self/fd/{fd}")
        eq(stat.S_ISDIR(s.st_mode), bool(n % 2)); eq(s.st_nlink, 0)
        if n % 2 == 0:
            f = opened(f"/proc/self/fd/{fd}"); eq(os.read(f, 10), str(n).encode()); os.close(f)
        alive += 1
    except OSError as e:
        ok(error_name(e) in ("ESTALE", "ENFILE", "EMFILE"), f"{n}: {e}")
print(alive, "of 600 go on")
ok(alive > 30, "hardly any goes on")
put(MNT + "/after", "x"); eq(os.listdir(MNT), ["after"])
[os.close(fd) for fd in held]
for n in range(300):
    put(f"{MNT}/again{n}", "x"); eq(get(f"{MNT}/again{n}"), b"x")
END
