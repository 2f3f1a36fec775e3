#!/bin/bash
# SPDX-License-Identifier: MIT
# mount --into and umount --into: a container without any privilege, and without /dev/fuse, gets a map that is mounted
# outside; the directories that the container controls lead nowhere else.
. "$SFS_LIB/lib.sh"
need_root
# the leak checker needs a /proc of its own, which it has no more in the container
export ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0
echo first >"$SRC/f"
mkdir "$SRC/deep"

# A container: a root of its own with nothing but a static shell's needs, other namespaces, no capability, user 1234.
root=$TMP/root
mkdir -p "$root"/{usr,bin,lib,lib64,etc,tmp}
chmod 1777 "$root/tmp"
container() # USER-NAMESPACE-OPTIONS...: $CONTAINER is a process in it
{
    local ids='--reuid 1234 --regid 1234 --clear-groups'
    [ $# = 0 ] || ids=
    rm -f "$TMP/pid"
    unshare --mount --propagation private --pid --fork --kill-child "$@" -- bash -c '
        mount --rbind "$1" "$1"
        for name in usr bin lib lib64 etc; do mount --rbind "/$name" "$1/$name"; done
        cd "$1" && pivot_root . . && /usr/bin/python3 -c "import ctypes; exit(ctypes.CDLL(None).umount2(bytes([46]), 2))" && cd /
        exec setpriv $2 --bounding-set=-all --inh-caps=-all --no-new-privs -- \
            sh -c "echo up >/tmp/up; while read -r line; do eval \"\$line\" >/tmp/out 2>&1; echo \$? >/tmp/status; done"
        ' bash "$root" "$ids" <>"$TMP/commands" &
    local job=$!
    within 10 test -e "$root/tmp/up"
    rm "$root/tmp/up"
    CONTAINER=$(pgrep -P "$job") || fail "no process in the container"
}
inside() # COMMAND: run it in the container, its output and status here
{
    rm -f "$root/tmp/status"
    echo "$1" >"$TMP/commands"
    within 10 test -s "$root/tmp/status"
    cat "$root/tmp/out"
    return "$(cat "$root/tmp/status")"
}
mkfifo "$TMP/commands"
INNER=$CASE_DIR/inner
mkdir -p "$root$INNER/taken"
mount_map
container
entries=$(cd "$root" && find . -xdev -type d | sort)
there() { grep -c " $1 .* - fuse.stablefs " "/proc/$CONTAINER/mountinfo" || :; }

# what is wrong is said, and changes nothing
status 3 stablefs mount --into "$CONTAINER" "$TMP/nothing"; one_error "no map is mounted here"
status 3 stablefs mount --into 999999999 "$MNT"; one_error "no such process"
status 1 stablefs mount --into $$ "$MNT"; one_error "in this mount namespace"
for wrong in 0 -1 12x '' 99999999999; do
    status 2 stablefs mount --into "$wrong" "$MNT"; one_error "number of a process"
done
status 2 stablefs mount --into "$CONTAINER"
status 2 stablefs mount --into "$CONTAINER" -o ro "$MNT"
status 2 stablefs mount --into "$CONTAINER" /
status 2 stablefs umount --into "$CONTAINER" --all
status 3 stablefs umount --into "$CONTAINER" "$MNT"; one_error "has no map there"
status 5 as 1234 "$STABLEFS" mount --into "$CONTAINER" "$MNT"; one_error "be root"
equal "$(there "$MNT")" 0
[ ! -e "$root$MNT" ] || fail "a failure left a directory"

# it is there, at the same path, read and written as the caller
chmod 777 "$SRC"
stablefs mount --into "$CONTAINER" "$MNT"
equal "$(inside "cat $MNT/f")" first
inside "echo second >$MNT/made"
equal "$(cat "$SRC/made")" second
equal "$(stat -c %u:%g "$SRC/made")" 1234:1234
status 1 stablefs mount --into "$CONTAINER" "$MNT"; one_error "has it already"
equal "$(there "$MNT")" 1
# what is unmounted there stays mounted here; the directories made for it go, and only those
inside "cd $MNT/deep"
status 4 stablefs umount --into "$CONTAINER" "$MNT"; one_error "busy"
inside "cd /"
stablefs umount --into "$CONTAINER" "$MNT"
equal "$(there "$MNT")" 0
equal "$(cat "$MNT/f")" first
equal "$(cd "$root" && find . -xdev -type d | sort)" "$entries"

# several, all or none; with what is mounted below
mkdir "$TMP/other" "$TMP/inner"
echo inner >"$TMP/inner/i"
stablefs mount "$TMP/other" "$INNER/other"
stablefs mount "$TMP/inner" "$MNT/deep"
status 3 stablefs mount --into "$CONTAINER" "$MNT" "$INNER/never"
equal "$(there "$MNT")" 0
stablefs mount --into "$CONTAINER" "$MNT" "$INNER/other"
equal "$(inside "cat $MNT/deep/i")" inner
stablefs umount --into "$CONTAINER" "$MNT" "$MNT/deep" "$INNER/other"
equal "$(there "$MNT")$(there "$MNT/deep")$(there "$INNER/other")" 000
stablefs mount --into "$CONTAINER" "$MNT" "$MNT/deep" "$INNER/other"
equal "$(there "$MNT")$(there "$MNT/deep")$(there "$INNER/other")" 111
stablefs umount --into "$CONTAINER" --lazy "$MNT" "$INNER/other"
equal "$(there "$MNT")$(there "$MNT/deep")$(there "$INNER/other")" 000
[ -d "$root$INNER/taken" ] || fail "a directory that was there has been removed"

# a link, a file, or a read-only directory in the container: nowhere else, and none of several stays
mkdir "$TMP/elsewhere"
rm -r "$root$INNER"; ln -s /tmp "$root$INNER"
status 1 stablefs mount --into "$CONTAINER" "$MNT" "$INNER/other"; one_error "symbolic links are not followed"
equal "$(there "$MNT")" 0
[ ! -e "$root/tmp/other" ] || fail "a link in the container was followed"
rm "$root$INNER"; echo file >"$root$INNER"
status 1 stablefs mount --into "$CONTAINER" "$INNER/other"; one_error "$INNER/other"
rm "$root$INNER"
nsenter -t "$CONTAINER" -m -- mount -o remount,bind,ro /
status 1 stablefs mount --into "$CONTAINER" "$INNER/other"; one_error "make the directory in the image"
nsenter -t "$CONTAINER" -m -- mount -o remount,bind,rw /
umount_map "$INNER/other"
umount_map "$MNT/deep"

# a daemon that dies fails there too, and what is mounted again replaces it
stablefs mount --into "$CONTAINER" "$MNT"
kill -KILL "$(daemon_of "$MNT")"; forget_daemon
within 5 not inside "cat $MNT/f"
matches "$(inside "cat $MNT/f" || :)" "not connected"
status 1 stablefs mount --into "$CONTAINER" "$MNT"; one_error "has died"
mount_map
stablefs mount --into "$CONTAINER" "$MNT"
equal "$(inside "cat $MNT/f")" first
equal "$(there "$MNT")" 1
# a living one at the path is not replaced by another
daemon=$(daemon_of "$MNT")
mkdir "$TMP/second"; umount -l "$MNT"
stablefs mount "$TMP/second" "$MNT"
status 1 stablefs mount --into "$CONTAINER" "$MNT"; one_error "another map"
umount_map "$MNT"

# a made directory is not removed under a namespace that shares it
stablefs mount "$SRC" "$MNT/made/here"
unshare --mount --propagation private sleep 1000 & sharer=$!
within 5 grep -q sleep "/proc/$sharer/comm"
stablefs umount "$MNT/made/here"
equal "$(nsenter -t $sharer -m cat "$MNT/made/here/f")" first
kill $sharer; wait $sharer || :
within 10 [ ! -e "$MNT/made" ]

# the container's end is the end of the daemon, though nothing is mounted here any more
kill -KILL "$CONTAINER"
within 10 gone "$daemon"

# with a user namespace of its own, where even its root is nobody here
mount_map
rm -f "$root/tmp/out" "$root/tmp/status"
container --user --map-root-user
stablefs mount --into "$CONTAINER" "$MNT"
equal "$(inside "cat $MNT/f")" first
stablefs umount --into "$CONTAINER" "$MNT"
equal "$(there "$MNT")" 0
kill -KILL "$CONTAINER"
