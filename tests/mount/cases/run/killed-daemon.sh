#!/bin/bash
# SPDX-License-Identifier: MIT
# The daemon is killed: files fail, nothing hangs, the command ends as it likes, and nothing is left.
. "$SFS_LIB/lib.sh"
cat >"$TMP/command.py" <<'END'
import errno, os, subprocess, sys, threading, time
path, null = sys.argv[1], subprocess.DEVNULL
# they outlive the command
subprocess.Popen(["setsid", "sleep", "1000"], cwd=path, stdout=null, stderr=null)
subprocess.Popen(["sh", "-c", "sleep 1000 & exec sleep 1000"], cwd=path, stdout=null, stderr=null)
file = os.open(path + "/f", os.O_RDWR)
def until_it_fails(call):
    last = 0
    # so ends what was under way: unanswered, or in the middle of its answer (fuse_dev_do_write() in fs/fuse/dev.c)
    while last in (0, errno.ECONNABORTED, errno.EIO):
        try:
            call()
            time.sleep(0.001)
        except OSError as e:
            last = e.errno
    print(errno.errorcode[last], flush=True)
calls = [lambda: os.stat(path + "/f"), lambda: os.listdir(path), lambda: os.close(os.open(path + "/f", os.O_RDONLY)),
         lambda: os.fsync(file) or os.write(file, b"x") and os.fsync(file), lambda: os.posix_fadvise(file, 0, 0, 4) or os.pread(file, 10, 0)]
threads = [threading.Thread(target=until_it_fails, args=[call]) for call in calls]
for thread in threads:
    thread.start()
print("ready", flush=True)
for thread in threads:
    thread.join()
sys.exit(9)
END
py <<'END'
exec(open(os.environ["SFS_LIB"] + "/lib/killing.py").read())
run = start("/usr/bin/python3", TMP + "/command.py", path, options=",io=cached",
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # with passthrough, an open file needs no daemon
eq(run.stdout.readline(), b"ready\n")
def processes():
    found = [p for p in below(run.pid) if get(f"/proc/{p}/comm") != b"sfs-keeper\n"]
    return len(found) == 5 and found  # the daemon, the command, and what it leaves running
tree = wait_until(processes, 5, "processes")
kill(daemon_of(run))
out, err = run.communicate(timeout=20)
eq(run.returncode, 9, "the command's own status after the daemon was killed")
eq(out.split(), [b"ENOTCONN"] * 5, "how files fail without the daemon")
eq(len(err.splitlines()), 1, "lines of error")
ok(b"daemon was killed by signal 9" in err, err)
ok(len([p for p in tree if alive(p)]) == 3, "what the command has left running lives on")
for pid in tree:
    kill(pid)
nothing_left("the daemon was killed")
ok(not wrong, wrong[0] if wrong else "")
END
