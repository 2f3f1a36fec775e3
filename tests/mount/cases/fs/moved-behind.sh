#!/bin/bash
# SPDX-License-Identifier: MIT
# Directories are moved in the source while they are listed, moved and removed on the map.  When the kernel finds in a
# listing a directory that it has elsewhere, it may forget it once too often: the daemon does not let it come to that.
# variants: default; cache=ttl:60
. "$SFS_LIB/lib.sh"
mount_fg
py <<'END'
import random
SECONDS = 3
EXPECTED = {"ENOENT", "EEXIST", "ENOTDIR", "ENOTEMPTY", "EINVAL", "ELOOP", "ESTALE", "EBUSY"}
def names_of(top):
    places = [f"{top}/{a}" for a in "ab"]
    return places, [f"{p}/{x}" for p in places for x in "wxyz"] + [f"{p}/{x}/{y}" for p in places for x in "wx" for y in "yz"]
def attempt(call, *args):
    try:
        return call(*args)
    except OSError as e:
        ok(error_name(e) in EXPECTED, f"{call.__name__} {args}: {e}")
        return None
def look(path):
    for entry in os.scandir(path):
        attempt(entry.stat)
def change(top, seed):
    dice, end = random.Random(seed), time.monotonic() + SECONDS
    places, names = names_of(top)
    while time.monotonic() < end:
        act = dice.randrange(10)
        if act < 3: attempt(look, dice.choice(places + names))
        elif act < 6: attempt(os.rename, dice.choice(names), dice.choice(names))
        elif act < 8: attempt(os.mkdir, dice.choice(places + names))
        else: attempt(os.rmdir, dice.choice(names))
def watch(top, seed):
    dice, end = random.Random(seed), time.monotonic() + SECONDS
    places, names = names_of(top)
    while time.monotonic() < end:
        attempt(look, dice.choice(places * 3 + names))
children = [Process(what, top, seed) for seed, (what, top) in enumerate([(change, MNT)] * 3 + [(watch, MNT)] * 3 + [(change, SRC)] * 2)]
for c in children:
    ok(c.is_ready((SECONDS + 20) * SLOW), "a hang")
    c.wait_ready().end()
# moved behind the map: found at once where it is now by whoever looks there, listed, and what lies in it is reached
os.makedirs(f"{SRC}/from/dir/below"); os.mkdir(f"{SRC}/to")
put(f"{SRC}/from/dir/file", b"moved")
eq(sorted(os.listdir(f"{MNT}/from/dir")), ["below", "file"])
inode = os.stat(f"{MNT}/from/dir").st_ino
for round in range(20):
    here, there = ("from", "to") if round % 2 == 0 else ("to", "from")
    os.rename(f"{SRC}/{here}/dir", f"{SRC}/{there}/new-{round}")
    entry, = [e for e in os.scandir(f"{MNT}/{there}") if e.name == f"new-{round}"] if round == 0 else [None]
    if entry is not None:
        eq((entry.is_dir(follow_symlinks=False), entry.stat().st_ino), (True, inode))
    eq(os.stat(f"{MNT}/{there}/new-{round}").st_ino, inode)
    eq(get(f"{MNT}/{there}/new-{round}/file"), b"moved")
    os.rename(f"{MNT}/{there}/new-{round}", f"{MNT}/{there}/dir")
    eq(get(f"{SRC}/{there}/dir/file"), b"moved")
END
