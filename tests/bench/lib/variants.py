# SPDX-License-Identifier: MIT
"""
What is compared.  A variant shows a source directory at a mount point and takes it away again.  All variants use the
same mount point, one after the other, so that paths are equally long and a build tree fits all of them.
"""

import json
import os
import shutil
import signal
import subprocess
import time


class Failed(Exception):
    """Something could not be measured, and why."""


def checked(command, **arguments):
    """Run a command that must succeed; its last words become the reason if it does not."""
    try:
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
                                **arguments)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Failed(str(error)) from error
    if result.returncode != 0:
        words = (result.stderr.strip() or result.stdout.strip() or "no message").splitlines()[-1]
        raise Failed("%s: status %d: %s" % (" ".join(command[:3]), result.returncode, words))
    return result.stdout


def is_mount_point(path):
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        return any(line.split()[4] == path for line in file)


class Variant:
    """The source itself: nothing is mounted."""

    def __init__(self, name, note="", required=True):
        self.name = name          # the column
        self.note = note
        self.required = required  # the run fails when it cannot be measured

    def missing(self):
        """Why it cannot be measured here, or None."""
        return None

    def start(self, source, target):
        """Show source at target (an empty directory). Returns where the tree is seen."""
        return source

    def stop(self, target):
        pass

    def facts(self, target):
        """Facts about the running daemon for the memory table and request counts; {} without one."""
        return {}


class Bind(Variant):
    def start(self, source, target):
        checked(["mount", "--bind", source, target])
        return target

    def stop(self, target):
        checked(["umount", target])


class Peer(Variant):
    """Another program's mount. command: words with {source} and {target}."""

    def __init__(self, name, program, command, prepare=None):
        super().__init__(name, required=False)
        self.program, self.command, self.prepare = program, command, prepare

    def missing(self):
        return None if shutil.which(self.program) else "%s is not installed" % self.program

    def start(self, source, target):
        checked([word.format(source=source, target=target, empty=os.path.dirname(target) + "/empty")
                 for word in self.command])
        return target

    def stop(self, target):
        checked(["umount", target])


class Stablefs(Variant):
    def __init__(self, name, program, options, note=""):
        super().__init__(name, note)
        self.program, self.options = program, options

    def missing(self):
        return None if os.access(self.program, os.X_OK) else "%s: no such program" % self.program

    def start(self, source, target):
        checked([self.program, "mount", "-q", source, target, "-o", self.options], timeout=60)
        return target

    def stop(self, target):
        facts = self.facts(target)
        try:
            checked([self.program, "umount", target], timeout=60)
        except Failed:
            # Never leave a mount behind: the daemon is known by its own status.
            subprocess.run(["umount", "-l", target], check=False, stderr=subprocess.DEVNULL)
            if facts.get("pid"):
                os.kill(facts["pid"], signal.SIGKILL)
            raise
        deadline = time.monotonic() + 5
        while is_mount_point(target) and time.monotonic() < deadline:
            time.sleep(0.01)

    def facts(self, target):
        status = json.loads(checked([self.program, "status", "--json", target], timeout=60))
        for instance in status["instances"]:
            for found in instance["maps"]:
                if found["path"] == target:
                    return {"pid": instance["pid"], "map": found}
        raise Failed("%s status does not name %s" % (self.program, target))


def readers(program, peers):
    """For the workloads that only read, the first is the base."""
    found = [
        Bind("bind", "kernel bind mount (base)"),
        Variant("native", "no mount"),
        Stablefs("ro immutable", program, "ro,cache=immutable"),
        Stablefs("rw ttl:60", program, "rw,cache=ttl:60"),
        Stablefs("rw coherent", program, "rw,cache=coherent"),
    ]
    return found + (peer_list() if peers else [])


def writers(program, peers):
    """For the workloads that write."""
    found = [
        Bind("bind", "kernel bind mount (base)"),
        Variant("native", "no mount"),
        Stablefs("rw ttl:60", program, "rw,cache=ttl:60"),
        Stablefs("rw coherent", program, "rw,cache=coherent"),
    ]
    return found + ([peer for peer in peer_list() if peer.name != "overlayfs"] if peers else [])


def peer_list():
    return [
        Peer("overlayfs", "mount", ["mount", "-t", "overlay", "overlay", "-o", "ro,lowerdir={source}:{empty}",
                                    "{target}"]),
        Peer("bindfs", "bindfs", ["bindfs", "{source}", "{target}"]),
        Peer("fuse-overlayfs", "fuse-overlayfs", ["fuse-overlayfs", "-o", "lowerdir={source}:{empty}", "{target}"]),
        Peer("mergerfs", "mergerfs", ["mergerfs", "{source}", "{target}"]),
    ]
