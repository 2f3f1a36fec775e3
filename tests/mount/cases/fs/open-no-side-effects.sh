#!/bin/bash
# SPDX-License-Identifier: MIT
# Opening for reading, locking and stat through the map do to a file of the source what they would there: nothing that
# keeps it from being executed, needs the right to write, or wakes a FIFO.
# variants: default; ro,cache=ttl:1; io=cached
. "$SFS_LIB/lib.sh"
cp /bin/sleep "$SRC/prog"; cp /bin/sleep "$SRC/other"; mkfifo "$SRC/fifo"; echo x >"$SRC/readonly"; chmod 444 "$SRC/readonly"
mount_fg
py <<'END'
fd = opened(MNT + "/prog"); os.read(fd, 100)
eq(subprocess.run([SRC + "/prog", "0"]).returncode, 0, "execute at the source what is open for reading on the map")
fcntl.flock(fd, fcntl.LOCK_SH)
eq(subprocess.run([SRC + "/prog", "0"]).returncode, 0, "execute at the source what is locked on the map")
p = subprocess.Popen([SRC + "/other", "20"])
get(MNT + "/other"); fcntl.flock(opened(MNT + "/other"), fcntl.LOCK_SH)
with open(MNT + "/other", "rb") as f:
    posix_lock(f.fileno(), fcntl.F_RDLCK)
eq(subprocess.run([MNT + "/other", "0"]).returncode, 0, "execute on the map what runs at the source")
if "ro" not in OPTS:
    raises("ETXTBSY", opened, MNT + "/other", os.O_WRONLY)
p.kill(); p.wait()
# looking at a fifo does not open it
os.stat(MNT + "/fifo"); os.listdir(MNT); os.listxattr(MNT + "/fifo"); raises("ENXIO", opened, SRC + "/fifo", os.O_WRONLY | os.O_NONBLOCK)
fcntl.flock(opened(MNT + "/readonly"), fcntl.LOCK_EX | fcntl.LOCK_NB); posix_lock(opened(MNT + "/readonly"), fcntl.F_RDLCK)
END
