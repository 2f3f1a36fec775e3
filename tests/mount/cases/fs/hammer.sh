#!/bin/bash
# SPDX-License-Identifier: MIT
# Six processes create, write, rename, link, list and delete the same few names at the same time, on the map and on the
# source; nothing but the errors that this must give, no hang, and in the end both show the same tree.
# variants: default; cache=none; io=direct
. "$SFS_LIB/lib.sh"
mount_fg
py <<'END'
import random
EXPECTED = {"ENOENT", "EEXIST", "ENOTDIR", "EISDIR", "ENOTEMPTY", "EINVAL", "ELOOP", "ESTALE", "ETXTBSY"}
SECONDS = 3
def hammer(top, seed):
    dice = random.Random(seed)
    names = [f"{top}/{a}" for a in "abcde"] + [f"{top}/{a}/{b}" for a in "ab" for b in "xyz"]
    end = time.monotonic() + SECONDS
    stale = 0
    while time.monotonic() < end:
        x, y = dice.choice(names), dice.choice(names)
        try:
            act = dice.randrange(12)
            if act == 0: put(x, bytes([65 + seed]) * dice.randrange(10000))
            elif act == 1: os.mkdir(x)
            elif act == 2: os.rename(x, y)
            elif act == 3: os.link(x, y)
            elif act == 4: os.unlink(x)
            elif act == 5: os.rmdir(x)
            elif act == 6: os.symlink(os.path.basename(y), x)
            elif act == 7: os.listdir(x)
            elif act == 8: os.truncate(x, dice.randrange(5000))
            elif act == 9: os.chmod(x, dice.choice((0o755, 0o700)))
            elif act == 10: renameat2(x, y, RENAME_EXCHANGE)
            else: os.stat(x); get(x)
        except OSError as e:
            name = error_name(e)
            ok(name in EXPECTED or (act == 3 and name == "EPERM"), f"act {act}: {e}")  # (no links to directories)
    return None
children = [Process(hammer, top, n) for n, top in enumerate((MNT, MNT, MNT, MNT, SRC, SRC))]
for c in children:
    ok(c.is_ready((SECONDS + 20) * SLOW), "a hang")
    c.wait_ready().end()
def tree(top):
    found = {}
    for folder, folders, files in os.walk(top):
        for n in folders + files:
            p = os.path.join(folder, n); s = os.lstat(p)
            found[os.path.relpath(p, top)] = (s.st_mode, s.st_size if not stat.S_ISDIR(s.st_mode) else 0, s.st_nlink if not stat.S_ISDIR(s.st_mode) else 0,
                                              os.readlink(p) if stat.S_ISLNK(s.st_mode) else get(p) if stat.S_ISREG(s.st_mode) else None)
    return found
def alike():
    try:
        return tree(MNT) == tree(SRC)
    except OSError:  # the kernel may know a name as missing, or as something else, for another second
        return False
try:
    wait_until(alike, 10, "map and source differ in the end")
except Failed:
    for top in (MNT, SRC):
        for folder, _, _ in os.walk(top, onerror=lambda e: print("cannot be listed:", e)):
            print(folder, sorted((e.name, e.inode()) for e in os.scandir(folder)))
    for name in sorted(set(tree(MNT)) | set(tree(SRC))):
        if tree(MNT).get(name) != tree(SRC).get(name):
            print(name, "map:", str(tree(MNT).get(name))[:100], "source:", str(tree(SRC).get(name))[:100])
    raise
END
