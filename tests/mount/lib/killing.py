# SPDX-License-Identifier: MIT
"""For the cases that kill parts of stablefs run: exec(open(os.environ["SFS_LIB"] + "/lib/killing.py").read())."""
path = MNT + "/made/deep"
put(SRC + "/f", "text")


def start(*command, options="", **kw):
    return subprocess.Popen([os.environ["STABLEFS"], "run", "--map", f"{path}={SRC}{options}", "--", *command], stdin=subprocess.DEVNULL, **kw)


def children(pid):
    try:
        return [int(p) for p in get(f"/proc/{pid}/task/{pid}/children").split()]
    except OSError:
        return []


def below(pid):
    return [p for c in children(pid) for p in [c, *below(c)]]


def alive(pid):
    return os.path.exists(f"/proc/{pid}") and get(f"/proc/{pid}/stat").rpartition(b")")[2].split()[0] not in b"ZX"


def daemon_of(run):
    found = [p for p in children(run.pid) if os.getsid(p) == p and get(f"/proc/{p}/comm") != b"sfs-keeper\n"]
    return found[0] if found else None


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except (OSError, TypeError):
        pass


def left():
    """Processes of this case that were started here, sockets, mounts, directories."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            words, cwd = get(f"/proc/{pid}/cmdline").split(b"\0"), os.path.realpath(f"/proc/{pid}/cwd")
        except OSError:
            continue
        if (path.encode() in b" ".join(words) and words[0] != b"") or cwd.startswith(path):
            found.append(b" ".join(words).decode())
    sockets = os.environ["RUN_DIR"]
    found += [f for f in (os.listdir(sockets) if os.path.isdir(sockets) else []) if f.endswith(".sock")]
    found += [line for line in get("/proc/self/mountinfo").decode().splitlines() if path in line]
    return found + ([MNT + "/made"] if os.path.exists(MNT + "/made") else [])

wrong = []


def nothing_left(when):
    try:
        wait_until(lambda: not left(), 2)
    except Failed:
        wrong.append(f"left behind after {when}: {left()}")
        print(wrong[-1], flush=True)
        for name in os.listdir(os.environ["RUN_DIR"]):
            os.unlink(os.path.join(os.environ["RUN_DIR"], name))
        subprocess.run(["rm", "-rf", MNT + "/made"], check=False)
