#!/bin/bash
# SPDX-License-Identifier: MIT
# Random reads, writes, truncations, through two descriptors and a mapping, against a model; then the source is compared.
# variants: default; cache=none; io=direct; writers=exclusive
. "$SFS_LIB/lib.sh"
mount_fg
py <<'END'
import random
for seed in range(6):
    dice = random.Random(seed)
    model = bytearray()
    fds = [opened(f"{MNT}/f{seed}", os.O_RDWR | os.O_CREAT), opened(f"{MNT}/f{seed}", os.O_RDWR)]
    for step in range(400):
        fd = dice.choice(fds)
        offset, size = dice.randrange(200000), dice.choice((1, 100, 4096, 5000, 70000, 131072))
        act = dice.randrange(10)
        if act < 4:
            data = dice.randbytes(size)
            eq(os.pwrite(fd, data, offset), size)
            if offset > len(model):
                model.extend(bytes(offset - len(model)))
            model[offset:offset + size] = data
        elif act < 8:
            ok(os.pread(fd, size, offset) == bytes(model[offset:offset + size]), f"seed {seed} step {step}: read {offset}+{size}")
        elif act == 8:
            os.ftruncate(fd, offset)
            model = model[:offset].ljust(offset, b"\0")
        else:
            eq(os.fstat(fd).st_size, len(model), f"seed {seed} step {step}: size")
    os.fsync(fds[0])
    ok(get(f"{SRC}/f{seed}") == bytes(model), f"seed {seed}: content of the source")
    [os.close(fd) for fd in fds]
    ok(get(f"{MNT}/f{seed}") == bytes(model), f"seed {seed}: content after opening again")
END
