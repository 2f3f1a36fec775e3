# SPDX-License-Identifier: MIT
"""Making and removing names, and the data of one large file: the workloads of sfsbench-names.c and sfsbench-data.c."""

import itertools
import os
import shutil

from bench import Suite, drop_caches
from command import Failed, checked
from workload import Workload

MIB = 1 << 20


KINDS = ("create", "rename", "unlink", "mkdir", "rmdir")
THREADS = (1, 2, 8)


class Names(Suite):
    """Each thread in a directory of its own. Source on tmpfs."""

    name = "names"
    writes = True
    workloads = {"%s-%d" % (kind, count): Workload("%s, %d thread%s" % (kind, count, "s" if count > 1 else ""))
                 for kind, count in itertools.product(KINDS, THREADS)}
    workloads["store-1"] = Workload("write new files of 4 KiB")

    def prepare(self, place):
        self.count = 1000 if self.bench.quick else 4000
        os.mkdir(place + "/source")
        return place + "/source"

    def turn(self, variant, root, number):
        for threads in THREADS:
            if not self.bench.want(*["%s-%d" % (kind, threads) for kind in KINDS]):
                continue
            folder = root + "/names%d" % threads
            os.mkdir(folder)
            for kind in KINDS:
                self._one(variant, number, kind, folder, threads)
                self._see(kind, folder, threads)
            shutil.rmtree(folder)
        if self.bench.want("store-1"):
            folder = root + "/store"
            os.mkdir(folder)
            self._one(variant, number, "store", folder, 1)
            self._see("store", folder, 1)
            shutil.rmtree(folder)

    def _one(self, variant, number, kind, folder, threads):
        self.bench.sample(variant, "%s-%d" % (kind, threads), number, "once",
                          lambda: self.bench.sfsbench(kind, folder, "-n", max(1, self.count // threads),
                                                      "-t", threads, "-s", 4096))

    def _see(self, kind, folder, threads):
        expected = 0 if kind in ("unlink", "rmdir") else max(1, self.count // threads)
        for thread in range(threads):
            seen = len(os.listdir("%s/%d" % (folder, thread)))
            if seen != expected:
                raise Failed("%s: %d names are there, not %d" % (kind, seen, expected))


class Data(Suite):
    """One large file. Source on tmpfs, read-only variants read."""

    name = "data"
    workloads = {
        "seqread": Workload("sequential read", "bytes"), "randread": Workload("random read, 4 KiB"),
        "mmapread": Workload("mmap read", "bytes"), "dlopen": Workload("dlopen, 100 MB library", "whole"),
        "seqwrite": Workload("sequential write, new file", "bytes"), "overwrite": Workload("overwrite", "bytes"),
        "write4k": Workload("4 KiB writes"), "randwrite": Workload("random write, 4 KiB"),
    }

    def prepare(self, place):
        self.size = (64 if self.bench.quick else 512) * MIB
        self.count = 10000 if self.bench.quick else 50000
        source = place + "/source"
        os.mkdir(source)
        for name in ("read", "map"):
            self.bench.sfsbench("seqwrite", source + "/" + name, "-s", self.size, "-b", MIB)
        self.library = None
        if self.bench.want("dlopen"):
            self.library = make_library(self.bench.places.cache, source, (20 if self.bench.quick else 100) * MIB)
        return source

    def _one(self, variant, number, step, workload, kind, path, *options):
        def work():
            result = self.bench.sfsbench(kind, path, "-n", self.count, "-s", self.size, *options)
            if kind in ("seqread", "mmapread") and result["bytes"] != self.size:
                raise Failed("%s: %d of %d bytes" % (kind, result["bytes"], self.size))
            return result
        if self.bench.want(workload):
            self.bench.sample(variant, workload, number, step, work)

    def turn(self, variant, root, number):
        for step in ("first", "second"):
            self._one(variant, number, step, "seqread", "seqread", root + "/read", "-b", MIB)
        for step in ("first", "second"):
            self._one(variant, number, step, "mmapread", "mmapread", root + "/map")
        self._one(variant, number, "second", "randread", "randread", root + "/read", "-b", 4096)
        if self.library:
            for step in ("first", "second"):
                self._one(variant, number, step, "dlopen", "dlopen", root + "/" + self.library)
        if variant.writable:
            self._write(variant, root + "/written", number)

    def _write(self, variant, path, number):
        self._one(variant, number, "once", "write4k", "seqwrite", path + "4k", "-b", 4096)
        self._one(variant, number, "once", "seqwrite", "seqwrite", path, "-b", MIB)
        if self.bench.want("overwrite", "randwrite"):
            self.bench.sfsbench("seqwrite", path, "-s", self.size, "-b", MIB)
            self._one(variant, number, "once", "overwrite", "overwrite", path, "-b", MIB)
            self._one(variant, number, "once", "randwrite", "randwrite", path, "-b", 4096)
        for name in (path, path + "4k"):
            if os.path.exists(name):
                if os.path.getsize(name) != self.size:
                    raise Failed("%d of %d bytes were written" % (os.path.getsize(name), self.size))
                os.unlink(name)


def make_library(cache, folder, size):
    """A shared library of about this size whose function reads a byte of every page. Returns its name."""
    name = "libsfsbench%d.so" % (size // MIB)
    kept = os.path.join(cache, name)
    if not os.path.exists(kept):
        work = kept + ".work"
        os.makedirs(work, exist_ok=True)
        with open(work + "/data", "wb") as file:
            for number in range(size // MIB):
                file.write(bytes([number % 251 + 1]) * MIB)
        with open(work + "/data.S", "w", encoding="ascii") as file:
            file.write('.section .rodata\n.global sfsbench_data\n.hidden sfsbench_data\nsfsbench_data:\n'
                       '.incbin "%s/data"\n.section .note.GNU-stack,"",@progbits\n' % work)
        with open(work + "/touch.c", "w", encoding="ascii") as file:
            file.write('#include <stdint.h>\nextern const unsigned char sfsbench_data[];\n'
                       'static volatile unsigned char sum;\n'
                       'uint64_t sfsbench_touch(void)\n{\n'
                       '    for (uint64_t i = 0; i < %dULL; i += 4096)\n        sum ^= sfsbench_data[i];\n'
                       '    return %dULL;\n}\n' % (size, size))
        checked([os.environ.get("CC", "cc"), "-O1", "-shared", "-fPIC", "-o", kept + ".new", work + "/touch.c",
                 work + "/data.S"])
        shutil.rmtree(work)
        os.rename(kept + ".new", kept)
    checked(["cp", kept, folder])
    return name


class Disk(Suite):
    """A file on the disk of the cache: cold reads, and writes that wait for the disk."""

    name = "disk"
    disk = True
    workloads = {"cold-seqread": Workload("sequential read, cold, disk", "bytes"),
                 "cold-mmapread": Workload("mmap read, cold, disk", "bytes"),
                 "fsync": Workload("4 KiB writes with fsync, disk")}

    def prepare(self, place):
        self.size = (64 if self.bench.quick else 256) * MIB
        os.mkdir(place + "/source")
        self.bench.sfsbench("seqwrite", place + "/source/read", "-s", self.size, "-b", MIB)
        return place + "/source"

    def turn(self, variant, root, number):
        for kind in ("seqread", "mmapread"):
            if self.bench.want("cold-" + kind):
                drop_caches()
                result = self.bench.sample(variant, "cold-" + kind, number, "cold",
                                           lambda do=kind: self.bench.sfsbench(do, root + "/read", "-b", MIB))
                if result["bytes"] != self.size:
                    raise Failed("%s: %d of %d bytes" % (kind, result["bytes"], self.size))
        if variant.writable and self.bench.want("fsync"):
            count = 100 if self.bench.quick else 500
            self.bench.sample(variant, "fsync", number, "once",
                              lambda: self.bench.sfsbench("fsyncwrite", root + "/fsync", "-n", count))
            os.unlink(root + "/fsync")


SUITES = (Names, Data, Disk)
