# SPDX-License-Identifier: MIT
"""
Taking samples.  A turn is: show the suite's source by one variant, do the suite's work, take it away.  Turns of all
variants follow each other, in another order every round, so that a slow minute of the machine hits all.

A sample is {"variant", "workload", "pass", "round", "ns", "ops", "bytes", "requests"}: requests counts what arrived at
the daemon meanwhile, by kind (empty for variants that do not tell).  The passes:

  cold    after dropping all caches, the source on a disk
  first   the mount is new, the source is in memory
  second, third   again; later ones are as warm as the third
  once    work that is done once per turn
"""

import json
import os
import shutil
import time

from command import Failed, checked


def pass_name(number):
    """1 is the first."""
    return ("first", "second", "third")[min(number, 3) - 1]


def drop_caches():
    os.sync()
    with open("/proc/sys/vm/drop_caches", "w", encoding="ascii") as file:
        file.write("3\n")


def _requests(facts):
    return dict(facts["map"].get("counters", {})) if facts else {}


def _difference(before, after):
    return {kind: after[kind] - before.get(kind, 0) for kind in after if after[kind] != before.get(kind, 0)}


class Suite:
    """
    Workloads that share a source and are done in one turn.

    workloads: {name: report.Workload}; a turn does what the names of bench.wanted ask for.
    writes: only for writable variants.  disk: the source lies on the disk of the cache, else on tmpfs.
    mounts_itself: turn is called with nothing mounted, with the source as root and a scratch directory.
    """

    name = ""
    writes = False
    disk = False
    mounts_itself = False
    workloads = ()

    def missing(self):
        """Why it cannot be done here, or None."""
        return None

    def prepare(self, place):
        """Make the source below place (a new directory) and return it; once per run."""
        raise NotImplementedError

    def turn(self, variant, root, number):
        raise NotImplementedError

    def rounds(self, rounds):
        return rounds

    def variants(self, variants):
        """Those of the variants that this suite is for."""
        return [item for item in variants if item.writable or not self.writes]

    def __init__(self, bench):
        self.bench = bench


class Bench:
    """The samples of one run. target: the empty directory where variants mount."""

    def __init__(self, options, places, progress):
        self.options, self.places, self.progress = options, places, progress
        self.target = places.target
        self.quick = options.quick
        self.wanted = set(options.workloads)
        self.samples = []
        self.values = []    # {"measure", "variant", "round", "value", ...}: what is no time
        self.skipped = {}   # workload: why nobody can do it here
        self.failures = []  # {"workload", "variant", "why", "required"}

    def fail(self, workloads, variant, why):
        for workload in workloads:
            if workload in self.wanted and not any(old["workload"] == workload and old["variant"] == variant.name
                                                   for old in self.failures):
                self.failures.append({"workload": workload, "variant": variant.name, "why": str(why),
                                      "required": variant.required})

    def want(self, *workloads):
        return any(workload in self.wanted for workload in workloads)

    def sfsbench(self, workload, path, *options, command=()):
        """Options come before the workload. Returns {"ns", "ops", "bytes"}."""
        return json.loads(checked([self.places.sfsbench] + [str(word) for word in options] + [workload, path]
                                  + list(command)))

    def sample(self, variant, workload, number, step, work):
        """Run work(), which returns {"ns", "ops", "bytes"}, and keep what it says when it is wanted."""
        before = _requests(variant.facts(self.target))
        result = work()
        after = _requests(variant.facts(self.target))
        self.keep(variant, workload, number, step, result, _difference(before, after))
        return result

    def value(self, variant, measure, number, value, **more):
        self.values.append(dict(more, measure=measure, variant=variant.name, round=number, value=value))

    def keep(self, variant, workload, number, step, result, requests=None):
        if workload in self.wanted:
            self.samples.append({"variant": variant.name, "workload": workload, "round": number, "pass": step,
                                 "ns": result["ns"], "ops": result["ops"], "bytes": result.get("bytes", 0),
                                 "requests": requests or {}})

    def run(self, suite, variants):
        """Every round, every variant: one turn. A variant that fails is left out and the reason kept."""
        why = suite.missing()
        if why:
            self.skipped.update({name: why for name in suite.workloads if name in self.wanted})
            return
        usable = []
        for variant in suite.variants(variants):
            why = variant.missing()
            if why:
                self.fail(suite.workloads, variant, why)
            else:
                usable.append(variant)
        place = self.places.make(suite.name, suite.disk)
        try:
            self.progress.say("%s: preparing" % suite.name)
            try:
                source = suite.prepare(place)
            except (Failed, OSError) as error:
                for variant in usable:
                    self.fail(suite.workloads, variant, error)
                return
            self._rounds(suite, usable, source)
        finally:
            self.progress.say("%s: removing" % suite.name)
            shutil.rmtree(place)

    def _rounds(self, suite, usable, source):
        rounds = suite.rounds(self.options.rounds)
        for number in range(rounds):
            shift = number % len(usable) if usable else 0
            for variant in usable[shift:] + usable[:shift]:
                self.progress.turn("%s, round %d of %d: %s" % (suite.name, number + 1, rounds, variant.name))
                scratch = self.places.make("scratch", suite.disk)
                try:
                    self._turn(suite, variant, number, source, scratch)
                except (Failed, OSError) as error:
                    self.fail(suite.workloads, variant, error)
                finally:
                    shutil.rmtree(scratch)

    def _turn(self, suite, variant, number, source, scratch):
        if suite.mounts_itself:
            suite.turn(variant, source, number, scratch)
            return
        root = variant.start(source, self.target, scratch)
        try:
            suite.turn(variant, root, number)
        finally:
            variant.unmount(self.target)


class Progress:
    """A line on standard error that the next one replaces on a terminal: how far the run is."""

    def __init__(self, stream):
        self.stream, self.turns, self.done, self.begin = stream, 0, 0, time.monotonic()

    def expect(self, turns):
        self.turns += turns

    def turn(self, text):
        self.say(text)
        self.done += 1

    def say(self, text):
        seconds = int(time.monotonic() - self.begin)
        part = "%3d %%" % (100 * self.done // self.turns) if self.turns else "     "
        text = "[%2d:%02d %s] %s" % (seconds // 60, seconds % 60, part, text)
        self.stream.write("\r\033[K%s" % text if self.stream.isatty() else "# %s\n" % text)
        self.stream.flush()

    def end(self):
        if self.stream.isatty():
            self.stream.write("\r\033[K")
