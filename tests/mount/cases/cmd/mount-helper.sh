#!/bin/bash
# SPDX-License-Identifier: MIT
# mount -t stablefs, mount.stablefs by hand, an fstab line, and umount(8): the options of mount(8) understood or ignored.
. "$SFS_LIB/lib.sh"
need_root
# mount(8) looks for mount.stablefs in /sbin only: a private /sbin, so that nothing is left behind
real=$(readlink -f /sbin)
mkdir "$TMP/sbin" "$TMP/work"
overlay() { mount -t overlay -o "lowerdir=$real,upperdir=$1/sbin,workdir=$1/work" none "$real" 2>/dev/null; }
if ! overlay "$TMP"; then
    mkdir "$TMP/upper"; mount -t tmpfs none "$TMP/upper"; mkdir "$TMP/upper/sbin" "$TMP/upper/work"
    overlay "$TMP/upper" || skip "no private /sbin here: no overlayfs"
fi
ln -sf "$STABLEFS" /sbin/mount.stablefs
echo x >"$SRC/f"
try() {
    "$@" || fail "$*"
    stablefs_at "$MNT" || fail "not mounted: $*"
    equal "$(cat "$MNT/f")" x
}
try mount -t stablefs "$SRC" "$MNT"; umount "$MNT"
try mount -t stablefs -o ro,noatime,nosuid,cache=immutable,_netdev,x-systemd.automount,x-anything=1,noauto,user,nofail,comment=a "$SRC" "$MNT"
! touch "$MNT/n" 2>/dev/null || fail "not read-only"
matches "$(awk -v p="$MNT" '$5 == p {print $6}' /proc/self/mountinfo)" "nosuid"
matches "$(stablefs status "$MNT")" immutable
umount "$MNT"
! mounted "$MNT" || fail "umount(8)"
try mount.stablefs "$SRC" "$MNT" -o rw,defaults; umount "$MNT"
try mount.stablefs "$SRC" "$MNT" -sn -v -o rw; umount "$MNT"
cat >"$TMP/fstab" <<END
$SRC $MNT stablefs ro,cache=ttl:5,_netdev,x-systemd.requires=network.target,nofail 0 0
$SRC $TMP/not noauto-type noauto 0 0
END
echo "$SRC $MNT/../second stablefs noauto 0 0" >>"$TMP/fstab"
mkdir "$CASE_DIR/second"
try mount -a -T "$TMP/fstab" -t stablefs
! mounted "$CASE_DIR/second" || fail "noauto"
umount "$MNT"
try mount -T "$TMP/fstab" "$MNT"; umount "$MNT"
# an escaped comma in a value: a source with one in its name
mkdir "$SRC/a,b"; mount -t stablefs "$SRC/a,b" "$MNT"; touch "$MNT/in"; [ -e "$SRC/a,b/in" ]; umount "$MNT"
# errors come back
! mount -t stablefs "$SRC/none" "$MNT" 2>"$TMP/err" || fail "a missing source"
matches "$(err)" "$SRC/none"
! mount -t stablefs -o nonsense=1 "$SRC" "$MNT" 2>"$TMP/err" || fail "an unknown option"
matches "$(err)" "nonsense"
! mounted "$MNT" || fail "mounted"
# a mount by type fuse.stablefs, as mount -a of /proc/mounts' words would
ln -sf "$STABLEFS" /sbin/mount.fuse.stablefs
try mount -t fuse.stablefs "$SRC" "$MNT"; umount "$MNT"
status 0 mount.stablefs --help; status 2 mount.stablefs "$SRC"
mount -o remount,ro "$MNT" 2>/dev/null && fail "remounted nothing" || true
