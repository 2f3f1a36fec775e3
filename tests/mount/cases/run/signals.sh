#!/bin/bash
# SPDX-License-Identifier: MIT
# A signal to stablefs run reaches the command, once; the command decides what comes of it; stopping and going on work.
. "$SFS_LIB/lib.sh"
cat >"$TMP/command.py" <<'END'
import os, signal, sys
got = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
def note(number, frame):
    os.write(got, b"%d\n" % number)
for number in (1, 2, 3, 10, 12, 14, 15, 28, signal.SIGRTMIN + 3):
    signal.signal(number, note)
signal.signal(signal.SIGXCPU, lambda *_: sys.exit(42))
os.write(got, b"%d ready\n" % os.getpid())
while True:
    signal.pause()
END
py <<'END'
def start():
    path = f"{TMP}/got{time.monotonic_ns()}"
    run = subprocess.Popen([os.environ["STABLEFS"], "run", "--map", f"{MNT}={SRC}", "--", "/usr/bin/python3", TMP + "/command.py",
                            path], process_group=0, stdin=subprocess.DEVNULL)
    def lines():
        return get(path).decode().splitlines() if os.path.exists(path) else []
    wait_until(lambda: lines()[:1], 10, "it did not start")
    return run, int(lines()[0].split()[0]), lambda: [int(line) for line in lines()[1:]]

def state(pid):
    return get(f"/proc/{pid}/stat").rpartition(b")")[2].split()[0].decode()

def end(run, command):
    os.kill(command, signal.SIGXCPU)
    eq(run.wait(20), 42, "its own exit status")

# each once, and in order when they wait for each other
run, command, got = start()
for count, number in enumerate((15, 2, 1, 10, 12, 3, 14, 28, signal.SIGRTMIN + 3), 1):
    os.kill(run.pid, number)
    wait_until(lambda: len(got()) >= count, 5, f"signal {number} was not forwarded: {got()}")
eq(got(), [15, 2, 1, 10, 12, 3, 14, 28, signal.SIGRTMIN + 3], "forwarded")
# the command alone: stopped by SIGSTOP it does not stop the supervisor, which still forwards
os.kill(command, signal.SIGSTOP)
wait_until(lambda: state(command) == "T")
os.kill(run.pid, signal.SIGUSR1)
wait_until(lambda: state(run.pid) == "S", 5, "the supervisor has stopped")
os.kill(command, signal.SIGCONT)
wait_until(lambda: len(got()) == 10, 5, "forwarded while it was stopped")
# SIGTSTP to the supervisor stops both, SIGCONT continues both
os.kill(run.pid, signal.SIGTSTP)
wait_until(lambda: state(command) == "T" and state(run.pid) == "T", 5, "SIGTSTP does not stop both")
os.kill(run.pid, signal.SIGCONT)
wait_until(lambda: state(command) == "S" and state(run.pid) == "S", 5, "SIGCONT does not continue both")
# the supervisor stopped by force and continued misses nothing
os.kill(run.pid, signal.SIGSTOP)
wait_until(lambda: state(run.pid) == "T")
os.kill(run.pid, signal.SIGCONT)
os.kill(run.pid, signal.SIGHUP)
wait_until(lambda: len(got()) == 11, 5, "after SIGCONT")
end(run, command)
# ended while the supervisor was stopped
run, command, got = start()
os.kill(run.pid, signal.SIGSTOP)
wait_until(lambda: state(run.pid) == "T")
os.kill(command, signal.SIGXCPU)
os.kill(run.pid, signal.SIGCONT)
eq(run.wait(20), 42)
# without handlers it dies of the signal, at once also when that comes early
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGQUIT):
    run = subprocess.Popen([os.environ["STABLEFS"], "run", "--map", f"{MNT}={SRC}", "--", "sh", "-c",
                            "ulimit -c 0; echo; exec sleep 1000"], stdout=subprocess.PIPE)
    run.stdout.read(1)
    run.send_signal(number)
    eq(run.wait(20), 128 + number)
for delay in range(0, 20, 2):
    run = subprocess.Popen([os.environ["STABLEFS"], "run", "--map", f"{MNT}={SRC}", "--", "sleep", "1000"])
    time.sleep(delay / 1000)
    run.terminate()
    ok(run.wait(20) in (143, -15), f"SIGTERM after {delay} ms: {run.returncode}")
END
within 5 nothing_left
# to everything at once, as a service manager does it: the command still has its files to end with
cat >"$TMP/saves.sh" <<'END'
trap 'sleep 0.3; cp "$1/f" "$1/saved" && echo saved; exit 5' TERM
echo ready; while :; do sleep 0.05; done
END
echo data >"$SRC/f"
"$STABLEFS" run --map "$MNT=$SRC" -- sh "$TMP/saves.sh" "$MNT" >"$TMP/said" & pid=$!
within 10 grep -q ready "$TMP/said"
kill -TERM $pid $(pgrep -P $pid)
code=0; wait $pid || code=$?
equal "$code $(tail -1 "$TMP/said") $(cat "$SRC/saved")" "5 saved data"
# an alarm set before
equal "$(perl -e 'alarm 1; exec @ARGV' "$STABLEFS" run --map "$MNT=$SRC" -- sh -c 'trap "echo rang; exit 0" ALRM; while :; do sleep 0.05; done')" rang
