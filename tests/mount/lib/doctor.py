#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""For the cases of stablefs doctor: run it, and compare what it says with what run and mount do.

    doctor.py [EXPRESSION…]

Each expression (of run, mount, check[ID], d) must hold.  The variables STABLEFS, SRC (with a file f in it), MNT, TMPDIR and
XDG_RUNTIME_DIR are wanted.
"""
import json
import os
import re
import subprocess
import sys

stablefs, src, mnt, tmp = (os.environ[n] for n in ("STABLEFS", "SRC", "MNT", "TMPDIR"))


def call(*args):
    return subprocess.run([stablefs, *args], stdin=subprocess.DEVNULL, capture_output=True, text=True)


def mounts():
    with open("/proc/self/mountinfo", errors="replace") as f:
        return sorted(line for line in f)


def left():
    return [n for d in (tmp, os.environ["XDG_RUNTIME_DIR"], "/tmp") for n in os.listdir(d) if n.startswith("stablefs-doctor")]


before = mounts()
table, told = call("doctor"), call("doctor", "--json")
assert table.returncode == told.returncode and table.returncode in (0, 5), (table, told)
assert not table.stderr and not told.stderr, (table.stderr, told.stderr)
assert "\033" not in table.stdout
d = json.loads(told.stdout)
run, mount, check = d["run"], d["mount"], {c["id"]: c for c in d["checks"]}
rows = re.findall(r"^\S.{15} (yes|no|partly|unknown) +(\S.*)\n(?: +mend: (.*)\n)?", table.stdout, re.M)
want = [(c["result"], c["why"], c["mend"] or "") for c in d["checks"] + [run, mount]]
assert rows == want, (rows, want)
assert mounts() == before and not left(), left()
for expression in sys.argv[1:]:
    assert eval(expression), (expression, d)
r = call("run", "--map", f"{mnt}={src}", "--", "test", "-e", mnt + "/f")
assert (r.returncode == 0) == (told.returncode == 0), (r, run)
if told.returncode:
    assert r.returncode == 125, r
    r = call("run", "--fallback", "bind", "--map", f"{mnt}={src}", "--", "test", "-e", mnt + "/f")
    assert (r.returncode == 0) == (run["how"] == "bind"), (r, run)
r = call("mount", src, mnt)
assert (r.returncode == 0) == (mount["result"] == "yes"), (r, mount)
if r.returncode == 0:
    r = call("umount", mnt)
    assert r.returncode == 0, r
else:
    assert r.returncode == 5, r
    ours = [line for line in r.stderr.splitlines() if not line.startswith("fusermount3: ")]
    assert len(ours) == 1 and "stablefs doctor" in ours[0], r
assert mounts() == before and not left()
