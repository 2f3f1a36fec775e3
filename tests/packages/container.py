# SPDX-License-Identifier: MIT
"""container.py ROOT UID COMMAND...: make ROOT, a mount point, the root of this mount namespace and run the command there
as this user and group.  A container runtime does the same; in a mere chroot the kernel allows no user namespace."""
import ctypes
import os
import subprocess
import sys

MNT_DETACH = 2

root, uid, command = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
libc = ctypes.CDLL(None, use_errno=True)
os.chdir(root)
# it moves the root of every process in the namespace, so ours too
subprocess.run(["pivot_root", ".", "."], check=True)
if libc.umount2(b".", MNT_DETACH) != 0:
    sys.exit("umount2: " + os.strerror(ctypes.get_errno()))
os.chdir("/")
os.setgroups([])
os.setresgid(uid, uid, uid)
os.setresuid(uid, uid, uid)
os.execve(command[0], command, {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/home", "LC_ALL": "C.UTF-8",
                                  "container": "other"})
