# SPDX-License-Identifier: MIT
"""
Loading Julia packages whose compiled files are in the depot already.  Julia 1.5.3 runs in a root directory of its own
(packaging/julia-rootfs.sh), where project and depot are seen at /srv: the same path for all variants.
"""

import os
import uuid

from bench import Suite, pass_name
from command import Failed, checked
from workload import Workload

PACKAGES = 30
FILES = 20

# The mounts are seen by this one command only; nothing is written to the root directory.
INSIDE = """
mount --rbind "$1" "$2"
mount -o remount,bind,ro "$2"
mount --rbind /proc "$2/proc"
mount --rbind /dev "$2/dev"
mount -t tmpfs tmpfs "$2/tmp"
mount --rbind "$3" "$2/srv"
cd /
exec chroot "$2" /usr/bin/env -i PATH=/usr/bin:/bin LANG=C.UTF-8 HOME=/tmp JULIA_PKG_SERVER= \
    JULIA_DEPOT_PATH=/srv/depot JULIA_LOAD_PATH=/srv/project:@stdlib julia --startup-file=no --color=no -e "$4"
"""


class Julia(Suite):
    """Packages of some files each; only "using" is timed, not the start of Julia. Source on tmpfs."""

    name = "julia"
    workloads = {"julia": Workload("Julia: using, warm cache", "whole")}

    def __init__(self, bench):
        super().__init__(bench)
        self.rootfs = os.path.join(bench.places.cache, "julia")
        self.count = 10 if bench.quick else PACKAGES
        names = ["Bench%d" % number for number in range(self.count)]
        # A package that is compiled again has another stamp.
        self.code = 'start = time_ns(); using %s; spent = time_ns() - start; println(spent, " ", +(%s) %% 1000000007)' % (
            ", ".join(names), ", ".join("%s.stamp" % name for name in names))
        self.names, self.stamp, self.inner = names, None, None

    def missing(self):
        if not os.access(self.rootfs + "/usr/bin/julia", os.X_OK):
            return "no Julia in %s (packaging/julia-rootfs.sh makes it)" % self.rootfs
        return None

    def _package(self, folder, name):
        os.makedirs(folder + "/src")
        identity = uuid.uuid5(uuid.NAMESPACE_OID, name)
        with open(folder + "/Project.toml", "w", encoding="ascii") as file:
            file.write('name = "%s"\nuuid = "%s"\nversion = "0.1.0"\n' % (name, identity))
        with open("%s/src/%s.jl" % (folder, name), "w", encoding="ascii") as file:
            file.write("module %s\nconst stamp = Int(time_ns() %% 1000000007)\n" % name)
            file.writelines('include("part%d.jl")\n' % part for part in range(FILES))
            file.write("end\n")
        for part in range(FILES):
            with open("%s/src/part%d.jl" % (folder, part), "w", encoding="ascii") as file:
                file.writelines("function f%d_%d(x)\n    y = x * %d\n    return y + 1\nend\n" % (part, number, number)
                                for number in range(20))
        return identity

    def prepare(self, place):
        project = place + "/source/project"
        os.makedirs(place + "/source/depot")
        os.makedirs(project)
        deps, manifest = "[deps]\n", ""
        for name in self.names:
            identity = self._package("%s/%s" % (project, name), name)
            deps += '%s = "%s"\n' % (name, identity)
            manifest += '[[%s]]\npath = "%s"\nuuid = "%s"\nversion = "0.1.0"\n\n' % (name, name, identity)
        for name, text in (("Project", deps), ("Manifest", manifest)):
            with open("%s/%s.toml" % (project, name), "w", encoding="ascii") as file:
                file.write(text)
        self.inner = place + "/root"
        os.mkdir(self.inner)
        for _ in range(2):
            _, self.stamp = self._run(place + "/source")
        return place + "/source"

    def _run(self, root):
        """(nanoseconds, stamp)"""
        output = checked(["unshare", "--mount", "--propagation", "private", "sh", "-euc", INSIDE, "sh", self.rootfs,
                          self.inner, root, self.code])
        spent, stamp = output.split()
        return int(spent), stamp

    def turn(self, variant, root, number):
        for step in (1, 2, 3):
            self.bench.sample(variant, "julia", number, pass_name(step), lambda: self._one(root))

    def _one(self, root):
        spent, stamp = self._run(root)
        if stamp != self.stamp:
            raise Failed("Julia has compiled a package again")
        return {"ns": spent, "ops": 1}


SUITES = (Julia,)
