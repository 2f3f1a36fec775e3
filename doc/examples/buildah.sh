#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The image of the Dockerfile beside this file, made by a script.  No layer of any image ever has stablefs in it.
#
#     buildah.sh JOB CACHE IMAGE
#
#     JOB     where this build has its files inside the container: any path
#     CACHE   the directory that all builds share, here outside
#     IMAGE   the name of the image to make
#
# Two things are in the working directory: the project, as "project", and the static program, as "stablefs-static".
set -eu
job=$1 cache=$2 image=$3
base=${BASE:-julia}

build=$(buildah from --device /dev/fuse --cap-add SYS_ADMIN "$base")
trap 'buildah rm "$build" >/dev/null' EXIT
trap 'exit 1' HUP INT TERM
buildah copy --quiet "$build" project "$job/project"
buildah config --workingdir "$job/project" --env JULIA_DEPOT_PATH=/depot-stable --env JULIA_PROJECT=/project \
    --env JULIA_DEBUG="${JULIA_DEBUG:-}" "$build"

# The lock: Julia before 1.10 does not keep two builds from replacing each other's files.
buildah run --runtime runc --network host --volume "$PWD/stablefs-static:/usr/bin/stablefs:ro" \
    --volume "$cache:$job/.julia" "$build" -- \
    stablefs run --map /project=. --map /depot-stable=../.julia -- \
    flock /depot-stable/.lock sh -c \
    'julia -e "using Pkg; Pkg.instantiate(); using Demo" && cp -a /depot-stable /image-depot'

final=$(buildah from "$base")
trap 'buildah rm "$build" "$final" >/dev/null' EXIT
buildah copy --quiet --from "$build" "$final" "$job/project" /project
buildah copy --quiet --from "$build" "$final" /image-depot /depot-stable
buildah config --workingdir /project --env JULIA_DEPOT_PATH=/depot-stable --env JULIA_PROJECT=/project \
    --cmd '["julia", "-e", "using Demo; println(Demo.greet())"]' "$final"
buildah commit --quiet "$final" "$image"
