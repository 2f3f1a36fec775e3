# SPDX-License-Identifier: MIT
"""Starting and ending: of a mount, and of many processes on it."""

import os
import shutil
import time

import trees
from bench import Suite, pass_name
from workload import Workload


class Start(Suite):
    """How long it takes to mount and to give the first answer, and to unmount. Starting the programs is a part of it."""

    name = "start"
    mounts_itself = True
    workloads = {"mount": Workload("mount, first answer", "whole"), "umount": Workload("unmount", "whole")}

    def variants(self, variants):
        return [item for item in super().variants(variants) if item.name != "native"]

    def prepare(self, place):
        os.makedirs(place + "/source/folder")
        return place + "/source"

    def turn(self, variant, root, number, scratch):
        for attempt in range(3 if self.bench.quick else 10):
            own = "%s/%d" % (scratch, attempt)
            os.mkdir(own)
            begin = time.perf_counter_ns()
            seen = variant.mount(root, self.bench.target, own)
            try:
                os.stat(seen + "/folder")
                self.bench.keep(variant, "mount", number, "once", {"ns": time.perf_counter_ns() - begin, "ops": 1})
                variant.verify(self.bench.target)
            finally:
                begin = time.perf_counter_ns()
                variant.unmount(self.bench.target)
            self.bench.keep(variant, "umount", number, "once", {"ns": time.perf_counter_ns() - begin, "ops": 1})


class Processes(Suite):
    """A program in the tree is started many times at once, and each reads some of the tree. Source on tmpfs."""

    name = "processes"
    workloads = {"processes": Workload("100 processes at once", "whole")}
    spec = {"name": "processes", "seed": 5, "packages": 4, "files_per_package": 100, "median": 1500, "sigma": 1.0,
            "large": 0, "large_min": 0, "large_max": 0, "git": False}

    def prepare(self, place):
        os.makedirs(place + "/source/packages")
        trees.make_files(place + "/source", self.spec, [])
        shutil.copy2(shutil.which("grep"), place + "/source/grep")
        return place + "/source"

    def turn(self, variant, root, number):
        command = ["sh", "-c", '"$1/grep" -r -F "no such words" "$1/packages"; test $? = 1', "sh", root]
        for step in (1, 2) if self.bench.quick else (1, 2, 3):
            self.bench.sample(variant, "processes", number, pass_name(step),
                              lambda: self.bench.sfsbench("processes", root, "-n", 100, command=command))


SUITES = (Start, Processes)
