#!/bin/bash
# SPDX-License-Identifier: MIT
# FIFOs, sockets and (root) device nodes are made, seen and used.
. "$SFS_LIB/lib.sh"
mount_fg
py <<'END'
os.mkfifo(MNT + "/fifo", 0o600)
ok(stat.S_ISFIFO(os.stat(SRC + "/fifo").st_mode), "fifo at the source")
def writer():
    with open(MNT + "/fifo", "w") as f:
        f.write("through a fifo")
process = Process(writer)
eq(get(MNT + "/fifo"), b"through a fifo")
process.wait_ready().end()
raises("ENXIO", opened, MNT + "/fifo", os.O_WRONLY | os.O_NONBLOCK)

os.chdir(MNT)
server = socket.socket(socket.AF_UNIX)
server.bind("sock")
server.listen()
ok(stat.S_ISSOCK(os.stat(SRC + "/sock").st_mode), "socket at the source")
client = socket.socket(socket.AF_UNIX)
client.connect("sock")
client.send(b"hello")
eq(server.accept()[0].recv(10), b"hello")
raises("EADDRINUSE", socket.socket(socket.AF_UNIX).bind, "sock")
raises("ENXIO", opened, "sock")
os.unlink("sock")
os.chdir("/")

os.mknod(MNT + "/plain", stat.S_IFREG | 0o640)
eq(stat.S_IFMT(os.stat(SRC + "/plain").st_mode), stat.S_IFREG)
if ROOT and not USERNS:
    os.mknod(MNT + "/null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
    os.mknod(MNT + "/block", stat.S_IFBLK | 0o600, os.makedev(250, 300))
    for name, device in (("null", os.makedev(1, 3)), ("block", os.makedev(250, 300))):
        eq(os.stat(f"{MNT}/{name}").st_rdev, device, name)
        eq(os.stat(f"{SRC}/{name}").st_rdev, device, name)
else:
    raises("EPERM", os.mknod, MNT + "/null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
END
