#!/bin/bash
# SPDX-License-Identifier: MIT
# A file replaced in the source while it is open: the open file keeps its old content to the last byte, a new open sees
# the new one as cache= says, and neither ever sees a mixture.
# variants: default; cache=none; io=direct; ro,cache=ttl:1; ro,cache=none; cache=ttl:3
. "$SFS_LIB/lib.sh"
mount_fg
py <<'END'
OLD, NEW = b"old-" * 100000, b"NEW!" * 130000
for turn in range(3):
    name = f"f{turn}"
    put(f"{SRC}/{name}", OLD)
    wait_until(lambda: os.path.exists(f"{MNT}/{name}"), 5)
    fd = opened(f"{MNT}/{name}")
    m = mmap.mmap(opened(f"{MNT}/{name}"), 0, mmap.MAP_SHARED, mmap.PROT_READ) if "direct" not in OPTS else None
    eq(os.pread(fd, 10, 0), OLD[:10])
    ino = os.fstat(fd).st_ino
    if turn == 1:
        os.unlink(f"{SRC}/{name}"); put(f"{SRC}/{name}", NEW)
    else:
        put(f"{SRC}/{name}.new", NEW); os.rename(f"{SRC}/{name}.new", f"{SRC}/{name}")
    start = time.monotonic()
    seen_new = False
    while time.monotonic() - start < 5 * SLOW:
        ok(os.pread(fd, len(NEW) + 10, 0) == OLD, "the open file's content changed")
        ok(os.fstat(fd).st_size == len(OLD), "the open file's size changed")
        ok(m is None or m[-4:] == b"old-" and m[:4] == b"old-", "the mapping changed")
        now = get(f"{MNT}/{name}")
        ok(now in (OLD, NEW), f"a mixture: {len(now)} bytes, {now[:4]} ... {now[-4:]}")
        if now == NEW:
            seen_new = True
            eq(os.stat(f"{MNT}/{name}").st_size, len(NEW))
            ok(turn == 1 or os.stat(f"{MNT}/{name}").st_ino != ino, "another file has the same number while the old one is open")
            if "none" not in OPTS or turn:
                break
        ok(not ("none" in OPTS and now == OLD), "cache=none served the old file to a new open")
        ok(not (seen_new and now == OLD), "new, then old again")
        time.sleep(0.05)
        if "none" in OPTS and time.monotonic() - start > 0.3:
            break
    ok(seen_new, "the new file is never seen")
    if "ro" not in OPTS:
        w = opened(f"{MNT}/{name}", os.O_WRONLY); os.pwrite(w, b"W", 0); os.close(w)
        eq(get(f"{SRC}/{name}")[:2], b"WE", "a write after the replacement goes to the new file")
        ok(os.pread(fd, 4, 0) == b"old-", "... not to the old one")
    os.close(fd)
END
