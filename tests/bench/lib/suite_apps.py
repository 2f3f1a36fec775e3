# SPDX-License-Identifier: MIT
"""Whole programs at work on a tree, as people use them."""

import os
import shutil
import subprocess
import time

import trees
from bench import Suite, pass_name
from command import Failed, checked, timed
from workload import Workload

# Seconds between two runs of git status: longer than cache = coherent keeps anything while it means ttl:1.
GIT_PAUSE = 1.5


class Git(Suite):
    """A repository of 20 000 small files on tmpfs. Runs are more than a second apart, as a person's are."""

    name = "git"
    writes = True
    workloads = {"git-status": Workload("git status", "whole")}

    def prepare(self, place):
        spec = trees.REPOSITORY_QUICK if self.bench.quick else trees.REPOSITORY
        tree = trees.get(self.bench.places.cache, spec, self.bench.progress.say)
        trees.copy(tree["root"], place + "/tree")
        # the index knows inodes, which are others now
        checked(["git", "-C", place + "/tree", "status"], env=trees.git_environment())
        self.index = place + "/index"
        shutil.copyfile(place + "/tree/.git/index", self.index)
        return place + "/tree"

    def _one(self, root):
        spent, output = timed(["git", "-C", root, "status", "--porcelain"], env=trees.git_environment())
        if output:
            raise Failed("git status sees changes: %s" % output.splitlines()[0])
        return {"ns": spent, "ops": 1}

    def turn(self, variant, root, number):
        # The variant before may have other inode numbers, and git has written them down.
        shutil.copyfile(self.index, root + "/.git/index")
        for step in (1, 2, 3):
            if step > 1:
                time.sleep(GIT_PAUSE)
            self.bench.sample(variant, "git-status", number, pass_name(step), lambda: self._one(root))


class Make(Suite):
    """make -j2 of stablefs itself, out of tree, on tmpfs."""

    name = "make"
    writes = True
    workloads = {"make": Workload("make -j2", "whole")}

    def prepare(self, place):
        source, root = place + "/project", self.bench.target
        trees.copy_project(self.bench.places.source, source)
        # Configured and built once where all variants show it, so that the compiler is warm and the paths are right.
        checked(["mount", "--bind", source, root])
        try:
            if not os.path.exists(root + "/configure"):
                checked(["autoreconf", "-fi", root], stdin=subprocess.DEVNULL)
            os.makedirs(root + "/build", exist_ok=True)
            checked(["../configure", "-q"], cwd=root + "/build", stdin=subprocess.DEVNULL)
            self._make(root)
            checked(["make", "-s", "-C", root + "/build", "clean"])
        finally:
            checked(["umount", root])
        return source

    def _make(self, root):
        goals = ("libsfs-base.a", "libsfs-os.a", "libsfs-layer.a") if self.bench.quick else ("stablefs",)
        spent, _ = timed(["make", "-s", "-j2", "-C", root + "/build", *goals])
        if not os.path.exists("%s/build/%s" % (root, goals[-1])):
            raise Failed("make has not made %s" % goals[-1])
        return {"ns": spent, "ops": 1}

    def turn(self, variant, root, number):
        if variant.name == "native":
            # its files lie elsewhere than configure was told
            checked(["mount", "--bind", root, self.bench.target])
            try:
                self.turn_at(variant, self.bench.target, number)
            finally:
                checked(["umount", self.bench.target])
        else:
            self.turn_at(variant, root, number)

    def turn_at(self, variant, root, number):
        self.bench.sample(variant, "make", number, "once", lambda: self._make(root))
        checked(["make", "-s", "-C", root + "/build", "clean"])


class Python(Suite):
    """Import of a large package, compiled before, that lies on tmpfs."""

    name = "python"
    workloads = {"python": Workload("Python: import sympy", "whole")}
    program = "/usr/bin/python3"
    packages = "/usr/lib/python3/dist-packages"

    def missing(self):
        if not os.access(self.program, os.X_OK) or not os.path.isdir(self.packages + "/sympy"):
            return "python3-sympy is not installed"
        return None

    def prepare(self, place):
        os.mkdir(place + "/source")
        for name in ("sympy", "mpmath"):
            trees.copy("%s/%s" % (self.packages, name), place + "/source/" + name)
        return place + "/source"

    def turn(self, variant, root, number):
        code = "import sys; sys.path.insert(0, sys.argv[1]); import sympy; print(sympy.__file__)"
        for step in (1, 2, 3):
            self.bench.sample(variant, "python", number, pass_name(step), lambda: self._one(root, code))

    def _one(self, root, code):
        spent, output = timed([self.program, "-I", "-B", "-c", code, root])
        if not output.startswith(root + "/"):
            raise Failed("Python has imported %s" % output.strip())
        return {"ns": spent, "ops": 1}


SUITES = (Git, Make, Python)
