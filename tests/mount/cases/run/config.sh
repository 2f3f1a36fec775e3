#!/bin/bash
# SPDX-License-Identifier: MIT
# Maps of a config file, named with -c or found, together with --map; every option is in force.
. "$SFS_LIB/lib.sh"
mkdir "$TMP/b" "$TMP/c" "$TMP/work" "$TMP/y"; echo a >"$SRC/f"; echo b >"$TMP/b/f"; echo c >"$TMP/c/f"; cd "$TMP/work"
printf '[map a]\npath = %s\nsource = %s\n[map b]\npath = %s/x\nsource = %s/b\nmode = ro\n' "$MNT" "$SRC" "$TMP" "$TMP" >stablefs.ini
both='cat "$MNT/f" "$TMP/x/f" | xargs; ! touch "$TMP/x/new" 2>/dev/null && touch "$MNT/new"'
equal "$(stablefs run -c stablefs.ini -- sh -c "$both")" "a b" "-c"
equal "$(stablefs run -- sh -c "$both")" "a b" "./stablefs.ini is found"
equal "$(cd /; STABLEFS_CONFIG=$TMP/work/stablefs.ini stablefs run -- sh -c "$both")" "a b" '$STABLEFS_CONFIG'
mkdir -p "$XDG_CONFIG_HOME/stablefs"; cp stablefs.ini "$XDG_CONFIG_HOME/stablefs/"
equal "$(cd /; stablefs run -- sh -c "$both")" "a b" "the user's"
equal "$(stablefs run -c stablefs.ini --map "$TMP/y=$TMP/c" -- cat "$MNT/f" "$TMP/x/f" "$TMP/y/f" | xargs)" "a b c" "-c and --map"
equal "$(stablefs run --map "$TMP/y=$TMP/c" -- sh -c 'cat "$TMP/y/f"; ls "$MNT"')" c "--map alone takes no file"
status 125 stablefs run -c stablefs.ini --map "$MNT=$TMP/c" -- touch started; one_error; matches "$(err)" "$MNT"
within 5 [ ! -e "$TMP/x" ]
# options of --map, as status has them
show() { stablefs run --map "$MNT=$SRC,$1" -- "$STABLEFS" status --json "$MNT" | python3 -c '
import json, sys
m = json.load(sys.stdin)["instances"][0]["maps"][0]
print(m["mode"], m["cache"], m.get("ttl"), json.dumps(m["io"]))'; }
matches "$(show ro,cache=immutable)" '^ro .*immutable'
matches "$(show rw,cache=none,io=direct)" '^rw .*none.*direct'
matches "$(show cache=ttl:7,io=cached)" '^rw .*ttl.*7.*cached'
flags() { stablefs run --map "$MNT=$SRC,$1" -- awk -v p="$MNT" '$5 == p {print $6}' /proc/self/mountinfo; }
matches ",$(flags ro,noexec,noatime)," ",ro,.*noexec,.*noatime|,ro,.*noatime,.*noexec"
matches "$(flags defaults)" "nosuid,nodev"; lacks "$(flags defaults)" "noexec|noatime|ro,"
status 1 stablefs run --map "$MNT=$SRC,ro" -- touch "$MNT/g"; matches "$(err)" "Read-only"
# a comma and an equals sign in names are escaped
mkdir "$TMP/o,d=d"; echo odd >"$TMP/o,d=d/f"; mkdir "$TMP/p=q,r"
equal "$(stablefs run --map "$TMP/p\\=q\\,r=$TMP/o\\,d\\=d,ro" -- cat "$TMP/p=q,r/f")" odd
mkdir "$TMP/with blank"; equal "$(stablefs run --map "$TMP/with blank=$TMP/c" -- cat "$TMP/with blank/f")" c
[ ! -e started ] || fail "started"
within 5 nothing_left
