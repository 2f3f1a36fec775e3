#!/bin/bash
# SPDX-License-Identifier: MIT
# O_APPEND is of each write, not of the file: pages of a mapping and writes after F_SETFL go where they belong; what is
# appended goes to the true end, beside appenders on the source; files that can only be appended to (chattr +a).
# variants: default; io=cached; io=cached,cache=none; io=direct
. "$SFS_LIB/lib.sh"
mount_fg
py <<'END'
A = os.O_APPEND
def short(data):
    return len(data), data.strip(b"\0")[:40], data.strip(b"\0")[-40:], hash(data)
def both(name, want):
    eq(short(get(SRC + name)), short(want), f"{name} in the source"); eq(short(get(MNT + name)), short(want), f"{name} on the map")
# a shared mapping of a descriptor with O_APPEND
put(SRC + "/plain", "abc")
if can_map():
    fd = opened(MNT + "/mapped", os.O_RDWR | os.O_CREAT | A)
    os.ftruncate(fd, 8192)
    m = mmap.mmap(fd, 8192); m[0:5] = b"HELLO"; m[8000:8002] = b"XY"; m.flush(); os.fsync(fd)
    os.write(fd, b"tail"); m[0:1] = b"J"; m.flush(); m.close(); os.close(fd)
    both("/mapped", b"JELLO" + bytes(7995) + b"XY" + bytes(190) + b"tail")
# O_APPEND taken away, and given, by F_SETFL
for at_open in (0, os.O_CREAT | os.O_EXCL):
    name = f"/flags{at_open}"
    if not at_open:
        put(SRC + name, "abc")
    fd = opened(MNT + name, os.O_WRONLY | A | at_open)
    if at_open:
        os.write(fd, b"abc")
    fcntl.fcntl(fd, fcntl.F_SETFL, 0)
    eq(os.pwrite(fd, b"X", 0), 1); both(name, b"Xbc")
    os.lseek(fd, 1, 0); os.write(fd, b"Y"); both(name, b"XYc")
    fcntl.fcntl(fd, fcntl.F_SETFL, A)
    os.lseek(fd, 0, 0); os.write(fd, b"end"); both(name, b"XYcend")
    os.pwrite(fd, b"!", 0); both(name, b"XYcend!")  # pwrite(2), BUGS
    fcntl.fcntl(fd, fcntl.F_SETFL, 0); os.pwrite(fd, b"Z", 2); os.close(fd); both(name, b"XYZend!")
fd = opened(MNT + "/plain", os.O_RDWR)
fcntl.fcntl(fd, fcntl.F_SETFL, A); os.pwrite(fd, b"d", 0); os.close(fd); both("/plain", b"abcd")
# appenders on both sides, each write whole
def append(path):
    fd = opened(path, os.O_WRONLY | A)
    for n in range(400):
        eq(os.write(fd, b"%s%03d" % (path[-1:].encode(), n) * 25 + b"\n"), 101)
    os.close(fd)
put(SRC + "/log"); os.symlink(SRC + "/log", TMP + "/s"); os.symlink(MNT + "/log", TMP + "/m"); os.symlink(MNT + "/log", TMP + "/n")
ones = [Process(append, TMP + "/" + n) for n in "ssmmn"]
[p.wait_ready() for p in ones]; [p.end() for p in ones]
lines = get(SRC + "/log").splitlines()
eq(len(lines), 2000, "lines of five appenders")
eq({len(line) for line in lines} | {len({line[i:i + 4] for i in range(0, 100, 4)}) for line in lines}, {100, 1}, "mixed lines")
if "cache=none" in OPTS or "direct" in OPTS:
    eq(short(get(MNT + "/log")), short(get(SRC + "/log")))
else:
    wait_until(lambda: get(MNT + "/log") == get(SRC + "/log"), 3, "the map goes on showing other data")
# large ones stay together too
def append_large(path):
    fd = opened(path, os.O_WRONLY | A)
    for n in range(40):
        eq(os.write(fd, path[-1:].encode() * 69999 + b"\n"), 70000)
    os.close(fd)
put(SRC + "/large"); os.symlink(SRC + "/large", TMP + "/S"); os.symlink(MNT + "/large", TMP + "/M")
ones = [Process(append_large, TMP + "/" + n) for n in "SM"]
[p.wait_ready() for p in ones]; [p.end() for p in ones]
lines = get(SRC + "/large").splitlines()
eq((len(lines), {len(line) for line in lines}, {len(set(line)) for line in lines}), (80, {69999}, {1}), "large lines")
# one that reads while another appends on the source
fd = opened(MNT + "/log", os.O_RDWR | A)
with open(SRC + "/log", "ab", 0) as f:
    for n in range(10):
        f.write(b"S" * 5000); os.write(fd, b"M" * 3000)
os.close(fd)
eq(short(get(SRC + "/log")[2000 * 101:]), short((b"S" * 5000 + b"M" * 3000) * 10))
# only to be appended to
put(SRC + "/only", "abc")
with open(SRC + "/only") as f:
    try:
        setflags(f.fileno(), getflags(f.fileno()) | 0x20)
    except OSError as e:
        print("no append-only files here:", e); sys.exit(0)
try:
    raises("EPERM", opened, MNT + "/only", os.O_WRONLY)
    raises("EPERM", opened, MNT + "/only", os.O_WRONLY | A | os.O_TRUNC)
    fd = opened(MNT + "/only", os.O_RDWR | A)
    os.write(fd, b"def"); os.pwrite(fd, b"g", 0); both("/only", b"abcdefg")
    try:
        fcntl.fcntl(fd, fcntl.F_SETFL, 0)  # the source's filesystem would say EPERM here
        os.pwrite(fd, b"X", 0); ok(False, "overwritten")
    except OSError as e:
        eq(error_name(e), "EPERM")
    both("/only", b"abcdefg"); os.close(fd)
finally:
    with open(SRC + "/only") as f:
        setflags(f.fileno(), getflags(f.fileno()) & ~0x20)
END
