#!/bin/bash
# SPDX-License-Identifier: MIT
# With NOTIFY_SOCKET set, READY=1 is sent when every map answers, and STOPPING=1 or nothing more at the end.
. "$SFS_LIB/lib.sh"
cat >"$TMP/notify.py" <<'END'
from sfscheck import *
for address in (TMP + "/notify", "\0sfs-notify-" + str(os.getpid())):
    server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); server.bind(address); server.settimeout(20)
    env = {**os.environ, "NOTIFY_SOCKET": address.replace("\0", "@")}
    p = subprocess.Popen([os.environ["STABLEFS"], "mount", "-f", SRC, MNT], env=env)
    text = b""
    while b"READY=1" not in text:
        text += server.recv(4096) + b"\n"
    os.listdir(MNT); ok(os.path.ismount(MNT), "ready, but not mounted")
    p.send_signal(signal.SIGTERM); eq(p.wait(20), 0)
    server.close()
# nobody listens there: no reason to fail
p = subprocess.run([os.environ["STABLEFS"], "mount", SRC, MNT], env={**os.environ, "NOTIFY_SOCKET": TMP + "/nobody"}); eq(p.returncode, 0)
END
/usr/bin/python3 "$TMP/notify.py"
stablefs umount "$MNT"
