#!/bin/bash
# SPDX-License-Identifier: MIT
# Limits, signals, descriptors, ids, environment and the like are those of a command that is started without stablefs.
. "$SFS_LIB/lib.sh"
cat >"$TMP/look.py" <<'END'
import json, os, resource, ctypes
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
look = {name: status[name].strip() for name in ("SigBlk", "SigIgn", "SigPnd", "ShdPnd", "Uid", "Gid", "Groups", "Umask",
                                                "NoNewPrivs", "Seccomp", "Cpus_allowed", "CoreDumping")}
if os.geteuid() == 0:
    look |= {name: status[name].strip() for name in ("CapBnd", "CapEff", "CapInh", "CapAmb")}
look |= {f"limit {n}": resource.getrlimit(getattr(resource, n)) for n in dir(resource) if n.startswith("RLIMIT_")}
look |= {f"env {k}": v for k, v in os.environ.items() if k != "_"}
for fd in os.listdir("/proc/self/fd"):
    try:
        look[f"fd {fd}"] = os.readlink(f"/proc/self/fd/{fd}"), os.get_inheritable(int(fd))
    except OSError:
        pass  # of the listing itself
look |= {"nice": os.getpriority(0, 0), "policy": os.sched_getscheduler(0), "cwd": os.getcwd(), "ids": os.getresuid(),
         "gids": os.getresgid(), "groups": os.getgroups(), "group": os.getpgid(0), "session": os.getsid(0),
         "personality": open("/proc/self/personality").read(), "oom": open("/proc/self/oom_score_adj").read(),
         "subreaper": ctypes.CDLL(None).prctl(37, 0, 0, 0, 0), "argv": open("/proc/self/cmdline").read(),
         "pid": os.stat("/proc/self/ns/pid").st_ino, "net": os.stat("/proc/self/ns/net").st_ino,
         "uts": os.stat("/proc/self/ns/uts").st_ino, "ipc": os.stat("/proc/self/ns/ipc").st_ino,
         "dumpable": ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)}
print(json.dumps(look))
END
py <<'END'
import json, resource
extra, ends = os.open(TMP + "/extra", os.O_RDWR | os.O_CREAT), os.pipe()

def look(prefix, ignored):
    def before():
        os.umask(0o027)
        os.dup2(extra, 9)
        os.dup2(ends[0], 21)
        resource.setrlimit(resource.RLIMIT_NOFILE, (300, 400))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_STACK, (4 << 20, 4 << 20))
        os.nice(3)
        signal.pthread_sigmask(signal.SIG_SETMASK, {signal.SIGUSR2, signal.SIGWINCH, signal.SIGRTMIN + 3})
        for number in ignored:
            signal.signal(number, signal.SIG_IGN)
    with open(TMP + "/seen", "w+b") as out, open(TMP + "/err", "w+b") as err:
        code = subprocess.run(prefix + ["/usr/bin/python3", TMP + "/look.py"], stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                              preexec_fn=before, close_fds=False, restore_signals=False, cwd=TMP,
                              env={**os.environ, "PWD": TMP, "ODD": "a b\n'\"", "EMPTY": ""}).returncode
        eq(code, 0, get(TMP + "/err").decode())
        out.seek(0)
        return json.load(out)

run = [os.environ["STABLEFS"], "run", "--map", f"{MNT}={SRC}", "--"]
for ignored in ((), (signal.SIGPIPE, signal.SIGHUP, signal.SIGUSR1, signal.SIGINT, signal.SIGTTOU), (signal.SIGCHLD,)):
    bare, got = look([], ignored), look(run, ignored)
    differs = {name: (got.get(name), bare.get(name)) for name in {*bare, *got} if bare.get(name) != got.get(name)}
    eq(differs, {}, f"with {ignored} ignored, with and without stablefs")
END
within 5 nothing_left
