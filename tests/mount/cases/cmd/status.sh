#!/bin/bash
# SPDX-License-Identifier: MIT
# status: for people and as JSON, of all, of one path, of one name; nothing mounted is no error.
. "$SFS_LIB/lib.sh"
status 0 stablefs status; equal "$(out)" ""; matches "$(err)" "^(stablefs: nothing is mounted)?$"
status 0 stablefs status --json; equal "$(out | tr -d ' \n')" '{"instances":[],"unreachable":[]}'
status 3 stablefs status /nowhere; one_error
status 3 stablefs status no-such-name; one_error
status 3 stablefs status --json no-such-name
mkdir -p "$TMP/b" "$SRC/d"
mount_map; stablefs mount -o ro,cache=immutable "$SRC" "$TMP/b"; FILES+=("$TMP/b")
status 0 stablefs status; for word in "$MNT" "$TMP/b" "$SRC" immutable; do matches "$(out)" "$word"; done
lacks "$(out)" $'\e'
status 0 stablefs status "$TMP/b"; lacks "$(out)" "$MNT"
status 0 stablefs status "$MNT/d"
stablefs status --json >"$TMP/json"
py <<'END'
import json
data = json.load(open(TMP + "/json"))
eq(len(data["instances"]), 2)
maps = {m["path"]: (i, m) for i in data["instances"] for m in i["maps"]}
eq(sorted(maps), sorted([MNT, TMP + "/b"]))
for path, mode in ((MNT, "rw"), (TMP + "/b", "ro")):
    instance, m = maps[path]
    ok(os.path.exists(f"/proc/{instance['pid']}"), "pid")
    for key in ("name", "pid"): ok(instance[key], key)
    for key in ("name", "path", "source", "mode", "cache", "io"): ok(key in m, f"no {key}")
    eq((m["mode"], m["source"]), (mode, SRC))
eq(maps[TMP + "/b"][1]["cache"], "immutable")
END
# coherent is ttl:1 until it is built, and status says so
matches "$(stablefs status "$MNT")" "(ttl:1|ttl.*1)"
