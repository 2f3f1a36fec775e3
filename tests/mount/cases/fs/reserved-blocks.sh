#!/bin/bash
# SPDX-License-Identifier: MIT
# What a filesystem keeps for root is kept from others on a map: by write, fallocate, copies, and through mappings.
# variants: default; io=cached; io=direct; writers=exclusive
. "$SFS_LIB/lib.sh"
need_machine "mount a disk image"
need mkfs.ext4
truncate -s 40M "$TMP/image"; mkfs.ext4 -q -O ^has_journal -m 25 "$TMP/image"
mount -o loop "$TMP/image" "$SRC" 2>/dev/null || skip "no loop devices here"
chmod 777 "$SRC"
free() { stat -fc %a "$SRC"; }
left() { stat -fc %f "$SRC"; }
kept=$(($(left) - $(free)))
# emptied PATH: it is removed, and the blocks are free again
emptied() { rm -f "$1"; within 5 all_free; }
before=$(left)
all_free() { [ "$(left)" -ge $((before - 10)) ]; }
mount_fg
full() { # what
    sync -f "$SRC"
    [ "$(free)" -le 1000 ] || fail "$1: $(free) blocks are left for others"
    [ "$(left)" -ge $((kept * 9 / 10)) ] || fail "$1: $(left) of $kept blocks are left for root"
}
! as 61007:61007 dd if=/dev/zero of="$MNT/w" bs=64k 2>/dev/null || fail "it has no end"
full write
as 0:0 dd if=/dev/zero of="$MNT/root" bs=64k count=16 2>/dev/null || fail "root may not use what is kept for root"
rm "$MNT/root"; emptied "$MNT/w"
! as 61007:61007 fallocate -l 35M "$MNT/a" 2>/dev/null || fail "fallocate took the reserve"
emptied "$MNT/a"
head -c 3M /dev/zero >"$SRC/part"; chmod 644 "$SRC/part"; before=$(left)
for n in {1..20}; do as 61007:61007 cp "$MNT/part" "$MNT/copy$n" 2>/dev/null || break; done
full copies
rm "$MNT"/copy*; within 5 all_free
as 61007:61007 /usr/bin/python3 - "$MNT/m" <<'END2' || true
import mmap, os, sys
fd = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT); os.ftruncate(fd, 35 << 20)
try:
    m = mmap.mmap(fd, 35 << 20)
except OSError:
    sys.exit()
for at in range(0, 35 << 20, 4096): # SIGBUS, or an error at the end
    m[at] = 1
m.flush()
END2
sync -f "$MNT" || true
[ "$(left)" -ge $((kept * 9 / 10)) ] || fail "mapping: $(left) of $kept blocks are left for root"
