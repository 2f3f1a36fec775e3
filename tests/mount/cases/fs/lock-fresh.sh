#!/bin/bash
# SPDX-License-Identifier: MIT
# Who has taken a lock on the map sees what was written on the source before the lock was given back there: data, and the
# size to append at. And SQLite, which relies on it, loses no row when one process uses the map and another the source.
# variants: default; io=cached; cache=ttl:60,io=cached; io=direct
# timeout: 120
. "$SFS_LIB/lib.sh"
mount_fg
py <<'END'
import sqlite3, subprocess
def rewritten(lock):
    put(SRC + "/f", b"%8d" % 0); ours = opened(MNT + "/f", os.O_RDWR); theirs = opened(SRC + "/f", os.O_RDWR)
    os.pread(ours, 8, 0)
    for n in range(300):
        lock(theirs, fcntl.LOCK_EX); os.pwrite(theirs, b"%8d" % n, 0); lock(theirs, fcntl.LOCK_UN)
        lock(ours, fcntl.LOCK_SH if n % 2 else fcntl.LOCK_EX)
        eq(int(os.pread(ours, 8, 0)), n, f"{lock.__name__}: old data under the lock")
        lock(ours, fcntl.LOCK_UN)
def appended(lock):
    put(SRC + "/log"); ends = [opened(MNT + "/log", os.O_RDWR), opened(SRC + "/log", os.O_RDWR)]
    for n in range(200):
        fd = ends[n % 2]
        lock(fd, fcntl.LOCK_EX); eq(os.fstat(fd).st_size, n * 4, f"{lock.__name__}: an old size under the lock")
        os.pwrite(fd, b"%4d" % n, n * 4); lock(fd, fcntl.LOCK_UN)
    eq(get(SRC + "/log"), b"".join(b"%4d" % n for n in range(200)))
for lock in (fcntl.flock, fcntl.lockf):
    rewritten(lock)
    appended(lock)
# a lock that had to be waited for
put(SRC + "/w", b"old"); ours = opened(MNT + "/w", os.O_RDWR); eq(os.pread(ours, 3, 0), b"old")
theirs = opened(SRC + "/w", os.O_RDWR); fcntl.flock(theirs, fcntl.LOCK_EX)
def wait_and_read():
    fcntl.flock(ours, fcntl.LOCK_EX); eq(os.pread(ours, 3, 0), b"new")
import threading
failed = []
def guarded():
    try: wait_and_read()
    except BaseException as e: failed.append(e)
thread = threading.Thread(target=guarded); thread.start(); time.sleep(0.1)
os.pwrite(theirs, b"new", 0); fcntl.flock(theirs, fcntl.LOCK_UN); thread.join(20)
ok(not failed and not thread.is_alive(), f"after waiting: {failed}")
base = sqlite3.connect(SRC + "/db"); base.execute("create table t(a,b)"); base.commit(); base.close()
code = """if 1:
    import sqlite3, sys
    c = sqlite3.connect(sys.argv[1] + "/db", timeout=100, isolation_level=None)
    for i in range(25):
        c.execute("begin immediate"); n = c.execute("select count(*) from t").fetchone()[0]
        c.execute("insert into t values(?,?)", (sys.argv[2], n)); c.execute("commit")
"""
running = [subprocess.Popen([sys.executable, "-c", code, where, str(k)]) for k, where in enumerate((MNT, SRC, MNT, SRC))]
eq([p.wait() for p in running], [0] * 4)
base = sqlite3.connect(SRC + "/db")
eq(base.execute("select count(*), count(distinct b) from t").fetchone(), (100, 100), "rows were lost")
eq(base.execute("pragma integrity_check").fetchone()[0], "ok")
END
