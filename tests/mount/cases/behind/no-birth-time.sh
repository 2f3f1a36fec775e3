#!/bin/bash
# SPDX-License-Identifier: MIT
# A filesystem that keeps no birth times, as many parallel ones: a file that gets the number of a removed one is told
# from it by its handle, so that an old descriptor never shows the new file.
# variants: default; cache=none; ro,cache=immutable; ro,cache=ttl:1
. "$SFS_LIB/lib.sh"
need_machine "mount a disk image"
need mkfs.ext4
truncate -s 16M "$TMP/disk"
mkfs.ext4 -q -F -I 128 "$TMP/disk"
mount -o loop "$TMP/disk" "$SRC" || skip "no loop devices here"
[ "$(stat -c %W "$SRC")" = 0 ] || fail "this filesystem has birth times: nothing to test"
ulimit -n 64 # so that few descriptors are kept, and files are reached again
mount_fg
py <<'END'
reused = 0
for n in range(12):
    a = put(f"{SRC}/a{n}", "OLD")
    number = os.stat(a).st_ino
    eq(os.stat(f"{MNT}/a{n}").st_size, 3)
    # neither keeps the file open in the source, where the kernel opens files alone or nobody has opened it
    held = opened(f"{MNT}/a{n}", os.O_PATH)
    reading = opened(f"{MNT}/a{n}") if "immutable" in OPTS else None
    os.unlink(a); put(a, "NEW")
    reused += os.stat(a).st_ino == number
    for what in (lambda: get(f"/proc/self/fd/{held}"), lambda: os.pread(reading, 3, 0) if reading else b"OLD"):
        try:
            eq(what(), b"OLD", "an old descriptor shows the next file with its number")
        except OSError as error:
            ok(error_name(error) in ("ESTALE", "ENOENT"), f"{error}")
    if "immutable" not in OPTS:
        wait_until(lambda: get(f"{MNT}/a{n}") == b"NEW", 4)
    os.close(held)
    if reading: os.close(reading)
ok(reused > 3, f"the source reused only {reused} numbers: nothing was tried")
END
umount_map
umount "$SRC"
