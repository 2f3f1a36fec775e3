#!/bin/bash
# SPDX-License-Identifier: MIT
# A lease that somebody holds on the source: open(2) on the map waits until it is given up, as on the source, unless
# O_NONBLOCK says otherwise; meanwhile others go on.
# variants: default; cache=none; io=cached
. "$SFS_LIB/lib.sh"
mount_fg
py <<'END'
import threading
def hold(kind, give_up):
    told = []
    signal.signal(signal.SIGIO, lambda *a: told.append(1))
    fd = opened(SRC + "/f")
    def lease():  # F_SETLEASE; the daemon closes what the last turn opened a moment later
        try:
            return fcntl.fcntl(fd, 1024, kind) == 0
        except BlockingIOError:
            return False
    wait_until(lease, 5)
    def end():
        wait_until(lambda: told and os.path.exists(give_up), 20)
        fcntl.fcntl(fd, 1024, fcntl.F_UNLCK)
    return end
def holder(kind, give_up):
    ready, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        end = hold(kind, give_up); os.write(tell, b"1"); end(); os._exit(0)
    os.close(tell); ok(os.read(ready, 1) == b"1", "no lease"); os.close(ready)
    return pid
put(SRC + "/f", "text"); put(SRC + "/g", "other")
for turn, (kind, flags) in enumerate(((fcntl.F_RDLCK, os.O_WRONLY), (fcntl.F_RDLCK, os.O_RDWR | os.O_APPEND), (fcntl.F_WRLCK, os.O_RDONLY))):
    for root in (SRC, MNT):
        give_up = f"{TMP}/up{turn}{root[-3:]}"
        pid = holder(kind, give_up)
        raises("EAGAIN", opened, root + "/f", flags | os.O_NONBLOCK)
        got = []
        def wait():
            try:
                got.append(opened(root + "/f", flags))
            except OSError as e:
                got.append(e)
        t = threading.Thread(target=wait); t.start(); t.join(0.3)
        eq(got, [], f"{root}: open did not wait")
        eq(get(MNT + "/g"), b"other"); os.stat(MNT + "/f"); os.listdir(MNT)
        put(give_up); t.join(15 * SLOW)
        ok(got and isinstance(got[0], int), f"{root}: {got}"); os.close(got[0])
        eq(os.waitpid(pid, 0)[1], 0)
END
