# SPDX-License-Identifier: MIT
"""killed.py STABLEFS PATH SOURCE SOCKETS SEED: build SOURCE at PATH by "stablefs run -- make -j2" and kill the daemon, the
supervisor or both at ten random moments that SEED decides.  After each, within seconds: no process of the run, no mount,
no control socket, no directory; and no command that hangs.  One line for each; the last one says what was wrong."""
import os
import random
import signal
import subprocess
import sys
import time

stablefs, path, source, sockets, seed = sys.argv[1:]
ROUNDS, HANGS, SOON = 10, 60, 15
ROUND = "SFS_KILLED_ROUND"


def read(file):
    try:
        with open(file, "rb") as f:
            return f.read()
    except OSError:  # it has ended
        return b""


def state(pid):
    return read(f"/proc/{pid}/stat").rpartition(b")")[2].split()[:1] or [b"X"]


def children(pid):
    return [int(p) for p in read(f"/proc/{pid}/task/{pid}/children").split()]


def daemon_of(run):
    """The child that leads a session of its own and is not the keeper."""
    for pid in children(run.pid):
        try:
            if os.getsid(pid) == pid and read(f"/proc/{pid}/comm") != b"sfs-keeper\n":
                return pid
        except ProcessLookupError:
            pass
    return None


def processes(mark):
    """All that the run has started, however far it went: they have its environment."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        if mark in read(f"/proc/{pid}/environ").split(b"\0") and state(pid)[0] not in b"ZX":
            found.append(f"{pid} {read(f'/proc/{pid}/cmdline').decode(errors='replace')!r}")
    return found


def socket_files():
    return set(os.listdir(sockets)) if os.path.isdir(sockets) else set()


def mounts():
    """In the namespaces of all processes, each once."""
    spaces = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            spaces.setdefault(os.readlink(f"/proc/{pid}/ns/mnt"), pid)
        except OSError:
            pass  # it has ended, or is another user's
    lines = [line for pid in spaces.values() for line in read(f"/proc/{pid}/mountinfo").decode().splitlines()]
    return [line for line in lines if line.split()[4] == path]


def left(mark, before):
    return processes(mark) + mounts() + sorted(socket_files() - before) + ([path] if os.path.lexists(path) else [])


def wait_for(what, seconds):
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def clean():
    subprocess.run(["make", "-C", source, "clean"], check=True, stdout=subprocess.DEVNULL)


def start(mark, log):
    return subprocess.Popen(
        [stablefs, "run", "--map", f"{path}={source}", "--cwd", path, "--", "make", "-j2", "all"],
        stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        env={**os.environ, ROUND: mark.decode().split("=")[1]})


def one(number, who, moment, before):
    """A build that is killed after so many seconds; None when it was faster."""
    mark = f"{ROUND}={os.getpid()}-{number}".encode()
    clean()
    with open(os.devnull, "wb") as log:
        run = start(mark, log)
        time.sleep(moment)
        daemon = daemon_of(run)
        if run.poll() is not None:
            return None
        # what was found may be the run itself, still starting: then nothing but that is killed
        victims = {"supervisor": [run.pid], "daemon": [daemon or run.pid], "both": [daemon or run.pid, run.pid]}[who]
        for pid in victims:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass  # the build has ended just now
        try:
            status = run.wait(HANGS)
        except subprocess.TimeoutExpired:
            sys.exit(f"the command hangs after the {who} was killed at {moment:.3f} s: {processes(mark)}")
    built = len([f for f in os.listdir(source) if f.endswith((".o", ".lo"))])
    print(f"{number}: {who} killed after {moment:.3f} s, {built} objects there, status {status}", flush=True)
    if status != 0 and who != "daemon" and status != -signal.SIGKILL:
        sys.exit(f"status {status} after the {who} was killed")
    if who == "both":
        # the socket has nobody any more who would remove it, but the next run
        if not wait_for(lambda: not processes(mark) and not mounts(), SOON):
            sys.exit(f"left after both were killed at {moment:.3f} s: {'; '.join(left(mark, before))}")
        subprocess.run([stablefs, "run", "--map", f"{path}={source}", "--", "true"], check=True)
    if not wait_for(lambda: not left(mark, before), SOON):
        sys.exit(f"left after the {who} was killed at {moment:.3f} s: {'; '.join(left(mark, before))}")
    if status == 0:
        return None
    return status


def main():
    chance = random.Random(int(seed))
    print(f"seed {seed}")
    before = socket_files()
    clean()
    began = time.monotonic()
    mark = f"{ROUND}={os.getpid()}-0".encode()
    with open(os.devnull, "wb") as log:
        if start(mark, log).wait() != 0:
            sys.exit("the build fails when nobody kills anything")
    whole = time.monotonic() - began
    print(f"the whole build: {whole:.1f} s")
    for number in range(1, ROUNDS + 1):
        who = ("daemon", "supervisor", "both")[chance.randrange(3)] if number > 2 else ("daemon", "supervisor")[number - 1]
        part = chance.random()
        while one(number, who, part * whole, before) is None:
            part *= 0.8  # this time the build was faster
    print(f"nothing left after {ROUNDS} kills")


main()
