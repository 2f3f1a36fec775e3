#!/bin/bash
# SPDX-License-Identifier: MIT
# cache=immutable is a promise that the source does not change in place. Where it is broken by a replacement, what the
# kernel has not read yet fails with ESTALE (or is still the old file), and never is the other file.
# variants: ro,cache=immutable
. "$SFS_LIB/lib.sh"
mount_fg
py <<'END'
OLD, NEW = b"old-" * (1 << 20), b"NEW!" * (1 << 20)
for how in ("replace", "remove", "remove and make", "edit of the length"):
    name = how.replace(" ", "-")
    path = put(f"{SRC}/{name}", OLD)
    fd = opened(f"{MNT}/{name}")
    eq(os.pread(fd, 4096, 0), OLD[:4096])
    if how == "replace":
        os.rename(put(path + ".new", NEW), path)
    elif how != "edit of the length":
        os.unlink(path)
        put(path, NEW) if how == "remove and make" else None
    else:
        os.truncate(path, 1000)
    for offset in range(0, len(OLD), 1 << 18):
        try:
            data = os.pread(fd, 4096, offset)
        except OSError as e:
            eq(error_name(e), "ESTALE", how)
            continue
        if how == "edit of the length":
            ok(not data.strip(b"\0") or data == OLD[offset:offset + len(data)], "data from nowhere")
        else:
            eq(data, OLD[offset:offset + 4096], f"{how}: read at {offset}")
    os.close(fd)
    # by name: old data that the kernel has, or an error, or the new file, whole
    try:
        data = get(f"{MNT}/{name}")
        ok(how == "edit of the length" or data in (OLD, NEW), f"{how}: a mixture")
    except OSError as e:
        ok(error_name(e) in ("ESTALE", "ENOENT"), f"{how}: {e}")
# the map goes on
put(SRC + "/later", "later"); eq(get(MNT + "/later"), b"later")
END
