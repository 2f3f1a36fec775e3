#!/bin/bash
# SPDX-License-Identifier: MIT
# Reading a read-only map does not change access times in the source: of files and of directories, however often they
# are listed. Symbolic links are the exception, and with passthrough files.
# variants: ro; ro,io=cached; ro,cache=none; ro,cache=immutable
. "$SFS_LIB/lib.sh"
mkdir -p "$SRC/d/e"; echo text >"$SRC/d/f"; cp /bin/true "$SRC/d/prog"; ln -s f "$SRC/d/l"
mount_fg
IO=$("$STABLEFS" status --json "$MNT" | grep -o '"io": *"[a-z]*"' | grep -o '[a-z]*"$' | tr -d '"')
[ -n "$IO" ] || fail "no io in status"
IO=$IO py <<'END'
import subprocess
paths = [SRC + p for p in ("", "/d", "/d/e")]
if os.environ["IO"] != "passthrough":
    paths += [SRC + "/d/f", SRC + "/d/prog"]
for p in paths:
    os.utime(p, ns=(10**18, 2 * 10**18))
for turn in range(2):
    for folder, _, names in os.walk(MNT):
        for n in names:
            get(os.path.join(folder, n))
    os.readlink(MNT + "/d/l"); subprocess.run([MNT + "/d/prog"], check=True)
    fd = opened(MNT + "/d", os.O_DIRECTORY); os.listdir(fd); os.lseek(fd, 0, 0); os.listdir(fd); os.close(fd)
    time.sleep(1.1)
for p in paths:
    eq(os.stat(p).st_atime_ns, 10**18, p)
END
