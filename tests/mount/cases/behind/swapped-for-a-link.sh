#!/bin/bash
# SPDX-License-Identifier: MIT
# A directory that the map knows is replaced in the source by a symbolic link to outside: nothing outside is served
# by the daemon, neither by name nor below what is open, not even for a moment.
# variants: default; cache=none; cache=ttl:30
. "$SFS_LIB/lib.sh"
mkdir -p "$TMP/outside/sub" "$SRC/d/sub"
echo "outside" | tee "$TMP/outside/secret" "$TMP/outside/sub/secret" "$TMP/outside/only-outside" >/dev/null
echo "inside" | tee "$SRC/d/secret" "$SRC/d/sub/secret" >/dev/null
chmod 700 "$TMP/outside"; chmod 755 "$SRC/d"
mount_fg
py <<'END'
def attack(race):
    """By somebody who may not enter the outside directory (when root runs this): any success is the daemon's."""
    at = opened(MNT + "/d", os.O_RDONLY | os.O_DIRECTORY)
    sub = opened(MNT + "/d/sub", os.O_RDONLY | os.O_DIRECTORY)
    fd = opened(MNT + "/d/secret")
    os.chdir(MNT + "/d/sub")
    yield
    end = time.monotonic() + race
    turns = 0
    while turns == 0 or time.monotonic() < end:
        turns += 1
        for name, base in (("secret", at), ("sub/secret", at), ("secret", sub), ("only-outside", at), ("only-outside", sub),
                           ("secret", None), ("../secret", None), ("../sub/secret", None)):
            try:
                f = os.open(name, os.O_RDONLY, dir_fd=base)
            except OSError:
                continue
            data = os.read(f, 100); os.close(f)
            ok(data != b"outside\n" and name != "only-outside", f"{name}: the daemon served {data!r} from outside")
        for name in ("only-outside", "x"):
            for base in (at, sub):
                try:
                    os.stat(name, dir_fd=base); fail(f"stat {name}: the daemon looked outside")
                except OSError:
                    pass
        eq(os.pread(fd, 100, 0), b"inside\n", "an open file")
        for base in (at, sub):
            try:
                ok("only-outside" not in os.listdir(base), "listing of the outside")
            except OSError:
                pass
        try:
            os.close(os.open("planted", os.O_CREAT | os.O_WRONLY, dir_fd=at)); os.unlink("planted", dir_fd=at)
            os.mkdir("planted-dir", dir_fd=sub); os.rmdir("planted-dir", dir_fd=sub)
        except OSError:
            pass
        ok(not os.path.lexists(TMP + "/outside/planted") if os.access(TMP + "/outside", os.X_OK) else True, "written outside")
        if ROOT_CALLER:
            try:
                data = get(MNT + "/d/secret"); fail(f"by name: {data!r}") if data != b"inside\n" else None
            except OSError:
                pass
ROOT_CALLER = ROOT
def run(race, ready, go):
    a = attack(race); next(a); os.write(ready, b"1"); os.read(go, 1)
    for _ in a:
        pass
def swap():
    os.rename(SRC + "/d", SRC + "/d.away"); os.symlink(TMP + "/outside", SRC + "/d")
def back():
    os.unlink(SRC + "/d"); os.rename(SRC + "/d.away", SRC + "/d")
if ROOT:
    os.chown(SRC + "/d", 61001, 61001); os.chown(SRC + "/d/sub", 61001, 61001)
for race in (0, 2):
    ready, go = os.pipe(), os.pipe()
    done = []
    def guard():
        try:
            done.append(as_user(61001, 61001, run, race, ready[1], go[0]) if ROOT else run(race, ready[1], go[0]))
        except BaseException as e:
            done.append(e)
    t = threading.Thread(target=guard); t.start()
    os.read(ready[0], 1)
    swap(); os.write(go[1], b"1")
    if race:
        while t.is_alive():
            back(); time.sleep(0.0005); swap(); time.sleep(0.0005)
    t.join()
    back()
    if isinstance(done[0], BaseException):
        raise done[0]
    ok(not os.path.exists(TMP + "/outside/planted") and not os.path.exists(TMP + "/outside/sub/planted-dir"), "written outside")
END
