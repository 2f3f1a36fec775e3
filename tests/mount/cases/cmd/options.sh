#!/bin/bash
# SPDX-License-Identifier: MIT
# mount options: nosuid, nodev, noexec and their opposites, sync, allow_other, escapes; what status then says.
. "$SFS_LIB/lib.sh"
cp /bin/true "$SRC/true"
flags() { awk -v p="$MNT" '$5 == p {print "," $6 ","}' /proc/self/mountinfo; }
mount_map -o noexec,nosuid,nodev; matches "$(flags)" ",noexec,"; ! "$MNT/true" 2>/dev/null || fail noexec; umount_map
mount_map -o exec; "$MNT/true"; umount_map
mount_map; matches "$(flags)" ",nosuid,"; matches "$(flags)" ",nodev,"; umount_map
for o in atime strictatime relatime; do mount_map -o "$o"; lacks "$(flags)" ",noatime,"; umount_map; done
mount_map -o noatime; matches "$(flags)" ",noatime,"; umount_map
mount_map -o ro,rw; touch "$MNT/last-word-counts"; umount_map
for io in auto cached direct; do mount_map -o "io=$io"; echo "$io" >"$MNT/f"; equal "$(cat "$SRC/f")" "$io"; umount_map; done
for cache in none ttl:0 ttl:60 coherent; do mount_map -o "cache=$cache"; echo "$cache" >"$MNT/f"; equal "$(cat "$MNT/f")" "$cache"; umount_map; done
for bad in cache=ttl:-1 cache=ttl:99999999999999999999 cache=ttl: cache= io= io=slow mode=xx ttl=1 ro=1 mtime=soon; do
    status 2 stablefs mount -o "$bad" "$SRC" "$MNT"; matches "$(err)" "${bad%%=*}"
done
mkdir "$SRC/we,ird=x"
stablefs mount "$SRC/we,ird=x" "$MNT/pa,th"; touch "$MNT/pa,th/f"; [ -e "$SRC/we,ird=x/f" ]; stablefs umount "$MNT/pa,th"
