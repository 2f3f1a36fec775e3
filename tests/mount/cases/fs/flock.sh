#!/bin/bash
# SPDX-License-Identifier: MIT
# flock through the map and on the source are one lock, in both directions, shared and exclusive.
# variants: default; cache=none; io=direct
. "$SFS_LIB/lib.sh"
mount_fg
py <<'END'
put(SRC + "/f")
EX, SH, UN, NB = fcntl.LOCK_EX, fcntl.LOCK_SH, fcntl.LOCK_UN, fcntl.LOCK_NB
def holder(path, kind):
    fd = opened(path, os.O_RDWR)
    fcntl.flock(fd, kind)
    return fd
for inside, outside in ((MNT, SRC), (SRC, MNT), (MNT, MNT)):
    where = f"held on {inside[-3:]}, tried on {outside[-3:]}"
    fd = opened(outside + "/f")
    p = holding(holder, inside + "/f", EX)
    raises("EAGAIN", fcntl.flock, fd, EX | NB)
    raises("EAGAIN", fcntl.flock, fd, SH | NB)
    p.end()
    wait_until(lambda: not fcntl.flock(fd, EX | NB), 3, f"not free after the holder's end: {where}")
    fcntl.flock(fd, UN)
    p = holding(holder, inside + "/f", SH)
    fcntl.flock(fd, SH | NB)
    raises("EAGAIN", fcntl.flock, fd, EX | NB)
    raises("EAGAIN", fcntl.flock, opened(inside + "/f"), EX | NB)
    p.end()
    fcntl.flock(fd, EX)                         # upgrade
    raises("EAGAIN", fcntl.flock, opened(inside + "/f"), SH | NB)
    os.close(fd)
    fd = opened(inside + "/f")
    wait_until(lambda: not fcntl.flock(fd, EX | NB), 3, f"close did not unlock: {where}")
    fcntl.flock(fd, UN)
    # a holder that is killed
    p = holding(holder, inside + "/f", EX); p.kill()
    fd = opened(outside + "/f")
    wait_until(lambda: not fcntl.flock(fd, EX | NB), 3, f"not free after a kill: {where}")
    # waiting until it is free
    p2 = Process(holder, inside + "/f", EX)
    ok(not p2.is_ready(0.2), f"did not wait: {where}")
    fcntl.flock(fd, UN)
    ok(p2.is_ready(3 * SLOW), f"was not woken: {where}")
    p2.wait_ready().end()
# the lock is the open file's: a duplicate keeps it, fork too
fd = holder(MNT + "/f", EX); twin = os.dup(fd); os.close(fd)
raises("EAGAIN", fcntl.flock, opened(SRC + "/f"), EX | NB)
os.close(twin)
fd = opened(SRC + "/f")
wait_until(lambda: not fcntl.flock(fd, EX | NB), 3)
# flock and fcntl locks do not see one another on a local filesystem
fcntl.lockf(opened(MNT + "/f", os.O_RDWR), EX | NB)
END
