# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# What every case of tests/containers shares.  A case is an executable in cases/ that reads this file first.
#
#     $dir        private directory of this run, in memory
#     $examples   doc/examples
#
# A case runs in the namespaces of tests/packages/lib.sh: whatever it starts ends with it, and whatever it mounts.  Only
# control groups are everybody's, and are removed here.
# shellcheck source=tests/packages/lib.sh
. "$(dirname "$0")/../../packages/lib.sh"
need_root
need_static

# Debian's programs, not others of that name.
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH
need buildah dockerd docker runc git tar python3
unset DOCKER_HOST DOCKER_BUILDKIT DOCKER_CONFIG DOCKER_CONTEXT BASE NETWORK
examples=$SFS_SOURCE/doc/examples
julia_root=$SFS_CACHE/julia
[ -s "$julia_root/etc/stablefs-julia-rootfs" ] ||
    skip "there is no root directory with Julia (packaging/julia-rootfs.sh $julia_root)"

mkdir "$dir/log" "$dir/tmp" "$dir/home"
HOME=$dir/home TMPDIR=$dir/tmp
export HOME TMPDIR

# Those that this case may leave behind, when it is stopped in the middle of something.
control_groups()
{
    find /sys/fs/cgroup -type d \( -path "*/stablefs-test-*" -o -name 'buildah-buildah*' \) 2>/dev/null | sort -r
}
groups_before=$(control_groups)

clean_up()
{
    cleanup_status=$?
    trap '' EXIT HUP INT TERM
    cd /
    stop_docker
    # Process 1 of a process namespace is who calls: that is everybody but us in it.
    [ $$ != 1 ] || kill -KILL -1 2>/dev/null || :
    for cleanup_group in $(control_groups); do
        # one in which something runs cannot be removed
        printf '%s\n' "$groups_before" | grep -qxF -- "$cleanup_group" || rmdir "$cleanup_group" 2>/dev/null || :
    done
    umount -R -l "$dir" 2>/dev/null || :
    rm -rf --one-file-system "$dir"
    exit "$cleanup_status"
}
docker_pid=
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# show LOG: to stderr.
show()
{
    tr -d '\033\r' <"$dir/log/$1" | tail -n 60 | sed 's/^/    /' >&2
}

# run LOG COMMAND...: its output goes to $dir/log/LOG; a failure is the end.
run()
{
    run_log=$1
    shift
    if ! "$@" >"$dir/log/$run_log" 2>&1; then
        show "$run_log"
        fail "$run_log: the command failed: $(printf %s "$*" | head -n 1)"
    fi
}

# says LOG PATTERN / says_not LOG PATTERN (grep -E).
says()
{
    grep -Eq -- "$2" "$dir/log/$1" || { show "$1" && fail "$1: did not print: $2"; }
}

says_not()
{
    ! grep -Eq -- "$2" "$dir/log/$1" || { show "$1" && fail "$1: printed: $2"; }
}

# --- images ----------------------------------------------------------------------------------------------------------

# julia_archive: $dir/julia.tar, an image "julia" of one layer as docker load and buildah pull take it.
julia_archive()
{
    mkdir "$dir/archive"
    tar -C "$julia_root" --numeric-owner --one-file-system --exclude ./usr/share/doc --exclude './var/cache/*' \
        --exclude './var/lib/apt/*' --exclude './etc/stablefs-*' -cf "$dir/archive/layer.tar" .
    archive_id=$(sha256sum <"$dir/archive/layer.tar" | cut -c1-64)
    cat >"$dir/archive/config.json" <<END
{"architecture": "$(dpkg --print-architecture)", "os": "linux",
 "config": {"Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8",
                    "JULIA_PKG_SERVER="]},
 "rootfs": {"type": "layers", "diff_ids": ["sha256:$archive_id"]}}
END
    echo '[{"Config": "config.json", "RepoTags": ["julia:latest"], "Layers": ["layer.tar"]}]' \
        >"$dir/archive/manifest.json"
    tar -C "$dir/archive" -cf "$dir/julia.tar" manifest.json config.json layer.tar
    rm -r "$dir/archive"
}

# start_buildah: its images are ours alone from now on, and "julia" is one of them.
start_buildah()
{
    cat >"$dir/storage.conf" <<END
[storage]
driver = "overlay"
graphroot = "$dir/buildah/data"
runroot = "$dir/buildah/run"
END
    CONTAINERS_STORAGE_CONF=$dir/storage.conf
    export CONTAINERS_STORAGE_CONF
    julia_archive
    run buildah-pull buildah pull --quiet "docker-archive:$dir/julia.tar"
    rm "$dir/julia.tar"
}

# start_docker: a dockerd of our own with the image "julia", and without networks, which are not ours to change.
start_docker()
{
    mkdir "$dir/docker"
    DOCKER_HOST=unix://$dir/docker/socket
    export DOCKER_HOST
    dockerd --host "$DOCKER_HOST" --data-root "$dir/docker/data" --exec-root "$dir/docker/exec" \
        --pidfile "$dir/docker/pid" --cgroup-parent "/stablefs-test-$(basename "$dir")" --iptables=false \
        --ip6tables=false --bridge=none --ip-forward=false --ip-masq=false >"$dir/log/dockerd" 2>&1 &
    docker_pid=$!
    until docker version >/dev/null 2>&1; do
        kill -0 "$docker_pid" 2>/dev/null || { show dockerd && fail "dockerd does not run"; }
        sleep 0.1
    done
    julia_archive
    run docker-load docker load --quiet --input "$dir/julia.tar"
    rm "$dir/julia.tar"
}

stop_docker()
{
    [ -n "$docker_pid" ] || return 0
    kill "$docker_pid" 2>/dev/null || :
    for _ in $(seq 100); do
        kill -0 "$docker_pid" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL "$docker_pid" 2>/dev/null || :
    wait "$docker_pid" 2>/dev/null || :
    docker_pid=
}

# --- the project -----------------------------------------------------------------------------------------------------

# project_repository: $dir/origin, a git repository of a Julia project.  Its package Demo is tracked by path and uses
# Dep, a package of the depot.
project_repository()
{
    mkdir -p "$dir/origin/Demo/src"
    (
        cd "$dir/origin"
        cat >Project.toml <<'END'
[deps]
Demo = "25faeaa9-7d3f-4b4f-9d3a-6a3f1c9d5e10"
END
        cat >Manifest.toml <<'END'
[[Demo]]
deps = ["Dep"]
path = "Demo"
uuid = "25faeaa9-7d3f-4b4f-9d3a-6a3f1c9d5e10"
version = "0.1.0"

[[Dep]]
git-tree-sha1 = "8a3f0c5d7e9b1a2c4d6e8f0a1b3c5d7e9f1a2b4c"
uuid = "5f0d4c1e-6b7a-4c39-9a57-0c9f2f7b6a11"
version = "0.3.0"
END
        cat >Demo/Project.toml <<'END'
name = "Demo"
uuid = "25faeaa9-7d3f-4b4f-9d3a-6a3f1c9d5e10"
version = "0.1.0"

[deps]
Dep = "5f0d4c1e-6b7a-4c39-9a57-0c9f2f7b6a11"
END
        cat >Demo/src/Demo.jl <<'END'
module Demo
using Dep
const compiled_in = @__DIR__
include("greet.jl")
end
END
        echo 'greet() = "Hello from Demo and $(Dep.name)"' >Demo/src/greet.jl
        git init --quiet
        git add .
        GIT_COMMITTER_DATE='2026-01-02T03:04:05Z' git -c user.name=test -c user.email=test@example.org commit --quiet \
            --date 2026-01-02T03:04:05Z -m 'a project'
    )
}

# build_directory NAME: $dir/NAME with a fresh checkout of the project, and the static program.
build_directory()
{
    mkdir "$dir/$1"
    git clone --quiet "$dir/origin" "$dir/$1/project"
    "$examples/commit-times.sh" "$dir/$1/project"
    cp "$SFS_STATIC" "$dir/$1/stablefs-static"
}

# cache_with_dep DIR: a depot that has the sources of Dep, as Pkg would have fetched them: with times of whole seconds.
# Programs that make images round times, and Julia before 1.9 takes those only that were rounded down.
dep_slug=6LPBp # Base.version_slug(its uuid, its git-tree-sha1)
cache_with_dep()
{
    mkdir -p "$1/packages/Dep/$dep_slug/src"
    cat >"$1/packages/Dep/$dep_slug/Project.toml" <<'END'
name = "Dep"
uuid = "5f0d4c1e-6b7a-4c39-9a57-0c9f2f7b6a11"
version = "0.3.0"
END
    cat >"$1/packages/Dep/$dep_slug/src/Dep.jl" <<'END'
module Dep
const name = "Dep"
const compiled_in = @__DIR__
end
END
    find "$1/packages/Dep/$dep_slug" -exec touch -d '2026-01-01T00:00:00Z' {} +
}

# compiled LOG PACKAGE...: exactly these were compiled, by what Julia said with JULIA_DEBUG=loading.
compiled()
{
    compiled_log=$1
    shift
    eq "$(sed -n 's/.*Precompiling \([A-Za-z]*\) .*/\1/p' "$dir/log/$compiled_log" | sort -u | xargs)" "$*" \
        "$compiled_log: what was compiled"
    [ $# != 0 ] || says_not "$compiled_log" 'Rejecting|Warning: '
}

# command_in FILE START: the command that the text FILE shows, indented, from the line that begins with START to the one
# without a backslash at its end.
command_in()
{
    awk -v start="$2" '
        { sub(/^# ?/, "") }
        /^    / && (on || index($0, "    " start) == 1) { on = /\\$/; print; if (!on) exit }' "$1"
}

# The code that says where Demo and Dep are, and where they were compiled.
# shellcheck disable=SC2034 # used by the cases; SC2016: the $ is Julia's
# shellcheck disable=SC2016
look='using Demo
    println(Demo.greet())
    println("compiled in ", Demo.compiled_in, " and ", Demo.Dep.compiled_in)
    println("loaded from ", pathof(Demo))'

# whole_cache DEPOT: every file below "compiled" is a cache file with a right checksum, and there is one for each package.
whole_cache()
{
    python3 "$SFS_SOURCE/tests/containers/cache_files.py" "$1/compiled/v1.5" Demo Dep ||
        fail "the cache is not whole (above)"
}
