#!/bin/bash
# SPDX-License-Identifier: MIT
# Default ACLs of a directory decide about what is made in it (instead of the umask), together with set-gid.
. "$SFS_LIB/lib.sh"
need setfacl getfacl
mkdir "$SRC/in" "$SRC/native"
chmod 2777 "$SRC/in" "$SRC/native"
setfacl -d -m u::rwx,g::rx,o::-,u:61007:rw,m::rwx "$SRC/in" "$SRC/native" 2>/dev/null || skip "no ACLs on this filesystem"
mount_fg
make() {
    (umask "$2"; touch "$1/file$2"; mkdir "$1/dir$2"; mkfifo "$1/fifo$2"
     /usr/bin/python3 -c 'import os, sys; os.close(os.open(sys.argv[1], os.O_CREAT | os.O_RDWR | os.O_EXCL, 0o640))' "$1/x$2")
}
for mask in 022 077 000; do
    if is_root; then
        export -f make
        as 61001:61001 bash -c "make $MNT/in $mask"
        as 61001:61001 bash -c "make $SRC/native $mask"
    else
        make "$MNT/in" $mask
        make "$SRC/native" $mask
    fi
done
equal "$(cd "$SRC/in" && getfacl -R . )" "$(cd "$SRC/native" && getfacl -R . )" "ACLs at the source"
equal "$(cd "$MNT/in" && getfacl -R . )" "$(cd "$SRC/native" && getfacl -R . )" "ACLs through the map"
