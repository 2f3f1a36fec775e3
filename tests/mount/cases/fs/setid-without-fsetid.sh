#!/bin/bash
# SPDX-License-Identifier: MIT
# Root without CAP_FSETID, as in many containers, takes set-id bits away by what he writes and cuts off, as on the source.
# variants: default; writers=exclusive
. "$SFS_LIB/lib.sh"
need_root
need setpriv
mount_map
cat >"$TMP/act.py" <<'END'
import os, sys
path, act = sys.argv[1:]
if act == "truncate":
    os.truncate(path, 3)
else:
    fd = os.open(path, os.O_RDWR)
    os.ftruncate(fd, 4) if act == "ftruncate" else os.write(fd, b"x")
    os.close(fd)
END
for act in truncate ftruncate write; do
    for mode in 6755 4755 2755 2745; do
        for dir in "$SRC" "$MNT"; do
            echo content >"$dir/$act-$mode"
            chmod $mode "$dir/$act-$mode"
            stat "$dir/$act-$mode" >/dev/null
            setpriv --bounding-set=-fsetid --inh-caps=-fsetid /usr/bin/python3 "$TMP/act.py" "$dir/$act-$mode" $act
            stat -c %a "$dir/$act-$mode" >"$TMP/$(basename "$dir")"
            rm "$dir/$act-$mode"
        done
        equal "$(cat "$TMP/$(basename "$MNT")")" "$(cat "$TMP/$(basename "$SRC")")" "$act of a file with mode $mode"
    done
done
