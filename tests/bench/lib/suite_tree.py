# SPDX-License-Identifier: MIT
"""Reading a tree of many small files: the workloads of sfsbench-tree.c, and tools that do the same."""

import os
import time

import trees
from bench import Suite, drop_caches, pass_name
from command import Failed, checked
from workload import Workload

PASSES = 4


class TreeSuite(Suite):
    """What both reading suites share: the depot, and that a pass must see all of it."""

    depot = None

    def get_depot(self):
        spec = trees.DEPOT_QUICK if self.bench.quick else trees.DEPOT
        self.depot = trees.get(self.bench.places.cache, spec, self.bench.progress.say)
        return self.depot

    def one(self, workload, root):
        result = self.bench.sfsbench(workload, root, "-l", self.depot["list"])
        everything = self.depot["files"] + self.depot["dirs"] + self.depot["links"]
        expected = everything if workload == "walk" else self.depot["files"]
        if result["ops"] != expected:
            raise Failed("%s: %d of %d seen" % (workload, result["ops"], expected))
        if workload == "read" and result["bytes"] != self.depot["bytes"]:
            raise Failed("read: %d of %d bytes" % (result["bytes"], self.depot["bytes"]))
        return result


class Warm(TreeSuite):
    """Source on tmpfs; every workload one time after the other, several times."""

    name = "tree"
    workloads = {
        "walk": Workload("walk (readdir, lstat)"), "stat": Workload("stat"), "open": Workload("open+close"),
        "read": Workload("read all"), "missing": Workload("missing file"),
    }

    def prepare(self, place):
        trees.copy(self.get_depot()["root"], place + "/tree")
        return place + "/tree"

    def turn(self, variant, root, number):
        for step in range(1, PASSES):
            for workload in self.workloads:
                if self.bench.want(workload):
                    self.bench.sample(variant, workload, number, pass_name(step), lambda name=workload: self.one(name, root))


class Cold(TreeSuite):
    """Source on the disk; all caches are dropped before each workload."""

    name = "cold"
    disk = True
    workloads = {"cold-walk": Workload("walk, cold"), "cold-read": Workload("read all, cold")}

    def prepare(self, place):
        return self.get_depot()["root"]

    def turn(self, variant, root, number):
        for workload in self.workloads:
            if self.bench.want(workload):
                drop_caches()
                self.bench.sample(variant, workload, number, "cold",
                                  lambda name=workload: self.one(name.removeprefix("cold-"), root))


class Tools(TreeSuite):
    """What people run over a tree. Source on tmpfs, two passes."""

    name = "tools"
    workloads = {"find": Workload("find", "whole"), "grep": Workload("grep -r", "whole"),
                 "tar-c": Workload("tar c", "whole")}

    def prepare(self, place):
        trees.copy(self.get_depot()["root"], place + "/tree")
        return place + "/tree"

    def _find(self, root):
        output = checked(["find", root, "-type", "f", "-size", "-100000k", "-printf", "."])
        if len(output) != self.depot["files"]:
            raise Failed("find: %d of %d files seen" % (len(output), self.depot["files"]))

    def _grep(self, root):
        output = checked(["grep", "-r", "-c", "--binary-files=text", "-F", "no such words", root], good=(1,))
        if output.count("\n") != self.depot["files"]:
            raise Failed("grep: %d of %d files seen" % (output.count("\n"), self.depot["files"]))

    def _tar(self, root):
        output = checked(["sh", "-c", 'tar -C "$1" -cf - . | wc -c', "sh", root])
        if int(output) < self.depot["bytes"]:
            raise Failed("tar: %s of %d bytes" % (output.strip(), self.depot["bytes"]))

    def turn(self, variant, root, number):
        work = {"find": self._find, "grep": self._grep, "tar-c": self._tar}
        for step in (1, 2):
            for workload, function in work.items():
                if self.bench.want(workload):
                    self.bench.sample(variant, workload, number, pass_name(step), lambda do=function: whole(do, root))


def whole(function, *arguments):
    """A command that is one operation."""
    begin = time.perf_counter_ns()
    function(*arguments)
    return {"ns": time.perf_counter_ns() - begin, "ops": 1}


class Unpack(Suite):
    """Many small files come and go. Source on tmpfs."""

    name = "unpack"
    writes = True
    workloads = {"untar": Workload("untar"), "cp-r": Workload("cp -r"), "rm-rf": Workload("rm -rf")}
    spec = {"name": "unpack", "seed": 99, "packages": 50, "files_per_package": 160, "median": 1500, "sigma": 1.0,
            "large": 0, "large_min": 0, "large_max": 0, "git": False}

    def prepare(self, place):
        spec = dict(self.spec, packages=self.spec["packages"] // 4) if self.bench.quick else self.spec
        os.makedirs(place + "/made/packages")
        paths = []
        _, links, self.bytes = trees.make_files(place + "/made", spec, paths)
        self.files = len(paths)
        self.entries = trees.entries(place + "/made")
        self.archive = place + "/archive.tar"
        checked(["tar", "-C", place + "/made", "-cf", self.archive, "packages"])
        os.mkdir(place + "/source")
        return place + "/source"

    def _see(self, root):
        seen = trees.count(root)
        if seen != (self.files, self.bytes):
            raise Failed("%d files, %d bytes were written, %d and %d seen" % ((self.files, self.bytes) + seen))

    def _do(self, command):
        # An operation is an entry of the tree.
        return dict(whole(checked, command), ops=self.entries)

    def turn(self, variant, root, number):
        work = root + "/work%d" % number
        os.makedirs(work + "/a")
        self.bench.sample(variant, "untar", number, "once",
                          lambda: self._do(["tar", "-C", work + "/a", "-xf", self.archive]))
        self._see(work + "/a")
        if self.bench.want("cp-r"):
            self.bench.sample(variant, "cp-r", number, "once",
                              lambda: self._do(["cp", "-r", work + "/a", work + "/b"]))
            self._see(work + "/b")
        self.bench.sample(variant, "rm-rf", number, "once", lambda: self._do(["rm", "-rf", work + "/a"]))
        if os.path.lexists(work + "/a"):
            raise Failed("rm -rf left something")
        checked(["rm", "-rf", work])


SUITES = (Warm, Cold, Tools, Unpack)
