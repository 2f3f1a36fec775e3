#!/bin/bash
# SPDX-License-Identifier: MIT
# Values of 64 KiB and lists of nearly 64 KiB, on a filesystem that can hold them.
. "$SFS_LIB/lib.sh"
need_root
# tmpfs of this kernel knows user attributes since 6.6; otherwise a trusted one does as well
mount -t tmpfs none "$SRC"
touch "$SRC/f"
mount_fg
py <<'END'
def space(prefix):
    try:
        os.setxattr(SRC + "/f", prefix + "probe", b"1"); os.removexattr(SRC + "/f", prefix + "probe")
        return True
    except OSError:
        return False
prefix = next((p for p in ("user.", "trusted.") if space(p)), None) or skip("SKIP-OK: tmpfs of this kernel holds no attributes")
os.setxattr(MNT + "/f", prefix + "v", b"v" * 65536)
eq(len(os.getxattr(SRC + "/f", prefix + "v")), 65536)
eq(os.getxattr(MNT + "/f", prefix + "v"), b"v" * 65536)
raises("E2BIG", os.setxattr, MNT + "/f", prefix + "v", b"v" * 65537)
os.removexattr(MNT + "/f", prefix + "v")
for n in range(260):
    os.setxattr(MNT + "/f", f"{prefix}{'n' * 235}{n:04}", b"")
names = os.listxattr(SRC + "/f")
ok(sum(len(n) + 1 for n in names) > 60000, "the list is long")
eq(sorted(os.listxattr(MNT + "/f")), sorted(names))
END
