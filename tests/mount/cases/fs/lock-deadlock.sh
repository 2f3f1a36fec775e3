#!/bin/bash
# SPDX-License-Identifier: MIT
# Two that wait for one another by fcntl: one is told EDEADLK, or both can be interrupted; nothing hangs.
. "$SFS_LIB/lib.sh"
mount_fg
py <<'END'
put(MNT + "/f", "ab")
W = fcntl.F_WRLCK
def cross(mine, other):
    fd = opened(MNT + "/f", os.O_RDWR)
    posix_lock(fd, W, mine, 1)
    time.sleep(0.3)
    def give_up(*_): raise TimeoutError
    signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, 1)
    try:
        posix_lock(fd, W, other, 1, fcntl.F_SETLKW)
        signal.setitimer(signal.ITIMER_REAL, 0)
    except (TimeoutError, OSError):
        signal.setitimer(signal.ITIMER_REAL, 0)
    os.close(fd)
a, b = Process(cross, 0, 1), Process(cross, 1, 0)
for p in (a, b):
    ok(p.is_ready(5 * SLOW), "a deadlock that does not end")
    p.wait_ready().end()
END
