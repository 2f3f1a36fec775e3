# SPDX-License-Identifier: MIT
"""
What a mount holds in memory: the daemon for each file that it knows, and the kernel for the data that was read.

How often data is in the page cache is counted by mincore(2), which sees the source's pages and the mount's apart: the
source's are counted and thrown away first, what the mount still has then is a copy of its own.  So no other program on
the machine disturbs it.  The files must lie on a disk: a tmpfs is nothing but page cache.
"""

import contextlib
import copy
import ctypes
import mmap
import os

import trees
from bench import Suite, drop_caches
from command import Failed
from workload import Workload

MIB = 1 << 20
LIBC = ctypes.CDLL(None, use_errno=True)


def memory_of(pid):
    """Bytes: what the whole process holds (rss), the largest so far (peak), its own pages (anon)."""
    with open("/proc/%d/status" % pid, encoding="utf-8") as file:
        fields = dict(line.split(":", 1) for line in file if ":" in line)
    return {key: int(fields[field].split()[0]) * 1024
            for key, field in (("rss", "VmRSS"), ("peak", "VmHWM"), ("anon", "RssAnon"))}


class DaemonMemory(Suite):
    """Every file of the depot is made known to the kernel, and to the daemon."""

    name = "memory"
    workloads = {"memory": Workload("daemon, bytes per known file", "value")}

    def variants(self, variants):
        return [item for item in super().variants(variants) if item.family != "kernel"]

    def rounds(self, rounds):
        return 1

    def prepare(self, place):
        spec = trees.DEPOT_QUICK if self.bench.quick else trees.DEPOT
        self.depot = trees.get(self.bench.places.cache, spec, self.bench.progress.say)
        trees.copy(self.depot["root"], place + "/tree")
        return place + "/tree"

    def turn(self, variant, root, number):
        os.stat(root)
        fresh = memory_of(variant.pid(root))
        for workload in ("walk", "read"):
            self.bench.sfsbench(workload, root, "-l", self.depot["list"])
        full = memory_of(variant.pid(root))
        facts = variant.facts(root)
        known = facts["map"]["files"] if facts else self.depot["files"] + self.depot["dirs"] + self.depot["links"]
        if known < self.depot["files"]:
            raise Failed("only %d of %d files are known" % (known, self.depot["files"]))
        self.bench.value(variant, "memory", number, full["rss"] / known, known=known, fresh=fresh["rss"], **full)


class Cached:
    """Files that are open and mapped, to ask how many of their pages are in memory."""

    def __init__(self, stack):
        self.stack, self.maps = stack, []

    def open(self, path):
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self.stack.callback(os.close, fd)
        return fd

    def map(self, fd):
        size = os.fstat(fd).st_size
        LIBC.mmap.restype = ctypes.c_void_p
        address = LIBC.mmap(None, ctypes.c_size_t(size), mmap.PROT_READ, mmap.MAP_SHARED, fd, ctypes.c_long(0))
        if address in (None, ctypes.c_void_p(-1).value):
            raise Failed("mmap: %s" % os.strerror(ctypes.get_errno()))
        self.stack.callback(LIBC.munmap, ctypes.c_void_p(address), ctypes.c_size_t(size))
        self.maps.append((address, size))

    def pages(self):
        found = 0
        for address, size in self.maps:
            vector = (ctypes.c_ubyte * ((size + 4095) // 4096))()
            if LIBC.mincore(ctypes.c_void_p(address), ctypes.c_size_t(size), vector) != 0:
                raise Failed("mincore: %s" % os.strerror(ctypes.get_errno()))
            found += sum(byte & 1 for byte in bytes(vector))
        return found


def read_all(fd):
    size, done = os.fstat(fd).st_size, 0
    while True:
        data = os.read(fd, MIB)
        if not data:
            break
        done += len(data)
    if done != size:
        raise Failed("%d of %d bytes read" % (done, size))


def forget(paths):
    """Throw the files' pages away; they are on the disk, and nobody has them mapped."""
    for path in paths:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(fd)


def copies(source, roots, names):
    """How often the files' data is in memory after it was read below all roots, 1.0: once."""
    sources = [source + "/" + name for name in names]
    total = sum((os.path.getsize(path) + 4095) // 4096 for path in sources)
    with contextlib.ExitStack() as stack:
        # They stay open: to open a file again may throw its pages away.
        mounted = Cached(stack)
        opened = [mounted.open(root + "/" + name) for root in roots for name in names]
        for fd in opened:
            read_all(fd)
        with contextlib.ExitStack() as inner:
            below = Cached(inner)
            for path in sources:
                below.map(below.open(path))
            shared = below.pages()
        forget(sources)
        for fd in opened:
            mounted.map(fd)
        own = mounted.pages()
    return (shared + own) / total


class PageCache(Suite):
    """A large file is read once through one mount, and some files through many mounts of one source."""

    name = "page-cache"
    disk = True
    mounts_itself = True
    workloads = {"page-cache": Workload("page cache, copies of a file that was read", "value"),
                 "mounts": Workload("page cache, copies after 32 mounts were read", "value")}

    def variants(self, variants):
        return [item for item in super().variants(variants) if item.name != "native"]

    def rounds(self, rounds):
        return 1

    def prepare(self, place):
        self.mounts = 8 if self.bench.quick else 32
        os.mkdir(place + "/source")
        for number in range(8):
            self.bench.sfsbench("seqwrite", "%s/source/data%d" % (place, number), "-s", 2 * MIB, "-b", MIB)
        self.names = ["data%d" % number for number in range(8)]
        self.targets = []
        for number in range(self.mounts):
            self.targets.append("%s.%d" % (self.bench.target, number))
            os.makedirs(self.targets[-1], exist_ok=True)
        return place + "/source"

    def turn(self, variant, root, number, scratch):
        for measure, count in (("page-cache", 1), ("mounts", self.mounts)):
            if not self.bench.want(measure) or (measure == "mounts" and variant.uring):
                continue
            with contextlib.ExitStack() as stack:
                seen = []
                for target in self.targets[:count]:
                    own = "%s/%s%d" % (scratch, measure, len(seen))
                    os.mkdir(own)
                    one = copy.copy(variant)
                    seen.append(one.start(root, target, own))
                    stack.callback(one.unmount, target)
                drop_caches()
                self.bench.value(variant, measure, number, copies(root, seen, self.names), mounts=count)


SUITES = (DaemonMemory, PageCache)
