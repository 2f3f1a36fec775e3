#!/bin/bash
# SPDX-License-Identifier: MIT
# In the user namespace of a normal user other ids do not exist: what the source permits is possible nevertheless, no more.
. "$SFS_LIB/lib.sh"
try() { "${AS[@]}" "$STABLEFS" run --map "$MNT=$1" -- sh -c "cd '$MNT' && $2"; }
can() { try "$@" >"$TMP/said" 2>&1 || fail "cannot: $2: $(cat "$TMP/said")"; }
cannot() { ! try "$@" 2>/dev/null || fail "could: $2"; }
AS=()
if is_root; then
    AS=(as 61001:61001,61002); export XDG_RUNTIME_DIR=$TMP/r; mkdir -m 700 "$TMP/r"; chown 61001 "$TMP/r"
    make() { mkdir -p "$SRC/$1"; echo x >"$SRC/$1/f"; chown "$2" "$SRC/$1/f" "$SRC/$1"; chmod "$3" "$SRC/$1"; chmod "$4" "$SRC/$1/f"; }
    make group 0:61002 775 664; make others 0:0 777 666; make sticky 0:0 1777 666; make shut 0:0 755 644
    make secret 0:61002 750 640; make none 0:0 700 600; make own 61001:61002 700 600; make strange 61009:61009 775 664
    make setgid 0:61002 2775 664; make kept 0:61002 775 664; make lacking 61009:61002 2705 604
    for dir in group others setgid; do
        can "$SRC" "touch $dir/new && mkdir $dir/dir && mv $dir/new $dir/moved && ln $dir/moved $dir/link && rm $dir/link && rmdir $dir/dir"
        can "$SRC" "echo y >>$dir/f && sed -i s/x/z/ $dir/f && ln -s f $dir/sym && chmod 600 $dir/moved && chmod 664 $dir/moved"
        equal "$(stat -c %u "$SRC/$dir/moved")" 61001 "owner of what was made in $dir"
        equal "$(cat "$SRC/$dir/f" | xargs)" "z y"
    done
    equal "$(stat -c %g "$SRC/setgid/moved")" 61002 "the directory's group"
    can "$SRC" "echo y >>sticky/f && touch sticky/new && rm sticky/new"
    cannot "$SRC" "rm -f sticky/f"; cannot "$SRC" "mv sticky/f sticky/g"
    can "$SRC" "cat secret/f shut/f && ls secret"; can "$SRC" "echo z >own/f && chmod 640 own/f && truncate -s 0 own/f"
    cannot "$SRC" "touch secret/new"; cannot "$SRC" "echo y >>secret/f"; cannot "$SRC" "ls none"; cannot "$SRC" "cat none/f"
    cannot "$SRC" "chmod 777 kept/f"; cannot "$SRC" "chmod 777 kept"; cannot "$SRC" "touch -d 2001-01-01 kept"
    cannot "$SRC" "touch strange/new"; cannot "$SRC" "echo y >>strange/f"; cannot "$SRC" "ls lacking"; cannot "$SRC" "touch lacking/n"
    for dir in shut strange none; do equal "$(cat "$SRC/$dir/f")" x; done
else
    can /tmp "touch 'sfs-$$' && rm 'sfs-$$'"
    can /usr/share "ls >/dev/null && ls -l /usr/share >/dev/null"
fi
cannot /usr/share "touch sfs-$$"; cannot /etc "cat shadow"; cannot /etc "echo >>passwd"; cannot /etc "rm hostname"
can /etc "cat passwd >/dev/null && test -r passwd && ! test -w passwd"
equal "$(try /etc 'id -u; id -g')" "$("${AS[@]}" id -u)$NL$("${AS[@]}" id -g)"
within 5 nothing_left
