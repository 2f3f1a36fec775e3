#!/bin/bash
# SPDX-License-Identifier: MIT
# Without a usable /dev/fuse: one line with what is missing and how to get it; --fallback bind does with a bind mount.
. "$SFS_LIB/lib.sh"
need_namespace
echo text >"$SRC/f"; mkdir "$SRC/sub"
real=$TMP/dev; mkdir "$real" "$TMP/nofuse"; mount --rbind /dev "$real"
hide() {  # hide HOW: /dev/fuse is not there, or something else
    case $1 in
    missing) mount -t tmpfs -o mode=755 none /dev
        for name in null zero urandom tty; do touch "/dev/$name"; mount --bind "$real/$name" "/dev/$name"; done ;;
    file) touch "$TMP/empty"; mount --bind "$TMP/empty" /dev/fuse ;;
    null) mount --bind "$real/null" /dev/fuse ;;
    esac
}
show() { if [ "$1" = missing ]; then umount -R /dev; else umount /dev/fuse; fi; }
equal "$(run_map cat "$MNT/f")" text "before"
for how in missing file null; do
    hide "$how"
    status 125 run_map touch "$TMP/started"; one_error
    matches "$(err)" "--device /dev/fuse"; matches "$(err)" "--fallback bind"
    [ ! -e "$TMP/started" ] || fail "started without $how"
    bind() { local opts=$1; shift; stablefs run --fallback bind --map "$MNT/made=$SRC$opts" -- "$@"; }
    status 0 bind "" sh -c 'cat "$MNT/made/f"; echo new >"$MNT/made/new"'
    equal "$(out)" text; equal "$(cat "$SRC/new")" new
    equal "$(grep -c '^stablefs: .*bind mount' "$TMP/err") $(wc -l <"$TMP/err")" "1 1" "said: $(err)"
    cp /bin/true "$SRC/true"; status 126 bind ",noexec" "$MNT/made/true"; rm "$SRC/true"
    status 1 bind ",ro" touch "$MNT/made/g"; matches "$(err)" "Read-only file system"
    status 1 bind ",ro" touch "$MNT/made/sub/g"; matches "$(err)" "Read-only file system"
    [ ! -e "$SRC/g" ] && [ ! -e "$SRC/sub/g" ] || fail "written through a map that is ro"
    status 7 bind "" sh -c 'exit 7'
    equal "$(cd "$SRC/sub" && bind "" pwd 2>/dev/null)" "$MNT/made/sub"
    equal "$(bind "" sh -c 'mkdir "$MNT/made/d" && stat -c %u "$MNT/made/d"; rmdir "$MNT/made/d"' 2>/dev/null)" "$(id -u)"
    equal "$(stablefs run --fallback bind --map "$MNT/made=$SRC" --map "$MNT/two=$SRC/sub" -- ls "$MNT" 2>/dev/null | xargs)" "made two"
    status 125 bind ""; PATH=/usr/bin:/bin status 127 bind "" sfs-no-such
    within 5 nothing_left; within 5 [ ! -e "$MNT/made" ]
    # what it leaves running keeps the view, too
    pid=$(bind "" sh -c 'cd "$MNT/made"; sleep 1000 >/dev/null 2>&1 & echo $!' 2>/dev/null); kill "$pid"
    within 5 nothing_left; within 5 [ ! -e "$MNT/made" ]
    show "$how"
done
equal "$(stablefs run --fallback bind --map "$MNT=$SRC" -- awk -v p="$MNT" '$5 == p' /proc/self/mountinfo | grep -c fuse.stablefs)" 1 "with FUSE"
within 5 nothing_left
