#!/bin/bash
# SPDX-License-Identifier: MIT
# A waiting lock can be interrupted by a signal and by the end of the process, and fifty of them hold up nobody else.
# variants: default; cache=none
. "$SFS_LIB/lib.sh"
mount_fg
py <<'END'
put(SRC + "/f"); put(SRC + "/g", "content")
class Alarm(Exception):
    pass
def ring(*_):
    raise Alarm
signal.signal(signal.SIGALRM, ring)
def flock_holder(path):
    fd = opened(path, os.O_RDWR); fcntl.flock(fd, fcntl.LOCK_EX); posix_lock(fd, fcntl.F_WRLCK); return fd
waits = {
    "flock": lambda fd: fcntl.flock(fd, fcntl.LOCK_EX),
    "fcntl": lambda fd: posix_lock(fd, fcntl.F_WRLCK, command=fcntl.F_SETLKW),
    "OFD": lambda fd: posix_lock(fd, fcntl.F_WRLCK, command=38),
}
for where in (SRC, MNT):
    p = holding(flock_holder, where + "/f")
    for name, wait in waits.items():
        fd = opened(MNT + "/f", os.O_RDWR)
        start = time.monotonic()
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        try:
            wait(fd)
            fail(f"{name}: got a lock that {where} holds")
        except Alarm:
            pass
        took = time.monotonic() - start
        ok(0.15 < took < 1.5 * SLOW, f"{name}: interrupted after {took} s")
        os.close(fd)
        # killed while waiting: the process really ends
        child = Process(lambda: wait(opened(MNT + "/f", os.O_RDWR)))
        ok(not child.is_ready(0.15), f"{name}: did not wait")
        os.kill(child.pid, signal.SIGKILL)
        wait_until(lambda: os.waitpid(child.pid, os.WNOHANG)[0], 3, f"{name}: a killed waiter does not end")
        Process.alive.remove(child); os.close(child.done); os.close(child.ready)
    p.end()
    # nothing is left of the interrupted ones: the lock is free
    fd = opened(SRC + "/f", os.O_RDWR)
    def both():
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB); posix_lock(fd, fcntl.F_WRLCK); return True
        except OSError:
            return False
    wait_until(both, 3, f"an interrupted waiter got the lock later ({where})")
    os.close(fd)
# fifty waiters at the same time
p = holding(flock_holder, SRC + "/f")
def waiter(n):
    list(waits.values())[n % 3](opened(MNT + "/f", os.O_RDWR))
crowd = [Process(waiter, n) for n in range(51)]
time.sleep(0.3)
start = time.monotonic()
eq(get(MNT + "/g"), b"content")
for n in range(100):
    put(f"{MNT}/n{n}", "x"); os.stat(f"{MNT}/n{n}"); os.listdir(MNT)
fcntl.flock(opened(MNT + "/g"), fcntl.LOCK_EX)
took = time.monotonic() - start
ok(took < 5 * SLOW, f"others wait for waiters: {took} s")
ok(not any(c.is_ready(0) for c in crowd), "a waiter got through")
for c in crowd[:20]:
    c.kill()
p.end()
for c in crowd[20:]:
    # each gets it, keeps it until it is told to end, and the next one follows
    pass
left = crowd[20:]
end = time.monotonic() + 20 * SLOW
while left:
    ready = [c for c in left if c.is_ready(0.01)]
    for c in ready:
        c.wait_ready().end(); left.remove(c)
    ok(time.monotonic() < end, f"{len(left)} waiters never got the lock")
END
