# SPDX-License-Identifier: MIT
"""
What is compared.  A variant shows a source directory at a mount point and takes it away again.  All variants use the
same mount point, one after the other, so that paths are equally long and a build tree fits all of them.  catalogue() is
the list of all: a new variant is one entry there.
"""

import json
import os
import shutil
import signal
import subprocess
import time

from command import Failed, checked

BASE = "bind"
URING = "/sys/module/fuse/parameters/enable_uring"
PATIENCE = 20  # seconds that a peer may take to mount or to end


def is_mount_point(path):
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        return any(line.split()[4] == path for line in file)


def wait_until(condition, what):
    """Ask often: what is waited for is itself measured."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise Failed("%s: not in %d seconds" % (what, PATIENCE))
        time.sleep(0.0002)


class Variant:
    """The source itself: nothing is mounted."""

    family = "kernel"  # kernel, peer, stablefs
    uring = False

    def __init__(self, name, note="", required=True, writable=True):
        self.name = name          # the column
        self.note = note          # what it is, for the report
        self.required = required  # the run fails when it cannot be measured
        self.writable = writable

    def missing(self):
        """Why it cannot be measured here, or None."""
        return None

    def mount(self, source, target, scratch):
        """
        Show source at target (an empty directory). Returns where the tree is seen.
        scratch: an empty directory on the filesystem of source, for those that write elsewhere.
        """
        return source

    def unmount(self, target):
        pass

    def verify(self, target):
        """Raise Failed when what is mounted is not what the variant is to be."""

    def start(self, source, target, scratch):
        """mount and verify; nothing stays mounted when that fails."""
        root = self.mount(source, target, scratch)
        try:
            self.verify(target)
        except BaseException:
            self.unmount(target)
            raise
        return root

    def facts(self, target):
        """{"pid", "map": what status says of the map} of a stablefs; {} of others."""
        return {}

    def pid(self, target):
        """The daemon, or None."""
        return self.facts(target).get("pid")


class Kernel(Variant):
    """mount(8) with these words, {source}, {target} and {scratch} replaced; directories made before."""

    def __init__(self, name, command, note="", directories=(), **more):
        super().__init__(name, note, **more)
        self.command, self.directories = command, directories

    def mount(self, source, target, scratch):
        for directory in self.directories:
            os.mkdir(os.path.join(scratch, directory))
        checked([word.format(source=source, target=target, scratch=scratch) for word in self.command])
        return target

    def unmount(self, target):
        checked(["umount", target])


class Uring:
    """The kernel's switch for FUSE over io_uring, put back afterwards."""

    before = None

    @classmethod
    def missing(cls):
        return None if os.access(URING, os.W_OK) else "this kernel has no FUSE over io_uring"

    @classmethod
    def on(cls):
        with open(URING, encoding="ascii") as file:
            cls.before = file.read().strip()
        cls._write("Y")

    @classmethod
    def off(cls):
        if cls.before is not None:
            cls._write(cls.before)
            cls.before = None

    @staticmethod
    def _write(value):
        with open(URING, "w", encoding="ascii") as file:
            file.write(value)


def uses_uring(pid):
    """That the daemon has rings proves nothing of its speed, but that it has none proves a mistake."""
    folder = "/proc/%d/fd" % pid
    for name in os.listdir(folder):
        try:
            if os.readlink(os.path.join(folder, name)) == "anon_inode:[io_uring]":
                return True
        except OSError:
            continue
    return False


class Daemon(Variant):
    """A FUSE program. uring: needs the kernel's switch, and must have made rings once it answers."""

    def __init__(self, name, program, note, uring, **more):
        super().__init__(name, note, **more)
        self.program, self.uring = program, uring

    def missing(self):
        if not self.program or not shutil.which(self.program):
            return "%s is not installed" % (self.program or "its program")
        return Uring.missing() if self.uring else None

    def mount(self, source, target, scratch):
        if self.uring:
            Uring.on()
        try:
            self.begin(source, target, scratch)
        except BaseException:
            Uring.off()
            raise
        return target

    def unmount(self, target):
        try:
            self.end(target)
        finally:
            Uring.off()

    def verify(self, target):
        os.stat(target)
        if self.uring and not uses_uring(self.pid(target)):
            raise Failed("it has made no ring: io_uring is not in use")

    def begin(self, source, target, scratch):
        raise NotImplementedError

    def end(self, target):
        raise NotImplementedError


class Peer(Daemon):
    """Another program, run in the foreground so that it is known when it has ended. command: as Kernel's."""

    family = "peer"

    def __init__(self, name, command, note="", directories=(), uring=False):
        super().__init__(name, command[0], note, uring, required=False)
        self.command, self.directories = command, directories
        self.process = None

    def begin(self, source, target, scratch):
        for directory in self.directories:
            os.mkdir(os.path.join(scratch, directory))
        words = [word.format(source=source, target=target, scratch=scratch) for word in self.command]
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: is_mount_point(target) or self.process.poll() is not None, "%s mounts" % self.name)
            if self.process.poll() is not None:
                raise Failed("%s ended with status %d" % (self.name, self.process.returncode))
        except BaseException:
            self._wait()
            raise

    def end(self, target):
        result = subprocess.run(["umount", target], stderr=subprocess.PIPE, text=True, check=False)
        if result.returncode != 0:
            subprocess.run(["umount", "-l", target], stderr=subprocess.DEVNULL, check=False)
        self._wait()
        if result.returncode != 0:
            raise Failed(result.stderr.strip())

    def _wait(self):
        try:
            self.process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def pid(self, target):
        return self.process.pid


class Stablefs(Daemon):
    family = "stablefs"

    def __init__(self, name, program, options, note="", uring=False, passthrough=None, required=True):
        super().__init__(name, program, note, uring, required=required, writable="ro" not in options.split(","))
        self.options, self.passthrough = options, passthrough

    def begin(self, source, target, scratch):
        checked([self.program, "mount", "-q", source, target, "-o", self.options], timeout=60)

    def verify(self, target):
        super().verify(target)
        io = self.facts(target)["map"]["io"]
        if self.passthrough is not None and (io == "passthrough") != self.passthrough:
            raise Failed("io is %s" % io)

    def end(self, target):
        try:
            checked([self.program, "umount", target], timeout=60)
        except Failed:
            # Never leave a mount behind: the daemon is known by its own status.
            pid = self.pid(target)
            subprocess.run(["umount", "-l", target], check=False, stderr=subprocess.DEVNULL)
            os.kill(pid, signal.SIGKILL)
            raise
        wait_until(lambda: not is_mount_point(target), "stablefs umount")

    def facts(self, target):
        status = json.loads(checked([self.program, "status", "--json", target], timeout=60))
        for instance in status["instances"]:
            for found in instance["maps"]:
                if found["path"] == target:
                    return {"pid": instance["pid"], "map": found}
        raise Failed("%s status does not name %s" % (self.program, target))


def kernel_variants():
    overlay = "lowerdir={source},upperdir={scratch}/upper,workdir={scratch}/work"
    return [
        Kernel(BASE, ["mount", "--bind", "{source}", "{target}"], "kernel bind mount, the base of all ratios"),
        Variant("native", "the source itself, no mount"),
        Kernel("overlayfs", ["mount", "-t", "overlay", "overlay", "-o", overlay, "{target}"],
               "kernel overlayfs, the source below and an empty layer above", ("upper", "work"), required=False),
    ]


def peer_variants(passthrough_hp):
    overlay = "lowerdir={source},upperdir={scratch}/upper,workdir={scratch}/work"
    return [
        Peer("bindfs", ["bindfs", "-f", "{source}", "{target}"], "Debian's, as it comes"),
        Peer("fuse-overlayfs", ["fuse-overlayfs", "-f", "-o", overlay, "{target}"], "Debian's, an empty layer above",
             ("upper", "work")),
        Peer("mergerfs", ["mergerfs", "-f", "{source}", "{target}"], "Debian's, as it comes"),
        Peer("unionfs-fuse", ["unionfs", "-f", "-o", "cow", "{scratch}/upper=RW:{source}=RO", "{target}"],
             "Debian's, copy on write", ("upper",)),
        Peer("passthrough_hp", [passthrough_hp, "--foreground", "{source}", "{target}"],
             "libfuse 3.18's own example, passthrough, all cached for a day"),
        Peer("passthrough_hp cached", [passthrough_hp, "--foreground", "--nopassthrough", "{source}", "{target}"],
             "the same without passthrough"),
        Peer("passthrough_hp uring", [passthrough_hp, "--foreground", "-o", "io_uring", "{source}", "{target}"],
             "the same with io_uring", uring=True),
    ]


def stablefs_variants(stock, new):
    """stock: with the system's libfuse; new: with 3.18, None when there is none."""
    found = [
        Stablefs("ro immutable", stock, "ro,cache=immutable", "read-only, never asks twice"),
        Stablefs("rw coherent", stock, "rw,cache=coherent", "writable, the default"),
        Stablefs("rw ttl:60", stock, "rw,cache=ttl:60", "writable, looks again after a minute"),
        Stablefs("rw exclusive", stock, "rw,writers=exclusive", "writable, and nobody else writes"),
    ]
    for item in (Stablefs("ro immutable/3.18", new, "ro,cache=immutable", "the same with libfuse 3.18"),
                 Stablefs("ro passthrough/3.18", new, "ro,cache=immutable,io=passthrough",
                          "read-only, for many mounts of one source", passthrough=True),
                 Stablefs("rw coherent/3.18", new, "rw,cache=coherent", "with libfuse 3.18", passthrough=True),
                 Stablefs("rw ttl:60/3.18", new, "rw,cache=ttl:60", "with libfuse 3.18", passthrough=True),
                 Stablefs("rw ttl:60/3.18 cached", new, "rw,cache=ttl:60,io=cached",
                          "with libfuse 3.18, without passthrough", passthrough=False),
                 Stablefs("rw exclusive/3.18", new, "rw,writers=exclusive,io_uring=off", "with libfuse 3.18"),
                 Stablefs("rw exclusive uring", new, "rw,writers=exclusive,io_uring=on",
                          "with libfuse 3.18 and io_uring", uring=True),
                 Stablefs("rw ttl:60 uring", new, "rw,cache=ttl:60,io_uring=on", "with libfuse 3.18 and io_uring",
                          uring=True),
                 Stablefs("ro immutable uring", new, "ro,cache=immutable,io_uring=on",
                          "read-only, with libfuse 3.18 and io_uring", uring=True)):
        item.required = False
        found.append(item)
    return found


def catalogue(stock, new, passthrough_hp):
    """All variants in the order of the tables, the base first."""
    return kernel_variants() + stablefs_variants(stock, new) + peer_variants(passthrough_hp)
