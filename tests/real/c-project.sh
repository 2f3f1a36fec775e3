#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Fetch the source of zlib, a real C project with a configure script and tests of its own, from Debian's archive.
#
#     tests/real/c-project.sh DIR        afterwards: DIR/zlib.tar
#
# As libfuse318.sh does: the machine's own apt sources and lists are not touched.

set -eu
packaging=$(cd "$(dirname "$0")/../../packaging" && pwd)
# shellcheck source=packaging/lib.sh
. "$packaging/lib.sh"

case ${1:-} in
/*) dir=${1%/} ;;
'' | -*) say "usage: $0 DIR" >&2 && exit 2 ;;
*) dir=$(pwd)/${1%/} ;;
esac
if [ -s "$dir/zlib.tar" ]; then
    exit 0
fi
mkdir -p "$dir"
work=$(mktemp -d "$dir/new.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

keyring=/usr/share/keyrings/debian-archive-keyring.gpg
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-stable}")
mkdir -p "$work/lists/partial" "$work/archives/partial"
mirror=$(debian_mirror)
echo "deb-src [signed-by=$keyring] $mirror $codename main" >"$work/sources.list"
private_apt()
{
    apt-get -qq -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o Dir::State::Lists="$work/lists" -o Dir::Cache="$work" -o Dir::Cache::Archives="$work/archives" \
        -o APT::Sandbox::User=root -o APT::Update::Error-Mode=any "$@" </dev/null
}
private_apt update
cd "$work"
private_apt source --download-only zlib >/dev/null
tarball=$(find "$work" -maxdepth 1 -name 'zlib_*.orig.tar.*' ! -name '*.asc')
case $tarball in
*.gz) gzip -dc "$tarball" ;;
*.bz2) bzip2 -dc "$tarball" ;;
*.xz) xz -dc "$tarball" ;;
*) die "the source package of zlib is not as expected" ;;
esac >"$work/zlib.tar"
tar -tf "$work/zlib.tar" >"$work/names"
grep -q '/configure$' "$work/names" || die "the source package of zlib is not as expected: no configure script"
mv "$work/zlib.tar" "$dir/zlib.tar"
