#!/bin/sh
# SPDX-License-Identifier: MIT
# The rank rule (HACKING.md): a directory of src/ includes headers of its own rank and below only; FUSE is known in
# src/fuse alone, raw system calls in src/os alone.  Also the order of includes at the head of each C file.
set -u
here=$(cd "$(dirname "$0")" && pwd)
cd "${srcdir:-$here/..}/src" || exit 99
problems=$(mktemp) || exit 99
trap 'rm -f "$problems"' EXIT

find . -name '*.[ch]' | sed 's,^\./,,' | LC_ALL=C sort | xargs awk '
    BEGIN {
        split("base 0 os 1 conf 1 layer 2 view 3 fuse 4 daemon 5 cli 6", words, " ")
        for (i = 1; i in words; i += 2)
            rank[words[i]] = words[i + 1]
    }
    function complain(why) { print "src/" FILENAME ":" FNR ": " why }
    FNR == 1 {
        split(FILENAME, parts, "/")
        own = parts[1]
        if (!(own in rank))
            complain("no rank for directory " own)
        is_c = FILENAME ~ /\.c$/
        count = 0
        header = FILENAME
        sub(/\.c$/, ".h", header)
        if ($0 !~ /SPDX-License-Identifier: MIT/)
            complain("the first line does not name the licence")
    }
    /^[ \t]*#[ \t]*include[ \t]/ {
        count++
        name = $0
        sub(/^[^"<]*/, "", name)
        quoted = name ~ /^"/
        name = substr(name, 2)
        sub(/[">].*/, "", name)
        if (is_c && count == 1 && name != "config.h")
            complain("config.h must be the first include")
        if (is_c && count == 2 && name != header && (getline line < header) >= 0)
            complain("its own header " header " must be the second include")
        if (!is_c && name == "config.h")
            complain("a header must not include config.h")
        if (name ~ /^fuse/ && !quoted && own != "fuse")
            complain("<" name "> only in src/fuse")
        if (!quoted || name == "config.h")
            next
        if (split(name, parts, "/") < 2)
            complain("include \"" own "/" name "\" with its directory")
        else if (!(parts[1] in rank))
            complain("no rank for \"" name "\"")
        else if (rank[parts[1]] > rank[own])
            complain(own " (rank " rank[own] ") must not include " name " (rank " rank[parts[1]] ")")
        else if (own == "os" && parts[1] == "conf")
            complain("os must not include " name)
    }
' >"$problems"

find . -name '*.[ch]' ! -path './os/*' | sed 's,^\./,,' | LC_ALL=C sort |
    xargs awk -f "$here/strip-c.awk" 2>>"$problems" |
    grep -E '(^|[^A-Za-z0-9_>.])(syscall|mount|umount|umount2|setns|unshare|pivot_root|chroot|openat2)[ ]?\(' |
    sed 's,^,src/,; s,$,   <- only in src/os,' >>"$problems"

if [ -s "$problems" ]; then
    cat "$problems"
    exit 1
fi
