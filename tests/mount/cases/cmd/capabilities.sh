#!/bin/bash
# SPDX-License-Identifier: MIT
# What a daemon of root may: only what its map needs, on every thread, also after it has worked for others.
# variants: default; ro
. "$SFS_LIB/lib.sh"
need_root
chmod 777 "$SRC"; echo x >"$SRC/set-id"; chown 61007 "$SRC/set-id"; chmod 6777 "$SRC/set-id"; echo y >"$SRC/f"
mount_fg
for n in {1..20}; do
    cat "$MNT/f" >/dev/null
    [ -n "$SFS_OPTS" ] || as 61007:61007 sh -c "echo a >'$MNT/made$n'; mkdir '$MNT/d$n'; echo b >>'$MNT/set-id'; >'$MNT/set-id'" &
done
for n in {1..20}; do wait -n; done
# the holders of a busy map are looked up with a capability that is in force at no other time
sleep 60 <"$MNT/f" & held=$!
status 4 stablefs umount "$MNT"
kill "$held"; wait "$held" || true
export DAEMON
py <<'END2'
import glob
NAMES = {"CHOWN": 0, "DAC_OVERRIDE": 1, "DAC_READ_SEARCH": 2, "FOWNER": 3, "FSETID": 4, "SETGID": 6, "SETUID": 7,
         "LINUX_IMMUTABLE": 9, "SYS_ADMIN": 21, "MKNOD": 27, "LEASE": 28, "SETFCAP": 31}
allowed = {"DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "SYS_ADMIN"} if OPTS == "ro" else set(NAMES)
want = sum(1 << NAMES[name] for name in allowed)
tasks = glob.glob(f"/proc/{os.environ['DAEMON']}/task/*/status")
ok(len(tasks) > 2, "no threads")
for path in tasks:
    fields = dict(line.split(":", 1) for line in open(path))
    eq(f"{int(fields['CapEff'], 16) & ~want:x}", "0", f"effective beyond need in {path}")
    eq(f"{int(fields['CapPrm'], 16) & ~(want | 1 << 19):x}", "0", f"permitted beyond need in {path}")
END2
