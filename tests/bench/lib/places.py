# SPDX-License-Identifier: MIT
"""Where the files of one run are: a tmpfs of its own, and a directory on the disk of the cache."""

import os
import shutil
import tempfile

from command import checked


class Places:
    """
    target: the empty directory where variants mount.  sfsbench: the program.  cache: what is kept between runs.
    source: the source tree of stablefs.
    """

    def __init__(self, cache, source, sfsbench):
        self.cache, self.source, self.sfsbench = cache, source, sfsbench
        self.base = tempfile.mkdtemp(prefix="stablefs-bench.")
        self.target = self.base + "/stable"
        self.memory = self.base + "/memory"
        os.mkdir(self.target)
        os.mkdir(self.memory)
        checked(["mount", "-t", "tmpfs", "-o", "size=90%,nr_inodes=0,mode=755", "stablefs-bench", self.memory])
        self.disk = tempfile.mkdtemp(prefix="bench-work.", dir=cache)

    def make(self, name, disk):
        """A new directory, on the disk or in memory."""
        path = os.path.join(self.disk if disk else self.memory, name)
        os.mkdir(path)
        return path

    def remove(self):
        shutil.rmtree(self.disk, ignore_errors=True)
        checked(["umount", self.memory])
        shutil.rmtree(self.base)
