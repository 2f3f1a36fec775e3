#!/bin/bash
# SPDX-License-Identifier: MIT
# A writable map of a source on a read-only filesystem: reading works, writing says EROFS, as there.
. "$SFS_LIB/lib.sh"
need_root
echo x >"$SRC/f"; mkdir "$SRC/d"
mkdir "$TMP/ro"; mount --bind "$SRC" "$TMP/ro"; mount -o remount,bind,ro "$TMP/ro"
mount_fg "$TMP/ro" "$MNT"
py <<'END'
eq(get(MNT + "/f"), b"x\n"); eq(sorted(os.listdir(MNT)), ["d", "f"])
fcntl.flock(opened(MNT + "/f"), fcntl.LOCK_EX | fcntl.LOCK_NB); posix_lock(opened(MNT + "/f"), fcntl.F_RDLCK)
for call, args in ((opened, (MNT + "/f", os.O_WRONLY)), (opened, (MNT + "/f", os.O_RDWR)), (put, (MNT + "/new",)), (os.mkdir, (MNT + "/n",)),
                   (os.unlink, (MNT + "/f",)), (os.rename, (MNT + "/f", MNT + "/g")), (os.chmod, (MNT + "/f", 0o600)), (os.utime, (MNT + "/f",)),
                   (os.truncate, (MNT + "/f", 0)), (os.symlink, ("a", MNT + "/l")), (os.rmdir, (MNT + "/d",)), (os.setxattr, (MNT + "/f", "user.a", b"1")),
                   (os.link, (MNT + "/f", MNT + "/h")), (os.mkfifo, (MNT + "/p",))):
    raises("EROFS", call, *args)
END
umount_map; FILES=()
umount "$TMP/ro"
