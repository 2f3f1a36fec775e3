#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Make the N-th allocation and the N-th call of the system fail, in a daemon that starts and in one that serves.

    anomaly.py [start|serve]…

Whatever fails: no crash, every request is answered, each operation does what it says or says that it failed (scenario.py),
afterwards the map works as before, nothing is left open, and a daemon that could not start leaves nothing behind and says why.
$STABLEFS is the program, $SFS_FAULT the library of fault.c.

    SFS_ANOMALY_SECONDS   for all of it (16); a sample of all N, evenly spread, is taken in that time
    SFS_ANOMALY_FULL=1    every N
    SFS_ANOMALY_AT=KIND:N only this one ("allocation" or "system"), as a failure names it

Exits 77 when nothing can be mounted here."""
import ctypes
import errno
import json
import mmap
import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import traceback

import scenario

KINDS = {"allocation": 1, "system": 2}
ERRNOS = [5, 12, 24]  # EIO, ENOMEM, EMFILE
REQUESTS_SECONDS = 20
START_SECONDS = 40  # the daemon itself waits 20 for a kernel that does not speak to it
STABLEFS = os.environ.get("STABLEFS") or shutil.which("stablefs") or ""
FAULT = os.environ.get("SFS_FAULT", "")
ONLY = os.environ.get("SFS_ANOMALY_AT", "")
FULL = os.environ.get("SFS_ANOMALY_FULL") == "1"


class Failure(Exception):
    pass


class Control:
    """The page shared with fault.c: armed, fired, count, fail_at, errnum, name."""

    def __init__(self, path):
        self.path = path
        with open(path, "wb") as file:
            file.write(bytes(4096))
        with open(path, "r+b") as file:
            self.page = mmap.mmap(file.fileno(), 4096)

    def arm(self, kind, fail_at, errnum=5):
        struct.pack_into("<IIQQi60s", self.page, 0, 0, 0, 0, fail_at, errnum, b"")
        struct.pack_into("<I", self.page, 0, kind)

    def disarm(self):
        struct.pack_into("<I", self.page, 0, 0)
        _, fired, count, _, _, name = struct.unpack_from("<IIQQi60s", self.page, 0)
        return bool(fired), count, name.split(b"\0")[0].decode()


class World:
    def __init__(self, folder):
        self.folder, self.source, self.mnt = folder, folder + "/src", folder + "/mnt"
        os.mkdir(self.source)
        self.control = Control(folder + "/control")
        self.log = folder + "/daemon.log"
        sanitized = b"__asan_init" in open(STABLEFS, "rb").read() or b"__tsan_init" in open(STABLEFS, "rb").read()
        here = os.path.dirname(os.path.abspath(__file__))
        self.env = dict(os.environ, SFS_FAULT_CONTROL=self.control.path, LD_PRELOAD=FAULT)
        if sanitized:
            common = os.environ.get("ASAN_OPTIONS", "")
            self.env["ASAN_OPTIONS"] = f"{common}:verify_asan_link_order=0:log_path={folder}/san"
            self.env["UBSAN_OPTIONS"] = os.environ.get("UBSAN_OPTIONS", "") + ":print_stacktrace=1"
            with open(f"{here}/../lsan.supp", encoding="utf-8") as known, open(folder + "/supp", "w", encoding="utf-8") as file:
                file.write(known.read() + "leak:dl_open_worker\n")  # the dynamic linker, when an allocation of its own fails
            self.env["LSAN_OPTIONS"] = f"suppressions={folder}/supp:print_suppressions=0"
        # a sanitizer's own work at the start of a thread allocates, and it ends the process when that fails
        self.start_kinds = ["system"] if sanitized else list(KINDS)

    def reports(self):
        """What sanitizers wrote, once."""
        text = ""
        for name in os.listdir(self.folder):
            if name.startswith("san."):
                text += open(f"{self.folder}/{name}", encoding="utf-8", errors="replace").read()
                os.unlink(f"{self.folder}/{name}")
        return text

    def fresh(self):
        for name in os.listdir(self.source):
            shutil.rmtree(f"{self.source}/{name}")
        scenario.prepare(self.source)


def mounted(path):
    with open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as file:
        return any(line.split(" ")[4] == path for line in file)


def stablefs(*arguments):
    return subprocess.run([STABLEFS, *arguments], capture_output=True, text=True, timeout=60)


def sample(total, run_seconds, deadline):
    """Which N: all, or as many as there is time for, spread over all of them."""
    if FULL or ONLY:
        return range(1, total + total // 4 + 20)
    room = max(5, int((deadline - time.monotonic()) / max(run_seconds, 0.001)))
    step = max(1, -(-total // room))
    first = 1 + int(time.time()) % step  # another sample each time
    return range(first, total + 1, step)


# --- a daemon that serves ----------------------------------------------------------------------------------------------

class Daemon:
    def __init__(self, world):
        self.world = world
        os.makedirs(world.mnt, exist_ok=True)
        self.log = open(world.log, "wb")
        self.process = subprocess.Popen([STABLEFS, "mount", "-f", "-o", "cache=none,io=cached", world.source, world.mnt],
                                        env=world.env, stdout=self.log, stderr=self.log)
        until = time.monotonic() + 20
        while not mounted(world.mnt) or stablefs("status", world.mnt).returncode != 0:
            if self.process.poll() is not None:
                text = open(world.log, encoding="utf-8", errors="replace").read()
                if self.process.returncode == 5:
                    print(text.strip() or "mounting is refused here")
                    sys.exit(77)
                raise Failure(f"the daemon ended with {self.process.returncode}: {text}")
            if time.monotonic() > until:
                raise Failure("the daemon does not come up")
            time.sleep(0.05)

    def requests(self):
        """Run the scenario in a process that may hang; what was wrong."""
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                os.write(writing, json.dumps(scenario.run(self.world.mnt, self.world.source)).encode())
                status = 0
            except BaseException:
                os.write(2, traceback.format_exc().encode())
            os._exit(status)
        os.close(writing)
        until = time.monotonic() + REQUESTS_SECONDS
        while os.waitpid(pid, os.WNOHANG) == (0, 0):
            if self.process.poll() is not None:
                os.kill(pid, signal.SIGKILL)
                raise Failure(f"the daemon ended with {self.process.returncode}")
            if time.monotonic() > until:
                where = open(f"/proc/{pid}/stack", encoding="utf-8").read() if os.geteuid() == 0 else ""
                self.process.kill()  # releases whoever waits
                raise Failure(f"a request is not answered {where}")
            time.sleep(0.002)
        with os.fdopen(reading, "rb") as file:
            data = file.read()
        if not data:
            raise Failure("the scenario broke off")
        return json.loads(data)

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def works(self):
        """Without faults everything succeeds (but what this filesystem cannot do)."""
        self.world.fresh()
        failed, wrong = self.requests()
        if wrong:
            raise Failure("with nothing failing any more: " + "; ".join(wrong))
        return failed

    def end(self, lost):
        """lost: how many requests to close a file libfuse may have answered itself, for want of memory."""
        until = time.monotonic() + 5
        while True:
            shown = json.loads(stablefs("status", "--json", self.world.mnt).stdout or "{}")
            handles = [m["handles"] for i in shown.get("instances", []) for m in i["maps"] if m["path"] == self.world.mnt]
            if len(handles) == 1 and handles[0] <= lost:
                break
            if time.monotonic() > until:
                raise Failure(f"open files are left: {handles}")
            time.sleep(0.1)
        done = stablefs("umount", self.world.mnt)
        if done.returncode != 0:
            raise Failure(f"umount: {done.stderr}")
        status = self.process.wait(timeout=20)
        reports = self.world.reports()
        if status != 0 or reports:
            raise Failure(f"at its end the daemon's status is {status} {reports}")

    def kill(self):
        self.process.kill()
        self.process.wait()
        subprocess.run(["umount", "-l", self.world.mnt] if os.geteuid() == 0 else ["fusermount3", "-uz", self.world.mnt],
                       check=False, capture_output=True)


def serve_one(daemon, kind, fail_at):
    """Returns whether a call failed, and whether it was one of libfuse."""
    world = daemon.world
    world.fresh()
    world.control.arm(KINDS[kind], fail_at, ERRNOS[fail_at % len(ERRNOS)])
    try:
        _, wrong = daemon.requests()
    finally:
        fired, _, name = world.control.disarm()
    if wrong:
        raise Failure(f"{name} failed: " + "; ".join(wrong))
    return fired, fired and "libfuse" in name


def serve(world, deadline):
    daemon = Daemon(world)
    problems, runs, fired_runs, lost = [], 0, 0, 0
    try:
        usual = daemon.works()
        files = daemon.descriptors()
        for kind in KINDS:
            world.fresh()
            world.control.arm(KINDS[kind], 0)
            began = time.monotonic()
            daemon.requests()
            took = time.monotonic() - began
            _, total, _ = world.control.disarm()
            share = time.monotonic() + (deadline - time.monotonic()) / (2 if kind == "allocation" else 1)
            for fail_at in sample(total, took * 1.3, share):
                if ONLY and ONLY != f"{kind}:{fail_at}":
                    continue
                try:
                    fired, in_libfuse = serve_one(daemon, kind, fail_at)
                    fired_runs += fired
                    lost += in_libfuse
                except Failure as error:
                    problems.append(f"serve {kind}:{fail_at}: {error}")
                    if daemon.process.poll() is not None or "not answered" in str(error):
                        problems.append("serve: " + open(world.log, encoding="utf-8", errors="replace").read() + world.reports())
                        daemon.kill()
                        daemon, lost = Daemon(world), 0
                runs += 1
                if len(problems) > 20 or (time.monotonic() > share and not FULL and not ONLY):
                    break
        left = daemon.works()
        if left != usual:
            problems.append(f"serve: {left} operations fail afterwards, {usual} did before")
        time.sleep(0.2)
        # threads and caches come and go; a descriptor lost in each tenth failure would show
        if daemon.descriptors() > files + 20 + lost:
            problems.append(f"serve: {daemon.descriptors()} descriptors are open, {files} before")
        try:
            daemon.end(lost)
        except Failure as error:
            problems.append(f"serve: {error}")
    finally:
        if daemon.process.poll() is None:
            daemon.kill()
    print(f"serve: {runs} runs, in {fired_runs} something failed")
    if runs > 0 and fired_runs == 0:
        problems.append("serve: nothing ever failed, the test is broken")
    return problems


# --- a daemon that starts ----------------------------------------------------------------------------------------------

def start_one(world, kind, fail_at, errnum):
    """Returns (whether a call failed, how many there were)."""
    point = world.folder + "/made/by/it"
    world.control.arm(KINDS[kind], fail_at, errnum)
    try:
        done = subprocess.run([STABLEFS, "mount", world.source, point], env=world.env, capture_output=True, text=True,
                              timeout=START_SECONDS)
    except subprocess.TimeoutExpired as error:
        _, _, name = world.control.disarm()
        said = (error.stderr or b"").decode(errors="replace").strip()
        where = "mounted" if mounted(point) else "not mounted"
        tidy(world, point)
        raise Failure(f"{name} failed: mount does not return; {where}; it said: {said}") from error
    fired, count, name = world.control.disarm()
    try:
        if done.returncode == 0:
            if not mounted(point) and "libfuse" in name:
                # a thread of libfuse that has no memory to begin with ends the whole connection, now or a little later
                gone(world)
                return fired, count
            if not mounted(point):
                raise Failure(f"{name} failed: mount says it is done, but nothing is mounted")
            try:
                shown = scenario.read(point + "/here")
            except OSError as error:
                if "libfuse" in name and error.errno in (errno.ENOTCONN, errno.ECONNABORTED, errno.ENOENT):
                    gone(world)  # as above, while it ends
                    return fired, count
                raise Failure(f"{name} failed: the map answers {error}") from error
            if shown != b"here":
                raise Failure(f"{name} failed: the map shows something else")
            ended = stablefs("umount", point)
            if ended.returncode != 0:
                # without a control socket, which is only warned of, the kernel's own unmount remains
                subprocess.run(["umount", point] if os.geteuid() == 0 else ["fusermount3", "-u", point], check=True)
            gone(world)
        else:
            lines = [line for line in done.stderr.splitlines() if line.startswith("stablefs: ")]
            if not 0 < done.returncode <= 5:
                raise Failure(f"{name} failed: exit status {done.returncode} {done.stderr}")
            if not lines:
                raise Failure(f"{name} failed: status {done.returncode}, and no reason is given: {done.stderr}")
            if mounted(point):
                raise Failure(f"{name} failed: the status is {done.returncode}, but the map is mounted")
            gone(world)
    except Failure as error:
        raise Failure(f"{error} (mount said {done.returncode}: {done.stderr.strip()})") from error
    finally:
        tidy(world, point)
    reports = world.reports()
    if reports and "LeakSanitizer" not in reports:  # a process that gives up leaves its memory to the kernel
        raise Failure(f"{name} failed: {reports}")
    return fired, count


def tidy(world, point):
    """Whatever a run has left, for the next one."""
    if mounted(point):
        subprocess.run(["umount", "-l", point] if os.geteuid() == 0 else ["fusermount3", "-uz", point], check=False)
    end_leftovers(world)
    shutil.rmtree(world.folder + "/made", ignore_errors=True)


def end_leftovers(world):
    """Daemons of this test that are still there; PR_SET_CHILD_SUBREAPER makes them our children."""
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
            if os.fsencode(world.folder + "/made/by/it") in words:
                os.kill(int(name), signal.SIGKILL)
        except OSError:
            pass
    try:
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass
    except ChildProcessError:
        pass


def gone(world):
    """The directories that were made go with the mount."""
    until = time.monotonic() + 5
    while os.path.exists(world.folder + "/made"):
        if time.monotonic() > until:
            raise Failure("directories that were made for the mount are left")
        time.sleep(0.02)


def start(world, deadline):
    problems, runs, fired_runs = [], 0, 0
    world.fresh()
    with open(world.source + "/here", "wb") as file:
        file.write(b"here")
    for kind in world.start_kinds:
        began = time.monotonic()
        try:
            _, total = start_one(world, kind, 0, 5)
        except Failure as error:
            return problems + [f"start {kind}, with nothing failing: {error}"]
        took = time.monotonic() - began
        share = time.monotonic() + (deadline - time.monotonic()) / (2 if kind == "allocation" else 1)
        for fail_at in sample(total, took, share):
            if ONLY and ONLY != f"{kind}:{fail_at}":
                continue
            try:
                fired, _ = start_one(world, kind, fail_at, ERRNOS[fail_at % len(ERRNOS)])
                fired_runs += fired
            except Failure as error:
                problems.append(f"start {kind}:{fail_at}: {error}")
            runs += 1
            if len(problems) > 20 or (time.monotonic() > share and not FULL and not ONLY):
                break
    os.unlink(world.source + "/here")
    print(f"start: {runs} runs, in {fired_runs} something failed")
    if runs > 0 and fired_runs == 0:
        problems.append("start: nothing ever failed, the test is broken")
    return problems


def main():
    if not os.access(STABLEFS, os.X_OK) or not os.access(FAULT, os.R_OK):
        print(f"the program ({STABLEFS}) or the library of faults ({FAULT}) is missing")
        return 77
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        print("/dev/fuse cannot be opened here")
        return 77
    if os.geteuid() != 0 and not shutil.which("fusermount3"):
        print("not root, and there is no fusermount3")
        return 77
    parts = sys.argv[1:] or ["serve", "start"]
    seconds = float(os.environ.get("SFS_ANOMALY_SECONDS", "16"))
    folder = tempfile.mkdtemp(prefix="anomaly.")
    os.chmod(folder, 0o755)
    problems = []
    try:
        world = World(folder)
        for number, part in enumerate(parts):
            deadline = time.monotonic() + (seconds if number == len(parts) - 1 else seconds * 0.6)
            began = time.monotonic()
            try:
                found = {"serve": serve, "start": start}[part](world, deadline)
            except Failure as error:
                found = [f"{part}: {error}"]
            seconds -= time.monotonic() - began
            print(f"{'FAIL' if found else 'PASS'} anomaly/{part}" + (f": {len(found)} failures" if found else ""))
            problems += found
    finally:
        for problem in problems:
            print(problem)
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if problems else 0


if __name__ == "__main__":
    ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER: what a daemon leaves behind is ours to see
    sys.exit(main())
