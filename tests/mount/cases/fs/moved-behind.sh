#!/bin/bash
# SPDX-License-Identifier: MIT
# Directories are moved in the source while they are listed, moved and removed on the map.  The kernel may have such a
# directory in its old place still, take it for removed because another one was removed by its name, or forget it once
# too often: that must not show, let alone end the daemon.
# variants: default; cache=none
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
def watch_one(top, seed):
    end = time.monotonic() + 1
    while time.monotonic() < end:
        attempt(look, top); attempt(os.stat, f"{top}/dir/file"); attempt(os.stat, f"{top}/other/file")
children = [Process(what, top, seed) for seed, (what, top) in enumerate([(change, MNT)] * 3 + [(watch, MNT)] * 3 + [(change, SRC)] * 2)]
for c in children:
    ok(c.is_ready((SECONDS + 20) * SLOW), "a hang")
    c.wait_ready().end()
# one directory goes to and fro: at once it is found where it is by whoever looks there, with what lies in it
os.makedirs(f"{SRC}/from/dir/below"); os.mkdir(f"{SRC}/to")
put(f"{SRC}/from/dir/file", b"moved")
eq(sorted(os.listdir(f"{MNT}/from/dir")), ["below", "file"])
inode = os.stat(f"{MNT}/from/dir").st_ino
held = os.open(f"{MNT}/from/dir", os.O_PATH)
for round in range(20):
    here, there = ("from", "to") if round % 2 == 0 else ("to", "from")
    os.rename(f"{SRC}/{here}/dir", f"{SRC}/{there}/new-{round}")
    eq(os.stat(f"{MNT}/{there}/new-{round}").st_ino, inode)
    eq(get(f"{MNT}/{there}/new-{round}/file"), b"moved")
    eq(sorted(os.listdir(f"{MNT}/{there}/new-{round}")), ["below", "file"])
    eq(os.stat("file", dir_fd=held).st_size, 5)
    os.rename(f"{SRC}/{there}/new-{round}", f"{SRC}/{there}/dir")
    eq(os.stat(f"{MNT}/{there}/dir").st_ino, inode)
# and it is renamed on the map in between, also while others look for it there
os.mkdir(f"{SRC}/between")
os.rename(f"{SRC}/from/dir", f"{SRC}/between/dir")
working = os.getcwd()
os.chdir(f"{MNT}/between/dir")
watchers = [Process(watch_one, f"{MNT}/between", seed) for seed in range(2)]
for round in range(200):
    os.rename(f"{MNT}/between/dir", f"{MNT}/between/other"); os.rename(f"{MNT}/between/other", f"{MNT}/between/dir")
    # (getcwd(2) may find nothing: who looked for the old name makes the kernel drop the name that it has by then)
    eq(get("file"), b"moved")
    eq(sorted(os.listdir(".")), ["below", "file"])
os.chdir(working)
for w in watchers: ok(w.is_ready(20 * SLOW), "a hang"); w.wait_ready().end()
# two directories change places in the source; what the map still knows by its old name is removed, or replaced
for removed in ("by rmdir", "by rename"):
    top = f"{SRC}/{removed}"
    os.makedirs(f"{top}/empty"); os.mkdir(f"{top}/full"); put(f"{top}/full/file", b"kept"); os.mkdir(f"{top}/third")
    on_map = f"{MNT}/{removed}"
    users = [os.open(f"{on_map}/{name}", os.O_PATH) for name in ("empty", "full", "third")]
    renameat2(f"{top}/empty", f"{top}/full", RENAME_EXCHANGE)
    if removed == "by rmdir": os.rmdir(f"{on_map}/full")
    else: os.rename(f"{on_map}/third", f"{on_map}/full")
    eq(os.listdir(f"{top}/empty"), ["file"])
    wait_until(lambda: attempt(os.listdir, f"{on_map}/empty") == ["file"], 10, f"{removed}: the other one is taken for removed")
    eq(get(f"{on_map}/empty/file"), b"kept")
    put(f"{on_map}/empty/new", b"one more")
END
