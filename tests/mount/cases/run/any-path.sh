#!/bin/bash
# SPDX-License-Identifier: MIT
# Any path will do, also where nobody can make a directory, and everything else looks as before. Root gets a read-only root.
. "$SFS_LIB/lib.sh"
id=sfs-run-$$
if is_root && [ -z "${READ_ONLY:-}" ]; then
    root=$TMP/root; mkdir "$root"; mount --rbind / "$root"
    for path in /tmp "$CASE_DIR"; do mount --rbind "$path" "$root$path"; done
    mount -o remount,bind,ro "$root"
    READ_ONLY=1 exec unshare -m sh -c 'cd "$1" && pivot_root . . && umount -l . && cd "$TMP" && exec "$2"' sh "$root" "$0"
fi
! mkdir "/$id" 2>/dev/null || { rmdir "/$id"; fail "the root is writable"; }
echo one >"$SRC/f"; mkdir "$TMP/two"; echo two >"$TMP/two/f"; mkfifo "$TMP/go" "$TMP/ready"
maps=() paths=("/$id" "/x$id/deep/er" "/opt/$id/y" "/usr/$id" "/usr/share/$id/y" "/etc/$id" "/root/$id" "/var/$id/z")
is_root || paths+=("/run/$id")
for path in "${paths[@]}"; do
    equal "$(stablefs run --map "$path=$SRC" -- cat "$path/f")" one "$path alone"
    maps+=(--map "$path=$SRC")
done
cat >"$TMP/look.sh" <<'END'
stat -c '%n %d:%i %a' /etc/passwd /usr/bin /usr/bin/env /usr/share/zoneinfo /proc /sys /tmp "$CASE_DIR" /dev/null /dev/shm /dev/pts/ptmx
stat -Lc '%n %d:%i' /bin /lib /bin/sh
find / /usr /etc /var /dev -maxdepth 1 -mindepth 1 ! -name '*sfs-run-*' ! -path /dev/core -printf '%p %y %l %m\n' | sort
stat -c '%n %a %F' / /usr /etc /var /opt /dev
ls -A /home /boot /sys /sys/class /dev/shm
readlink /proc/self >/dev/null && ls /proc/1 >/dev/null && ls "/proc/$$/fd" >/dev/null || echo "/proc is not right"
echo x >/dev/null && [ "$(head -c 2 /dev/zero | od -An -tx1)" = " 00 00" ] && head -c 1 /dev/urandom >/dev/null || echo "/dev is not right"
awk '{print $5}' /proc/self/mountinfo | grep -v fuse | sort -u >"$1"
END
sh "$TMP/look.sh" "$TMP/mounts.before" >"$TMP/before" 2>&1
stablefs run "${maps[@]}" --map "/y$id=$TMP/two" -- sh "$TMP/look.sh" "$TMP/mounts.after" >"$TMP/after" 2>&1
diff "$TMP/before" "$TMP/after" >"$TMP/diff" || { cat "$TMP/diff"; fail "something else looks different inside: $(sed -n 2p "$TMP/diff")"; }
lost=$(comm -23 "$TMP/mounts.before" "$TMP/mounts.after"); equal "$lost" "" "mounts that are missing inside"
# several at once, private, and what is written elsewhere is really there
stablefs run "${maps[@]}" --map "/y$id=$TMP/two" -- sh -c "cat ${paths[*]/%//f} /y$id/f >'$TMP/all'; echo real >'$TMP/real'
    echo new >'/$id/new'; touch '/$id-top' '/usr/$id-x' 2>'$TMP/refused'; ls -A / >'$TMP/top'; echo >'$TMP/ready'; read x <'$TMP/go'" &
read -r _ <"$TMP/ready"
equal "$(grep -c one "$TMP/all") $(grep -c two "$TMP/all")" "${#paths[@]} 1"
equal "$(cat "$TMP/real")$(cat "$SRC/new")" realnew
equal "$(grep -c "Read-only" "$TMP/refused")" 2 "a rebuilt directory refuses new names: $(cat "$TMP/refused")"
equal "$(comm -13 <(ls -A / | sort) <(sort "$TMP/top") | xargs)" "$id x$id y$id" "new at the root"
for path in "${paths[@]}" "/y$id" "/x$id"; do [ ! -e "$path" ] || fail "$path is seen outside"; done
lacks "$(cat /proc/self/mountinfo)" "$id"
echo >"$TMP/go"; wait $!
within 5 nothing_left
# a directory of one's own that may not be written: nothing is made in it
if ! is_root; then
    mkdir "$TMP/shut"; chmod 555 "$TMP/shut"
    equal "$(stablefs run --map "$TMP/shut/x/y=$SRC" -- ls -d "$TMP/shut/x/y")" "$TMP/shut/x/y"
    equal "$(ls "$TMP/shut")" ""
fi
