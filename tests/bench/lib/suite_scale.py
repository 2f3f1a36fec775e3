# SPDX-License-Identifier: MIT
"""Whether an operation costs the same however much there is."""

import os

from bench import Suite, pass_name
from command import Failed
from workload import Workload


class Scale(Suite):
    """
    Trees of empty files, 100 to a directory, on tmpfs. The pass is the number of files; each is warm: everything has
    been done twice before, since a listing makes the access time of its directory unknown, which is asked for by the
    next look. One round is enough, the number of operations is large.
    """

    name = "scale"
    workloads = {"scale-walk": Workload("walk, many files"), "scale-stat": Workload("stat, many files"),
                 "scale-open": Workload("open+close, many files")}
    # Some programs need minutes for a million files: those are measured up to a hundred thousand.  So is ttl:60, for
    # which nothing is warm after a minute.
    patient = ("bind", "overlayfs", "ro immutable", "ro immutable/3.18", "rw exclusive", "rw exclusive/3.18",
               "passthrough_hp")

    def rounds(self, rounds):
        return 1

    def prepare(self, place):
        self.sizes = (1000, 10000) if self.bench.quick else (1000, 100000, 1000000)
        self.repeats = 4 if self.bench.quick else 20
        self.place = place
        for size in self.sizes:
            with open("%s/list%d" % (place, size), "w", encoding="ascii") as file:
                for folder in range(size // 100):
                    path = "%03d/%03d" % (folder // 100, folder % 100)
                    os.makedirs("%s/source/%d/%s" % (place, size, path))
                    for number in range(100):
                        name = "%s/file%02d" % (path, number)
                        os.close(os.open("%s/source/%d/%s" % (place, size, name), os.O_CREAT | os.O_WRONLY, 0o644))
                        file.write(name + "\n")
        return place + "/source"

    def turn(self, variant, root, number):
        for size in self.sizes:
            if size > 100000 and variant.name not in self.patient:
                continue
            # Many passes over few files, so that a pass is long enough to be measured.
            for again in range(3 if size > 10000 else self.repeats):
                for workload in self.workloads:
                    if self.bench.want(workload):
                        self._one(variant, root, number, workload, size, again)

    def _one(self, variant, root, number, workload, size, again):
        work = workload.removeprefix("scale-")

        def one():
            result = self.bench.sfsbench(work, "%s/%d" % (root, size), "-l", "%s/list%d" % (self.place, size))
            folders = size // 100 + (size + 9999) // 10000
            if result["ops"] != size + (folders if work == "walk" else 0):
                raise Failed("%s: %d entries of %d files seen" % (workload, result["ops"], size))
            return result

        if again > 1:
            self.bench.sample(variant, workload, number, "%d files" % size, one)
        else:
            one()


class Shape(Suite):
    """A directory of many entries, and files that lie deep. On tmpfs."""

    name = "shape"
    workloads = {"bigdir": Workload("walk, 100 000 in one directory"), "deep": Workload("stat, path depth 200")}

    def prepare(self, place):
        self.entries = 10000 if self.bench.quick else 100000
        self.place = place
        os.makedirs(place + "/source/big")
        for number in range(self.entries):
            os.close(os.open("%s/source/big/entry%d" % (place, number), os.O_CREAT | os.O_WRONLY, 0o644))
        deep = "/".join(["d"] * 200)
        os.makedirs(place + "/source/" + deep)
        with open(place + "/list", "w", encoding="ascii") as file:
            for number in range(500):
                name = "%s/f%d" % (deep, number)
                os.close(os.open(place + "/source/" + name, os.O_CREAT | os.O_WRONLY, 0o644))
                file.write(name + "\n")
        return place + "/source"

    def _bigdir(self, root):
        result = self.bench.sfsbench("walk", root + "/big")
        if result["ops"] != self.entries:
            raise Failed("%d of %d entries seen" % (result["ops"], self.entries))
        return result

    def turn(self, variant, root, number):
        for step in (1, 2, 3):
            if self.bench.want("bigdir"):
                self.bench.sample(variant, "bigdir", number, pass_name(step), lambda: self._bigdir(root))
            if self.bench.want("deep"):
                self.bench.sample(variant, "deep", number, pass_name(step),
                                  lambda: self.bench.sfsbench("stat", root, "-l", self.place + "/list"))


SUITES = (Scale, Shape)
