#!/bin/bash
# SPDX-License-Identifier: MIT
# A walk, reading everything, git status and rm -rf of 50 000 files while the daemon may have 256 descriptors; read-only
# and immutable first, then writable.
# timeout: 240
. "$SFS_LIB/lib.sh"
need git
files=${SFS_FILES:-50000}
plain || files=$((files / 10))
check make_tree "$SRC" "$files" 40 100
cd "$SRC"
git init -q . 2>/dev/null
export GIT_CONFIG_GLOBAL=/dev/null GIT_OPTIONAL_LOCKS=0 GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t
git add -A
git commit -qm all
cd /
git_status() { git -c safe.directory='*' -C "$MNT" status --porcelain; }
content() { find "$1" -path "$1/.git" -prune -o -type f -print0 | sort -z | xargs -0 cat | cksum; }
content "$SRC" >"$TMP/source"
for opts in ro,cache=immutable rw; do
    [ "$(ulimit -n 256 && mount_map -o $opts && echo ok)" = ok ] || fail "mount with 256 descriptors"
    FILES=("$MNT")
    pid=$(daemon_of "$MNT")
    equal "$(awk '/Max open files/ {print $5}' "/proc/$pid/limits")" 256 "the daemon's limit"
    equal "$(find "$MNT" -path "$MNT/.git" -prune -o -type f -print | wc -l)" "$files" "files in a walk"
    content "$MNT" | cmp - "$TMP/source" || fail "reading everything gave something else"
    descriptors=$(find "/proc/$pid/fd" 2>/dev/null | wc -l)
    [ "$descriptors" -le 256 ] || fail "$descriptors descriptors"
    equal "$(git_status)" "" "git status"
    [ $opts = rw ] || umount_map
done
echo changed >>"$SRC/d0/s0/file-7"; echo new >"$MNT/d0/untracked"; rm "$MNT/d0/s1/file-101"; sleep 1.1
equal "$(git_status | sort | xargs)" "D d0/s1/file-101 M d0/s0/file-7 ?? d0/untracked" "git status after changes"
rm -rf "$MNT/.git" "$MNT"/d*
equal "$(ls -A "$SRC")" "" "what rm -rf left"
check replies "$MNT"
