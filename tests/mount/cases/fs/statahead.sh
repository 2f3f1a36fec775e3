#!/bin/bash
# SPDX-License-Identifier: MIT
# Who walks through the directories finds all of them, with and without a thread that goes ahead: also when they come and
# go meanwhile. The map can be unmounted in the middle of it, and nothing stays open afterwards.
# variants: default; statahead=off; cache=none; ro,cache=immutable; writers=exclusive
# timeout: 120
. "$SFS_LIB/lib.sh"
[ "$(ulimit -n)" -ge 1024 ] || skip "SKIP-OK: needs a limit of 1024 open files"
mkdir -p "$SRC/top/a/b/c"
for n in 1 2 3 4 5 6 7 8 9; do mkdir -p "$SRC/top/d$n/e/f"; echo "$n" >"$SRC/top/d$n/e/f/file"; done
ln -s ../.. "$SRC/top/d5/e/up"; ln -s / "$SRC/top/d5/e/root"
mount_fg
py <<'END'
def walked(root):
    return sorted((os.path.relpath(folder, root), sorted(folders), sorted(files)) for folder, folders, files in os.walk(root))
eq(walked(MNT), walked(SRC))
def ahead(): return instance()["maps"][0]["looked_ahead"]
if "statahead=off" in OPTS:
    eq(ahead(), 0)
else:
    wait_until(ahead, 10, "nothing was done ahead")
daemon = instance()["pid"]
def still_open():
    found = []
    for fd in os.listdir(f"/proc/{daemon}/fd"):
        try:
            place = os.readlink(f"/proc/{daemon}/fd/{fd}")
            flags = int(open(f"/proc/{daemon}/fdinfo/{fd}").read().split("flags:")[1].split()[0], 8)
        except FileNotFoundError:
            continue
        if place.startswith(SRC + "/") and flags & os.O_DIRECTORY and not flags & os.O_PATH:
            found.append(place)
    return found
wait_until(lambda: not still_open(), 10, "directories stay open")
# what comes, goes and moves while it is walked through
def change(where, stop):
    for n in range(10**9):
        if stop: break
        top = where + "/top"
        for call in (lambda: os.makedirs(f"{top}/d{n % 9 + 1}/x{n % 7}/y/z"), lambda: os.rename(f"{top}/d{n % 9 + 1}/x{n % 5}", f"{top}/a/m{n % 5}"),
                     lambda: shutil.rmtree(f"{top}/a/m{n % 3}"), lambda: os.rename(top + "/a", top + "/b"),
                     lambda: os.rename(top + "/b", top + "/a")):
            try: call()
            except OSError: pass
stop, turns, end = [], 0, time.monotonic() + 4
thread = threading.Thread(target=change, args=(MNT if "exclusive" in OPTS else SRC, stop))
if "immutable" not in OPTS: thread.start()
while time.monotonic() < end:
    for n in range(1, 10):                         # what nobody touches is there all the time
        eq(os.listdir(f"{MNT}/top/d{n}/e/f"), ["file"])
    for folder, folders, files in os.walk(MNT):
        for name in files:
            os.lstat(os.path.join(folder, name))
    turns += 1
stop.append(1)
if thread.ident: thread.join()
ok(turns > 1, "there was not one turn")
END
umount_map
# what is mounted in the source is left alone: its directories are not read before somebody asks for them
if is_root; then
    for n in 1 2 3 4; do mkdir "$SRC/top/m$n"; mount -t tmpfs -o strictatime none "$SRC/top/m$n"; mkdir "$SRC/top/m$n/e"; done
    mount_map
    py <<'END'
def times(): return [os.stat(f"{SRC}/top/m{n}{below}").st_atime_ns for n in (1, 2, 3, 4) for below in ("", "/e")]
before = times()
for below in ("", "/top", "/top/a", "/top/a/b", "/top/a/b/c"):
    os.listdir(MNT + below)
if "statahead=off" not in OPTS:
    wait_until(lambda: instance()["maps"][0]["looked_ahead"], 10, "nothing was done ahead")
    time.sleep(0.3)
eq(times(), before, "access times of what is mounted in the source")
eq(os.listdir(MNT + "/top/m1"), ["e"])
ok(times() != before or "ro" in OPTS.split(","), "a listing changes the access time")
END
    umount_map
    for n in 1 2 3 4; do umount "$SRC/top/m$n"; done
fi
for n in 1 2 3 4 5; do
    mount_map
    (cd "$MNT" && find . >/dev/null)
    umount_map
done
