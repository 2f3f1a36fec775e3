#!/bin/bash
# SPDX-License-Identifier: MIT
# fallocate's modes: as on the source, result by result, size and blocks and content.
# variants: default; cache=none; io=direct; writers=exclusive
. "$SFS_LIB/lib.sh"
mount_fg
py <<'END'
MODES = {"plain": 0, "keep": FALLOC_KEEP_SIZE, "punch": FALLOC_PUNCH_HOLE | FALLOC_KEEP_SIZE, "punch alone": FALLOC_PUNCH_HOLE,
         "zero": FALLOC_ZERO, "zero keep": FALLOC_ZERO | FALLOC_KEEP_SIZE, "collapse": FALLOC_COLLAPSE, "insert": FALLOC_INSERT,
         "unknown": 0x400}
os.mkdir(SRC + "/nat")
for name, mode in MODES.items():
    for offset, length in ((0, 4096), (4096, 8192), (100, 5000), (0, 40960), (65536, 4096), (0, 0), (-1, 10), (8192, -5)):
        results = []
        for top in (MNT, SRC + "/nat"):
            path = put(top + "/f", bytes(range(1, 251)) * 100)
            fd = opened(path, os.O_RDWR)
            try:
                fallocate(fd, mode, offset, length)
                result = "done"
            except OSError as e:
                result = error_name(e)
            s = os.fstat(fd)
            os.lseek(fd, 0, 0)
            data = os.read(fd, 1 << 20)
            eq(len(data), s.st_size, f"{name} {offset} {length}: read to the end")
            os.fsync(fd)
            s = os.fstat(fd)
            results.append((result, s.st_size, data, s.st_blocks if mode != 0x400 else 0))
            os.close(fd)
            os.unlink(path)
        # punch, collapse, ... may be unknown to the FUSE protocol of this kernel: then EOPNOTSUPP and nothing changed
        if results[0][0] == "EOPNOTSUPP" and mode & (FALLOC_COLLAPSE | FALLOC_INSERT):
            eq(results[0][2], bytes(range(1, 251)) * 100, f"{name}: refused but changed")
            continue
        eq(results[0][0], results[1][0], f"{name} {offset} {length}")
        eq(results[0][1:], results[1][1:], f"{name} {offset} {length}: size, content, blocks")
fd = opened(put(MNT + "/ro", "x"))
raises("EBADF", fallocate, fd, 0, 0, 10)
END
