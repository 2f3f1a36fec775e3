# SPDX-License-Identifier: MIT
"""
Taking samples.  A turn is: show the tree by one variant, drop all caches, go over it several times, take it away.
Turns of all variants follow each other, in another order every round, so that a slow minute of the machine hits all.

A sample is {"variant", "workload", "round", "pass", "ns", "ops", "bytes", "requests"}: requests counts what arrived at
the daemon meanwhile, by kind (empty for variants that do not tell).
"""

import json
import os
import subprocess
import time

from variants import Failed, checked

READ_WORKLOADS = ("walk", "stat", "open", "read", "missing")
WRITE_WORKLOADS = ("git-status", "make")

# Seconds between two runs of git status: longer than cache = coherent keeps anything while it means ttl:1.
GIT_PAUSE = 1.5


def drop_caches():
    os.sync()
    with open("/proc/sys/vm/drop_caches", "w", encoding="ascii") as file:
        file.write("3\n")


def _requests(facts):
    return dict(facts["map"].get("counters", {})) if facts else {}


def _difference(before, after):
    return {kind: after[kind] - before.get(kind, 0) for kind in after if after[kind] != before.get(kind, 0)}


def memory_of(pid):
    """Bytes: what the whole process holds (rss), without what it shares with others (pss), its own pages (anon)."""
    found = {}
    with open("/proc/%d/status" % pid, encoding="utf-8") as file:
        fields = dict(line.split(":", 1) for line in file if ":" in line)
    for key, field in (("rss", "VmRSS"), ("peak", "VmHWM"), ("anon", "RssAnon"), ("file", "RssFile")):
        found[key] = int(fields[field].split()[0]) * 1024
    with open("/proc/%d/smaps_rollup" % pid, encoding="utf-8") as file:
        fields = dict(line.split(":", 1) for line in file.readlines()[1:])
    found["pss"] = int(fields["Pss"].split()[0]) * 1024
    return found


class Bench:
    """The samples of one run. target: the empty directory where variants mount; say: progress for a person."""

    def __init__(self, target, sfsbench, rounds, passes, say):
        self.target, self.sfsbench, self.rounds, self.passes, self.say = target, sfsbench, rounds, passes, say
        self.samples = []
        self.memory = []
        self.failures = []  # {"workload", "variant", "why", "required"}

    def fail(self, workload, variant, why):
        if not any(old["workload"] == workload and old["variant"] == variant.name for old in self.failures):
            self.failures.append({"workload": workload, "variant": variant.name, "why": str(why),
                                  "required": variant.required})

    def sample(self, variant, workload, number, step, work):
        """Run work(), which returns {"ns", "ops", "bytes"}, and keep what it says."""
        before = _requests(variant.facts(self.target))
        result = work()
        after = _requests(variant.facts(self.target))
        self.samples.append({"variant": variant.name, "workload": workload, "round": number, "pass": step,
                             "ns": result["ns"], "ops": result["ops"], "bytes": result.get("bytes", 0),
                             "requests": _difference(before, after)})

    def turns(self, what, variants, workloads, source, turn):
        """Every round, every variant: start, turn(variant, root, round), stop. A variant that fails is left out."""
        usable = []
        for variant in variants:
            why = variant.missing()
            if why:
                for workload in workloads:
                    self.fail(workload, variant, why)
            else:
                usable.append(variant)
        for number in range(self.rounds):
            shift = number % len(usable) if usable else 0
            for variant in usable[shift:] + usable[:shift]:
                self.say("%s, round %d of %d: %s" % (what, number + 1, self.rounds, variant.name))
                try:
                    self._turn(variant, number, source, turn)
                except Failed as error:
                    for workload in workloads:
                        self.fail(workload, variant, error)

    def _turn(self, variant, number, source, turn):
        begin = time.perf_counter_ns()
        root = variant.start(source, self.target)
        try:
            self._keep_mount_time(variant, "mount", number, begin)
            turn(variant, root, number)
        finally:
            begin = time.perf_counter_ns()
            variant.stop(self.target)
        self._keep_mount_time(variant, "umount", number, begin)

    def _keep_mount_time(self, variant, workload, number, begin):
        if variant.name != "native":
            self.samples.append({"variant": variant.name, "workload": workload, "round": number, "pass": 1, "ops": 1,
                                 "ns": time.perf_counter_ns() - begin, "bytes": 0, "requests": {}})

    # Reading

    def measure_reading(self, variants, tree, workloads):
        expected = {"walk": tree["files"] + tree["dirs"] + tree["links"]}

        def one(workload, root):
            result = json.loads(checked([self.sfsbench, workload, root, tree["list"]]))
            if result["ops"] != expected.get(workload, tree["files"]):
                raise Failed("%s: %d of %d seen" % (workload, result["ops"], expected.get(workload, tree["files"])))
            if workload == "read" and result["bytes"] != tree["bytes"]:
                raise Failed("read: %d of %d bytes" % (result["bytes"], tree["bytes"]))
            return result

        def turn(variant, root, number):
            os.stat(root)
            fresh = self._memory(variant)
            drop_caches()
            for step in range(1, self.passes + 1):
                for workload in workloads:
                    self.sample(variant, workload, number, step, lambda name=workload: one(name, root))
            full = self._memory(variant)
            if full:
                self.memory.append(dict(full, variant=variant.name, round=number, fresh=fresh))

        self.turns("reading", variants, workloads, tree["root"], turn)

    def _memory(self, variant):
        facts = variant.facts(self.target)
        return dict(memory_of(facts["pid"]), nodes=facts["map"]["files"]) if facts else None

    # Writing

    def measure_git_status(self, variants, tree, environment):
        def one(root):
            begin = time.perf_counter_ns()
            output = checked(["git", "-C", root, "status", "--porcelain"], env=environment)
            spent = time.perf_counter_ns() - begin
            if output:
                raise Failed("git status sees changes: %s" % output.splitlines()[0])
            return {"ns": spent, "ops": 1}

        def turn(variant, root, number):
            for step in range(1, self.passes + 1):
                if step > 1:
                    time.sleep(GIT_PAUSE)
                self.sample(variant, "git-status", number, step, lambda: one(root))

        self.turns("git status", variants, ["git-status"], tree["root"], turn)

    def measure_make(self, variants, prepare, source):
        """prepare(root) configures a fresh copy of the project at source, seen at root, and builds it once."""
        base = variants[0]
        try:
            self.say("make: configuring the project and building it once")
            root = base.start(source, self.target)
            try:
                prepare(root)
            finally:
                base.stop(self.target)
        except Failed as error:
            for variant in variants:
                self.fail("make", variant, error)
            return

        def one(root):
            begin = time.perf_counter_ns()
            checked(["make", "-s", "-j2", "-C", root + "/build"])
            return {"ns": time.perf_counter_ns() - begin, "ops": 1}

        def turn(variant, root, number):
            checked(["make", "-s", "-C", root + "/build", "clean"])
            self.sample(variant, "make", number, 1, lambda: one(root))

        self.turns("make -j2", variants, ["make"], source, turn)


def prepare_project(root):
    """Configure stablefs's own tree, as any user would, and build it once so that the compiler is warm."""
    if not os.path.exists(root + "/configure"):
        checked(["autoreconf", "-fi", root], stdin=subprocess.DEVNULL)
    os.makedirs(root + "/build", exist_ok=True)
    checked(["../configure", "-q"], cwd=root + "/build", stdin=subprocess.DEVNULL)
    checked(["make", "-s", "-j2", "-C", root + "/build"])
