#!/bin/bash
# SPDX-License-Identifier: MIT
# access(2) and faccessat2 tell what an attempt would.
# variants: default; cache=none; writers=exclusive
. "$SFS_LIB/lib.sh"
mount_fg
py <<'END'
import itertools
for n, (mode, folder) in enumerate(itertools.product((0o000, 0o444, 0o222, 0o111, 0o755, 0o640, 0o604), (0, 1))):
    path = f"{SRC}/a{n}"
    os.mkdir(path) if folder else put(path)
    if ROOT:
        os.chown(path, 61001, 61002)
    os.chmod(path, mode)
def ask(top):
    found = []
    for n in range(14):
        for what in (os.F_OK, os.R_OK, os.W_OK, os.X_OK, os.R_OK | os.X_OK):
            found.append(os.access(f"{top}/a{n}", what))
            try:
                eaccess(f"{top}/a{n}", what); found.append("ok")
            except OSError as e:
                found.append(error_name(e))
    return found
users = ((0, 0, ()), (61001, 61001, ()), (61003, 61002, ()), (61003, 61003, (61002,)), (61003, 61003, ())) if ROOT else (None,)
for user in users:
    answers = [as_user(user[0], user[1], ask, top, groups=user[2]) if user else ask(top) for top in (MNT, SRC)]
    eq(answers[0], answers[1], f"access as {user}")
raises("ENOENT", eaccess, MNT + "/none", os.F_OK)
END
