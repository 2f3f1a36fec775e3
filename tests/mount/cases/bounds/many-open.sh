#!/bin/bash
# SPDX-License-Identifier: MIT
# More open files than descriptors: those that cannot be opened say EMFILE or ENFILE, everything else goes on.
# variants: default; ro,cache=ttl:1; ro,cache=immutable
. "$SFS_LIB/lib.sh"
check make_tree "$SRC" 600 40 100
(ulimit -n 256 && mount_map) || fail "mount"
FILES+=("$MNT")
py <<'END'
paths = [f"{MNT}/d0/s{n // 100}/file-{n}" for n in range(600)]
resource = __import__("resource"); resource.setrlimit(resource.RLIMIT_NOFILE, (2000, 2000)) if ROOT else None
for turn in range(3):
    fds, refused = [], 0
    for p in paths:
        try:
            fds.append(opened(p))
        except OSError as e:
            ok(error_name(e) in ("EMFILE", "ENFILE"), f"{p}: {e}")
            refused += 1
    ok(len(fds) >= 100, f"only {len(fds)} of 600 could be opened under a limit of 256")
    for p in paths[:50]:
        os.stat(p)
    try:
        ok(len(os.listdir(MNT + "/d0")) == 6, "listing")
    except OSError as e:
        ok(error_name(e) in ("EMFILE", "ENFILE"), f"listing: {e}")
    os.statvfs(MNT)
    raises("ENOENT", os.stat, MNT + "/none")
    if "ro" not in OPTS:
        os.mkdir(MNT + "/new"); os.rename(MNT + "/new", MNT + "/new2"); os.rmdir(MNT + "/new2"); os.chmod(paths[0], 0o600); os.symlink("a", MNT + "/l"); os.unlink(MNT + "/l")
    for fd, p in zip(fds, paths):
        os.pread(fd, 5, 0)
    [os.close(fd) for fd in fds]
    def again():
        try:
            get(paths[-1]); return True
        except OSError:
            return False
    wait_until(again, 3, "after closing all, nothing can be opened")
print(refused, "refused")
END
