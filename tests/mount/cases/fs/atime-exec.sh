#!/bin/bash
# SPDX-License-Identifier: MIT
# Reading and executing move the access time as they do on the source (relatime).
. "$SFS_LIB/lib.sh"
mount_fg
py <<'END'
# The kernel's own bind of the source tells what is native here
for name in ("in", "native"):
    shutil.copy("/bin/true", f"{SRC}/{name}")
    put(f"{SRC}/{name}.txt", "text")
actions = {"": lambda p: subprocess.run([p], check=True), ".txt": get}
paths = [(f"{top}{name}", action) for name, action in actions.items() for top in (MNT + "/in", SRC + "/native")]
for path, action in paths:
    os.utime(path, ns=(10**18, 2 * 10**18))
    action(path)
time.sleep(1.2)
moved = {path: os.stat(path).st_atime_ns != 10**18 for path, _ in paths}
eq(moved[MNT + "/in"], moved[SRC + "/native"], "access time after executing")
eq(moved[MNT + "/in.txt"], moved[SRC + "/native.txt"], "access time after reading")
END
