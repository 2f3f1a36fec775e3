#!/bin/bash
# SPDX-License-Identifier: MIT
# The supervisor is killed: so is all that it started, what has left the session too, and nothing is left.
. "$SFS_LIB/lib.sh"
py <<'END'
exec(open(os.environ["SFS_LIB"] + "/lib/killing.py").read())
COMMAND = f'cd "{path}"; setsid sleep 1000 >/dev/null & (sleep 1000 & exec sleep 1000) >/dev/null 2>&1 & echo ready; exec sleep 1000 <f >/dev/null'
run = start("sh", "-c", COMMAND, stdout=subprocess.PIPE)
eq(run.stdout.readline(), b"ready\n")
tree = wait_until(lambda: len(below(run.pid)) == 6 and below(run.pid), 5, "processes")
kill(run.pid)
run.wait(20)
run.stdout.close()
try:
    wait_until(lambda: not any(map(alive, tree)), 5)
except Failed:
    still = {p: get(f"/proc/{p}/cmdline") for p in tree if alive(p)}
    wrong.append(f"left running after the supervisor was killed: {still}")
    print(wrong[-1], flush=True)
    for pid in tree:
        kill(pid)
nothing_left("the supervisor was killed")
ok(not wrong, wrong[0] if wrong else "")
END
# another run inside
py <<'END'
exec(open(os.environ["SFS_LIB"] + "/lib/killing.py").read())
program = os.environ["STABLEFS"]
mark = f"sleep {700000 + os.getpid()}"
running = lambda: subprocess.run(["pgrep", "-xf", mark], stdout=subprocess.DEVNULL).returncode == 0
run = start("sh", "-c", f'{program} run --map "{MNT}/inner={SRC}" -- sh -c "{mark} & {mark} & wait"; :')
wait_until(running, 10, "started")
kill(run.pid)
run.wait(20)
wait_until(lambda: not running(), 10, "left running")
nothing_left("the supervisor of a run with another inside was killed")
wait_until(lambda: not os.path.exists(MNT + "/inner"), 5, "the directory of the inner run stays")
ok(not wrong, wrong[0] if wrong else "")
END
