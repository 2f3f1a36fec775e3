# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# The real Julia: a root directory of Debian 11 with Julia 1.5.3, made by packaging/julia-rootfs.sh and never written
# to here.  Read after lib.sh.
#
# Everything that Julia sees of a case is $files, which is /srv inside.  A stablefs mount below $files is seen below
# /srv; the stable path of the cases is /srv/stable.

julia_root=$SFS_CACHE/julia
files=$dir/files
stable=$files/stable
mkdir "$files" "$files/home" "$dir/root"

# A private mount namespace is all that is needed, and a normal user gets one inside a user namespace.
if [ "$(id -u)" = 0 ]; then
    julia_unshare="unshare --mount --propagation private"
else
    julia_unshare="unshare --user --map-root-user --mount --propagation private"
fi

[ -x "$julia_root/usr/bin/julia" ] || skip "there is no Julia (run packaging/julia-rootfs.sh $julia_root as root)"
$julia_unshare true 2>/dev/null || skip "this machine lets a normal user make no user namespace"

# in_root COMMAND...: run it with the root directory as /, read-only but for /tmp and /srv.
# shellcheck disable=SC2086 # a command of several words; SC2016: the inner shell expands
# shellcheck disable=SC2016
in_root()
{
    $julia_unshare sh -euc '
        root=$1 from=$2 files=$3
        shift 3
        mount --rbind "$from" "$root"
        mount -o remount,bind,ro "$root" 2>/dev/null || :
        mount --rbind /proc "$root/proc"
        mount --rbind /dev "$root/dev"
        mount -t tmpfs tmpfs "$root/tmp"
        mount --rbind "$files" "$root/srv"
        cd /
        exec "$(command -v chroot || echo /usr/sbin/chroot)" "$root" /usr/bin/env -i PATH=/usr/bin:/bin:/srv/home/bin LANG=C.UTF-8 \
            HOME=/srv/home JULIA_PKG_SERVER= "$@"' \
        sh "$dir/root" "$julia_root" "$files" "$@"
}

# julia LOG PROJECT CODE: run CODE with what loading decides in the log.  $depot: as Julia sees it.
depot=/srv/depot
julia()
{
    run "$1" in_root JULIA_DEPOT_PATH="$depot" JULIA_DEBUG=loading julia --startup-file=no --color=no --project="$2" -e "$3"
}

# demo_project DIR: a project with one package, Demo, that is tracked by path and remembers where it was compiled.
demo_project()
{
    mkdir -p "$1/Demo/src"
    cat >"$1/Project.toml" <<'END'
[deps]
Demo = "25faeaa9-7d3f-4b4f-9d3a-6a3f1c9d5e10"
END
    cat >"$1/Manifest.toml" <<'END'
[[Demo]]
path = "Demo"
uuid = "25faeaa9-7d3f-4b4f-9d3a-6a3f1c9d5e10"
version = "0.1.0"
END
    cat >"$1/Demo/Project.toml" <<'END'
name = "Demo"
uuid = "25faeaa9-7d3f-4b4f-9d3a-6a3f1c9d5e10"
version = "0.1.0"
END
    cat >"$1/Demo/src/Demo.jl" <<'END'
module Demo
const compiled_in = @__DIR__
include("greet.jl")
end
END
    echo 'greet() = "Hello from Demo"' >"$1/Demo/src/greet.jl"
}

# use_demo LOG PROJECT: load Demo and print what it knows of its place.
use_demo()
{
    # shellcheck disable=SC2016 # the $ is Julia's
    julia "$1" "$2" 'using Demo
        println(Demo.greet())
        println("compiled in ", Demo.compiled_in)
        println("loaded from ", pathof(Demo))'
    says "$1" '^Hello from Demo$'
}

# cache_files: names and digests of all cache files.
cache_files()
{
    (cd "$files/depot/compiled" && find . -type f -exec sha256sum {} + | sort -k 2)
}

compiling='Precompiling Demo'
