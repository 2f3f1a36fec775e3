# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# For the cases that do the same on a directory and on a writable map of another directory, and compare.  Read after
# lib.sh.

# tree DIR: every name below it with type, mode, owner, link count, size and content; of directories no size, for that
# depends on their history.
tree()
{
    (
        cd "$1"
        find . -type d -printf '%P/ %m %U %G\n' -o -type l -printf '%P -> %l %U %G\n' -o -printf '%P %y %m %U %G %n %s\n' |
            sort
        find . -type f -exec sha256sum {} + | sort -k 2
    )
}

# file_times DIR: modification times of the files.
file_times()
{
    (cd "$1" && find . ! -type d -printf '%P %T@\n' | sort)
}

# same WHAT A B: two texts.
same()
{
    if [ "$2" != "$3" ]; then
        echo "$2" >"$dir/log/native-text"
        echo "$3" >"$dir/log/stable-text"
        diff "$dir/log/native-text" "$dir/log/stable-text" | head -n 40 >&2
        fail "$1: not the same on the map (above: < native, > map)"
    fi
}

# both NAME COMMAND...: run it with the native directory as working directory, then with the map.  Both have to end
# with the same status, which is left in $both_status, and print the same.
both()
{
    both_name=$1
    shift
    both_status=0
    in_dir "$native" "$@" >"$dir/log/$both_name-native" 2>&1 || both_status=$?
    map_status=0
    in_dir "$stable" "$@" >"$dir/log/$both_name-stable" 2>&1 || map_status=$?
    if [ $both_status -ne $map_status ]; then
        show_log "$dir/log/$both_name-stable"
        fail "$both_name: status $both_status on the source itself, $map_status on the map: $(printf %s "$*" | head -n 1)"
    fi
}

# The map's source and its model, two directories on the same filesystem.
native=$dir/native
mapped=$dir/mapped
mkdir "$native" "$mapped"

# zlib: what real projects are made of.
real_project()
{
    project=$SFS_CACHE/real/zlib.tar
    if ! [ -s "$project" ]; then
        "$real/c-project.sh" "$SFS_CACHE/real" >"$dir/log/fetch" 2>&1 ||
            skip "cannot fetch a C project from Debian's archive: $(tail -n 1 "$dir/log/fetch")"
    fi
}
