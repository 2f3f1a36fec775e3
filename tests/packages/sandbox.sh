# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# What the cases about sandboxes share; they read it after lib.sh.  They run with what this machine has, but with two users
# of their own and with files in /etc that nobody else sees.
#
#     $home       ada's directory, with a source, "src"
#     $examples   doc/examples
#     stablefs    the static program, for everybody

ada=4242 bob=4343

# cover FILE: a copy of it in its place, in this mount namespace, to be changed.
cover()
{
    cp "$1" "$dir/etc/"
    mount --bind "$dir/etc/${1##*/}" "$1"
}

# need_users: with two users, and everything that they mount with, or skip.
need_users()
{
    need_root
    need_static
    need fusermount3 setpriv unshare
    [ -e /etc/fuse.conf ] || skip "there is no /etc/fuse.conf (Debian: fuse3)"
    mkdir "$dir/etc" "$dir/bin"
    mknod -m 666 "$dir/fuse" c 10 229
    mount --bind "$dir/fuse" /dev/fuse
    home=$dir/ada runtime=$dir/runtime
    cover /etc/passwd
    cover /etc/group
    printf 'ada:x:%s:%s::%s:/bin/sh\nbob:x:%s:%s::/:/bin/sh\n' $ada $ada "$home" $bob $bob >>/etc/passwd
    printf 'ada:x:%s:\nbob:x:%s:\n' $ada $bob >>/etc/group
    cover /etc/fuse.conf
    sed -i '/^ *user_allow_other/d' "$dir/etc/fuse.conf"
    cp "$SFS_STATIC" "$dir/bin/stablefs"
    PATH=$dir/bin:$PATH
    examples=$SFS_SOURCE/doc/examples
    mkdir -p "$home/src" "$runtime"
    echo text >"$home/src/file"
    chown -R $ada:$ada "$home" "$runtime"
    chmod 700 "$runtime"
}

# need_user_namespaces: for a sandbox that a normal user makes, or skip.
need_user_namespaces()
{
    as ada unshare --user --map-root-user --mount true 2>/dev/null ||
        skip "normal users cannot make user namespaces here (as root: sysctl user.max_user_namespaces)"
}

# as USER COMMAND...: with nothing of our environment.
as()
{
    as_id=$ada as_home=$home
    [ "$1" = ada ] || as_id=$bob as_home=/
    shift
    setpriv --reuid "$as_id" --regid "$as_id" --clear-groups env -i PATH="$PATH" HOME="$as_home" LC_ALL=C.UTF-8 \
        XDG_RUNTIME_DIR="$runtime" "$@"
}

# refused WHAT COMMAND...: it fails, for want of permission.
refused()
{
    refused_what=$1
    shift
    ! "$@" >"$dir/said" 2>&1 || fail "$refused_what: that is permitted"
    grep -qi 'permission denied' "$dir/said" || fail "$refused_what: $(tail -n 1 "$dir/said")"
}

# small_image DIR: a root directory for containers, with busybox and an empty /depot-stable.
small_image()
{
    small_busybox=$(command -v busybox) || skip "busybox is not installed"
    mkdir -p "$1/bin" "$1/proc" "$1/dev" "$1/tmp" "$1/depot-stable"
    cp "$small_busybox" "$1/bin/busybox"
    for applet in sh cat ls id stat grep touch; do
        ln -s busybox "$1/bin/$applet"
    done
}

# What a sandbox looks like from inside: run there, it prints what probe_wanted says.  The map is at /depot-stable.
# shellcheck disable=SC2016
probe='
    cat /depot-stable/file
    [ ! -e /dev/fuse ] || echo there is a /dev/fuse
    grep -E "^Cap(Prm|Eff|Bnd|Amb)" /proc/self/status | grep -v "0000000000000000$"
    stat -c "%u:%g" /depot-stable /depot-stable/file
    if (echo new >/depot-stable/new) 2>/dev/null; then stat -c "%n %u:%g" /depot-stable/new; else echo read-only; fi
    echo "$(id -u):$(id -g)"'

# probe_wanted OWNER READER [ro]: the files' owner and the reader, as the sandbox sees them.
probe_wanted()
{
    probe_new="/depot-stable/new $2"
    [ "${3:-}" != ro ] || probe_new=read-only
    printf '%s\n' text "$1" "$1" "$probe_new" "$2"
}
