#!/bin/bash
# SPDX-License-Identifier: MIT
# writers = exclusive: the kernel opens files alone, where the daemon can open all of them again, and keeps what it knows;
# locks are between the users of the map; and a file that is removed while it is in use stays what it is.
# variants: writers=exclusive
. "$SFS_LIB/lib.sh"
ulimit -n 256
mount_fg
matches "$(stablefs status "$MNT")" "rw, nobody else writes"
status_of() { stablefs status --json "$MNT" | /usr/bin/python3 -c "import json, sys; print(json.load(sys.stdin)['instances'][0]['maps'][0]$1)"; }
equal "$(status_of "['cache']")" coherent
equal "$(status_of "['writers']")" exclusive
opens=daemon
case $(stat -f -c %T "$SRC") in ext2/ext3 | xfs | btrfs | tmpfs) ! is_root || in_userns || opens=kernel ;; esac
equal "$(status_of "['opens']")" "$opens"
if [ "$opens" = kernel ]; then
    for i in $(seq 50); do echo "$i" >"$MNT/f$i"; cat "$MNT/f$i"; done >/dev/null
    echo more >>"$MNT/f1"
    [ "$(status_of "['counters'].get('open', 0)")" -le 1 ] || fail "files are opened by the daemon"
    [ "$(status_of "['counters'].get('release', 0)")" -le 1 ] || fail "the daemon hears of each end"
    [ "$(status_of "['counters'].get('flush', 0)")" -le 1 ] || fail "closing asks the daemon"
    for i in $(seq 50); do stat "$MNT/f$i"; done >/dev/null # a read has moved the access time
    before=$(status_of "['requests']")
    for i in $(seq 50); do stat "$MNT/f$i"; cat "$MNT/f$i"; done >/dev/null
    after=$(status_of "['requests']")
    [ $((after - before)) -le 5 ] || fail "$((after - before)) requests for what the kernel knows"
fi
py <<'END'
fd = opened(MNT + "/locked", os.O_RDWR | os.O_CREAT)
def other(path):
    fd = opened(path, os.O_RDWR)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return "got it"
    except OSError as e:
        return error_name(e)
    finally:
        os.close(fd)
fcntl.flock(fd, fcntl.LOCK_EX)
eq(other(MNT + "/locked"), "EAGAIN", "a lock between users of the map")
eq(other(SRC + "/locked"), "got it", "a lock of the map, at the source")
os.close(fd)
# a mode that lets nobody write does not matter to who has made the file
nameless = None
try:
    nameless = opened(MNT, os.O_TMPFILE | os.O_RDWR)
    os.write(nameless, b"nameless")
except OSError as e:
    eq(error_name(e), "EOPNOTSUPP")  # by the libfuse
pidfile = opened(MNT + "/pidfile", os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o444)
os.write(pidfile, b"first")
for i in range(300):
    put(f"{MNT}/many{i}", str(i))  # whatever descriptor the daemon had is closed for these
os.pwrite(pidfile, b"F", 0)
eq(get(SRC + "/pidfile"), b"First")
os.close(pidfile)
if nameless is not None:
    os.pwrite(nameless, b"N", 0)
    os.fsync(nameless)
    eq((os.pread(nameless, 20, 0), os.fstat(nameless).st_size), (b"Nameless", 8), "a file without a name")
    os.close(nameless)
# more removed files in use than the daemon has descriptors: refused in time, and nothing is lost
held, refused = {}, 0
for i in range(150):
    try:
        held[i] = opened(f"{MNT}/many{i}", os.O_RDWR)
    except OSError as e:
        eq(error_name(e), "ENFILE")  # where the daemon opens files
for i in held:
    try:
        os.unlink(f"{MNT}/many{i}")
    except OSError as e:
        eq(error_name(e), "ENFILE")
        refused += 1
print(len(held), "held,", refused, "removals refused")
for i, fd in held.items():
    eq(os.pread(fd, 10, 0), str(i).encode(), f"file {i}")
    os.pwrite(fd, b"!", 0)
    os.fsync(fd)
    eq(os.pread(fd, 1, 0), b"!")
for fd in held.values():
    os.close(fd)
for name in os.listdir(MNT):
    os.unlink(MNT + "/" + name)
eq(os.listdir(SRC), [])
END
