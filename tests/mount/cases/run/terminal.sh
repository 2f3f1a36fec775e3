#!/bin/bash
# SPDX-License-Identifier: MIT
# In a shell with job control: ^C, ^Z, fg, bg, reading in the background, and a terminal that goes away.
. "$SFS_LIB/lib.sh"
py <<'END'
import pty, re, select
master, slave = pty.openpty()
def session():
    os.setsid()
    fcntl.ioctl(0, 0x540e, 0)  # TIOCSCTTY
shell = subprocess.Popen(["bash", "--norc", "--noprofile", "-i"], stdin=slave, stdout=slave, stderr=slave, preexec_fn=session,
                         env={**os.environ, "PS1": "> ", "TERM": "dumb", "HISTFILE": "", "R": f"{os.environ['STABLEFS']} run --map {MNT}={SRC} --"})
os.close(slave)
seen = ""

def expect(pattern, what=""):
    """Read until pattern comes; what follows it stays for the next time."""
    global seen
    end = time.monotonic() + 10 * SLOW
    while not (match := re.search(pattern, seen)):
        if time.monotonic() > end:
            subprocess.run(["ps", "-s", str(shell.pid), "-o", "pid,ppid,pgid,tpgid,stat,wchan:16,pending,args"], check=False)
            fail(f"{what}: no {pattern!r} in {seen!r}")
        if select.select([master], [], [], 0.1)[0]:
            seen += os.read(master, 65536).decode(errors="replace")
    seen = seen[match.end():]
    return match

def say(text):
    os.write(master, text.encode() + b"\n")

def key(byte):
    os.write(master, byte)

def running():
    """The job is in the foreground, and all of it runs."""
    group = array.array("i", [0])
    fcntl.ioctl(master, 0x540f, group, True)  # TIOCGPGRP
    pids = subprocess.run(["pgrep", "-g", str(group[0])], stdout=subprocess.PIPE).stdout.split()
    return group[0] != shell.pid and pids and all(b") S" in get(f"/proc/{int(p)}/stat") for p in pids)

say("stty -echo; set -b; echo rea''dy")
expect("ready")
say("$R sh -c 'echo started; exec sleep 1000'; echo status=$?")
expect("started"); key(b"\x03"); expect("status=130", "^C ends a command")
say("$R sh -c 'trap \"echo caught\" INT; echo started; while read x; do echo got-$x; done'; echo status=$?")
expect("started"); key(b"\x03"); expect("caught", "^C reaches it"); key(b"\x04"); expect("status=")
ok("caught" not in seen, "^C came twice")
say("$R sh -c 'echo started; read x; echo got-$x; exit 7'")
expect("started"); key(b"\x1a"); expect("Stopped", "^Z stops it")
say("jobs -l | grep -c Stopped; fg; echo status=$?")
expect("1"); wait_until(running); say("hello"); expect("got-hello", "fg continues it"); expect("status=7")
say("$R sh -c 'echo started; read x; echo got-$x; exit 8'")  # several times over
expect("started")
for _ in range(4):
    key(b"\x1a"); expect("Stopped", "^Z again"); say("fg"); wait_until(running)
say("again"); expect("got-again"); say("echo status=$?"); expect("status=8")
say("$R sh -c 'read x; echo got-$x; exit 9' &")
expect("Stopped", "reading in the background stops it"); say("fg; echo status=$?"); wait_until(running)
say("back"); expect("got-back"); expect("status=9")
say("stty tostop; $R sh -c 'echo written; exit 4' &")
expect("Stopped", "writing in the background with tostop"); say("stty -tostop; fg; echo status=$?")
expect("written"); expect("status=4")
os.mkfifo(TMP + "/go")
say(f"$R sh -c 'echo started; read x <{TMP}/go; echo went on; exit 5'")
expect("started"); key(b"\x1a"); expect("Stopped"); say(f"bg; echo >{TMP}/go; wait %1; echo status=$?")
expect("went on", "bg continues it"); expect("status=5")
say("$R sleep 1000"); wait_until(lambda: subprocess.run(["pgrep", "-s", str(shell.pid), "-x", "sleep"], stdout=subprocess.DEVNULL).returncode == 0); key(b"\x1a"); expect("Stopped")
say("kill %1"); expect("Exit 143", "a stopped job can be killed")
say("$R sh -c 'echo started; kill -STOP $$; exit 6'; echo status=$?")  # by itself: not the terminal's doing
expect("started")
wait_until(lambda: subprocess.run(["pgrep", "-f", f"^sh -c echo started; kill -STOP"], stdout=subprocess.PIPE).stdout)
pid = subprocess.check_output(["pgrep", "-s", str(shell.pid), "-f", "^sh -c echo started; kill -STOP"]).split()[0]
wait_until(lambda: b") T" in get(f"/proc/{int(pid)}/stat")); os.kill(int(pid), signal.SIGCONT)
expect("status=6", "stopped by SIGSTOP and continued by another process")
say("$R sh -c 'echo started; exec cat'"); expect("started")
os.close(master)  # the terminal is gone: everything gets SIGHUP
shell.wait(20)
END
within 5 nothing_left
