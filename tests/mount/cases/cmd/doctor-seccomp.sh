#!/bin/bash
# SPDX-License-Identifier: MIT
# A normal user whom a seccomp filter forbids user namespaces: fusermount3 is left, and doctor says that it is less.
. "$SFS_LIB/lib.sh"
need_root
need fusermount3
export XDG_RUNTIME_DIR=$TMP/runtime TMPDIR=$TMP SRC MNT STABLEFS SFS_LIB
[ -d "$XDG_RUNTIME_DIR" ] || mkdir -m 700 "$XDG_RUNTIME_DIR"
touch "$SRC/f"
chown -R 65534:65534 "$CASE_DIR"; chmod 777 "$LOGS"
# What Docker's filter does without CAP_SYS_ADMIN: unshare(CLONE_NEWUSER) is EPERM. Root needs no no_new_privs for a filter.
cat >"$TMP/forbid.py" <<'END'
import ctypes, os, platform, struct, sys
number = {"x86_64": 272, "aarch64": 97}.get(platform.machine())
if number is None:
    sys.exit(77)
code = [(0x20, 0, 0, 0), (0x15, 0, 3, number),          # the call's number: unshare?
        (0x20, 0, 0, 16), (0x45, 0, 1, 0x10000000),     # its flags: CLONE_NEWUSER?
        (0x06, 0, 0, 0x00050000 | 1), (0x06, 0, 0, 0x7fff0000)]
rows = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *row) for row in code))
program = struct.pack("@HP", len(code), ctypes.addressof(rows))
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(22, 2, ctypes.create_string_buffer(program), 0, 0):
    sys.exit(77)
os.execvp(sys.argv[1], sys.argv[1:])
END
/usr/bin/python3 "$TMP/forbid.py" true || skip "a seccomp filter cannot be set here"
user=65534
forbidden() { /usr/bin/python3 "$TMP/forbid.py" setpriv --reuid "$user" --regid "$user" --clear-groups "$@"; }
forbidden "$SFS_LIB/lib/doctor.py" 'run["how"] == "fusermount3" and run["result"] == "partly"' 'mount["how"] == "fusermount3"' \
    '"seccomp" in check["user-namespace"]["why"]' 'd["facts"]["seccomp"]' 'run["mend"]' || fail "with fusermount3"
forbidden --no-new-privs "$SFS_LIB/lib/doctor.py" 'run["how"] == "no"' 'mount["how"] == "no"' \
    '"no_new_privs" in check["fusermount3"]["why"]' || fail "without fusermount3"
# fusermount3 wants its user to have a name
chown -R 61001:61001 "$CASE_DIR"
user=61001
! getent passwd 61001 >/dev/null || exit 0
forbidden "$SFS_LIB/lib/doctor.py" 'mount["how"] == "no"' '"/etc/passwd" in mount["mend"]' || fail "without a name"
