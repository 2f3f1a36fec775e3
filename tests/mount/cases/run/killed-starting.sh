#!/bin/bash
# SPDX-License-Identifier: MIT
# Killed at any moment of the start, either one or both: nothing is left.
# timeout: 120
. "$SFS_LIB/lib.sh"
py <<'END'
exec(open(os.environ["SFS_LIB"] + "/lib/killing.py").read())
for round in range(24):
    who = ("supervisor", "daemon", "both")[round % 3]
    run = start("sleep", "30", stderr=subprocess.DEVNULL)
    time.sleep(round * 0.001)
    if who != "supervisor":
        kill(daemon_of(run))
    if who != "daemon":
        kill(run.pid)
    else:
        time.sleep(0.001)
        run.terminate()
    run.wait(20)
    if who == "both":  # nobody is there to tidy up but the next one
        wait_until(lambda: not [f for f in left() if " " in f], 5, f"left behind after both were killed: {left()}")
        eq(start("true").wait(20), 0)
    nothing_left(f"{who} was killed {round} ms after the start")
ok(not wrong, wrong[0] if wrong else "")
END
