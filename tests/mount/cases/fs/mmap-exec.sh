#!/bin/bash
# SPDX-License-Identifier: MIT
# Programs and libraries run from the map: exec, dlopen, scripts, ETXTBSY, /proc/self/exe.
# variants: default; ro,cache=immutable; ro,cache=ttl:2; cache=none; io=direct; writers=exclusive
. "$SFS_LIB/lib.sh"
need gcc
cp /bin/readlink "$SRC/readlink"
printf '#!/bin/sh\necho "script $0"\n' >"$SRC/script"; chmod +x "$SRC/script"
echo 'int answer(void) { return 42; }' >"$TMP/a.c"; gcc -shared -fPIC -o "$SRC/a.so" "$TMP/a.c"
mount_fg
equal "$("$MNT/readlink" /proc/self/exe)" "$MNT/readlink"
equal "$("$MNT/script")" "script $MNT/script"
py <<'END'
eq(ctypes.CDLL(MNT + "/a.so").answer(), 42)
ok(any(line.endswith(MNT + "/a.so\n") for line in open("/proc/self/maps")), "/proc/self/maps shows another path")
if "ro" not in OPTS:
    shutil.copy("/bin/sleep", MNT + "/sleep")
    p = subprocess.Popen([MNT + "/sleep", "30"])
    raises("ETXTBSY", opened, MNT + "/sleep", os.O_WRONLY)
    raises("ETXTBSY", os.truncate, MNT + "/sleep", 0)
    os.unlink(MNT + "/sleep")
    eq(os.readlink(f"/proc/{p.pid}/exe"), MNT + "/sleep (deleted)")
    p.kill(); p.wait()
    fd = opened(MNT + "/readlink", os.O_WRONLY)
    raises("ETXTBSY", os.execv, MNT + "/readlink", ["x"])
    os.close(fd)
    os.chmod(MNT + "/script", 0o644)
    raises("EACCES", os.execv, MNT + "/script", ["x"])
END
