#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The image of the Dockerfile beside this file, made by Docker.  The steps of "docker build" get neither /dev/fuse nor
# CAP_SYS_ADMIN, so "docker run" compiles, and "docker build" only copies.
#
#     docker.sh JOB CACHE IMAGE
#
#     JOB     where this build has its files inside the container: any path
#     CACHE   the directory that all builds share, here outside
#     IMAGE   the name of the image to make
#
# Two things are in the working directory: the project, as "project", and the static program, as "stablefs-static".
set -eu
job=$1 cache=$2 image=$3
base=${BASE:-julia}

rm -rf image-depot
mkdir image-depot
# The lock: Julia before 1.10 does not keep two builds from replacing each other's files.
docker run --rm --network "${NETWORK:-bridge}" --device /dev/fuse --cap-add SYS_ADMIN \
    --security-opt apparmor=unconfined \
    --volume "$PWD/stablefs-static:/usr/bin/stablefs:ro" --volume "$PWD/image-depot:/image-depot" \
    --volume "$PWD/project:$job/project" --volume "$cache:$job/.julia" --workdir "$job/project" \
    --env JULIA_DEPOT_PATH=/depot-stable --env JULIA_PROJECT=/project --env JULIA_DEBUG="${JULIA_DEBUG:-}" "$base" \
    stablefs run --map /project=. --map /depot-stable=../.julia -- \
    flock /depot-stable/.lock sh -c \
    'julia -e "using Pkg; Pkg.instantiate(); using Demo" && cp -a /depot-stable/. /image-depot'

docker build --tag "$image" --file - . <<END
FROM $base
COPY project /project
COPY image-depot /depot-stable
ENV JULIA_DEPOT_PATH=/depot-stable JULIA_PROJECT=/project
WORKDIR /project
CMD ["julia", "-e", "using Demo; println(Demo.greet())"]
END
