#!/bin/bash
# SPDX-License-Identifier: MIT
# The control socket is 0600 in a directory of its own, refuses other users, and survives whatever is written to it.
. "$SFS_LIB/lib.sh"
mount_map
sock=$(find "${XDG_RUNTIME_DIR:-/run}/stablefs" -type s)
equal "$(stat -c %a "$sock")" 600
case $(stat -c %a "$(dirname "$sock")") in 700 | 755 | 711 | 750) ;; *) fail "mode of the socket's directory" ;; esac
equal "$(stat -c %u "$sock")" "$(id -u)"
export SOCK=$sock
py <<'END'
import json
# (a path by way of the directory, because 107 bytes are all that an address may have)
real = os.environ["SOCK"]
path = f"/proc/self/fd/{os.open(os.path.dirname(real), os.O_PATH)}/{os.path.basename(real)}"
def talk(data, answer=True):
    s = socket.socket(socket.AF_UNIX); s.settimeout(10 * SLOW)
    try:
        s.connect(path); s.sendall(data); s.shutdown(socket.SHUT_WR)
        got = b""
        while chunk := s.recv(65536):
            got += chunk
            ok(len(got) < 1 << 20, "endless answer")
        return got
    except (BrokenPipeError, ConnectionResetError):
        return b""
    finally:
        s.close()
alive = lambda: subprocess.run([os.environ["STABLEFS"], "status", MNT], stdout=subprocess.DEVNULL).returncode == 0
nasty = [b"", b"\n", b"{}\n", b"null\n", b"[]\n", b"{\"a\":" * 3000 + b"\n", b"[" * 60000 + b"\n", b"\0" * 100 + b"\n", b"x" * 65535 + b"\n",
         b"x" * (1 << 20), b'{"command": 5}\n', b'{"command": "nonsense"}\n', b'{"command": "status", "path": "' + b"a" * 70000 + b'"}\n',
         b'{"command":"\xff\xfe"}\n', b"\n" * 1000, os.urandom(5000), b'{"cmd":"umount","path":"' + b"/" * 5000 + b'"}\n']
for data in nasty:
    answer = talk(data)
    for line in answer.splitlines():
        json.loads(line)
    ok(alive(), f"dead after {data[:40]!r}")
# many that say nothing do not keep the others out
idle = []
for _ in range(100):
    s = socket.socket(socket.AF_UNIX); s.settimeout(2)
    try:
        s.connect(path); idle.append(s)
    except OSError:
        break
half = socket.socket(socket.AF_UNIX)
try:
    half.settimeout(2); half.connect(path); half.sendall(b'{"command": "st')
except OSError:
    pass
start = time.monotonic(); os.listdir(MNT); ok(time.monotonic() - start < 2, "the mount waits for the socket")
ok(alive(), "100 idle connections keep status out")
[s.close() for s in idle]; half.close()
ok(alive(), "after idle connections")
if ROOT:
    # even if the socket could be reached: the peer's uid is looked at
    os.chmod(real, 0o666)
    for d in (os.path.dirname(real), "/run"):
        os.chmod(d, 0o755)
    def other():
        try:
            got = talk(b'{"command":"status"}\n') + talk(b'{"cmd":"status"}\n')
        except OSError:
            return
        ok(b"pid" not in got and b"maps" not in got, f"another user was told {got[:100]}")
    as_user(61001, 61001, other)
ok(alive(), "at the end")
END
if is_root; then
    chmod 711 /run/stablefs
    ! as 61001:61001 "$STABLEFS" umount "$MNT" 2>"$TMP/err" || fail "another user unmounted root's map"
    mounted "$MNT" || fail "another user unmounted root's map"
fi
