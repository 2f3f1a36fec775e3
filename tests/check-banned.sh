#!/bin/sh
# SPDX-License-Identifier: MIT
# Functions that cannot be used safely, or not in a program of several threads.
set -u
here=$(cd "$(dirname "$0")" && pwd)
cd "${srcdir:-$here/..}" || exit 99

# FUNCTION USE-INSTEAD
banned='
strcpy   memcpy or struct sfs_strbuf
strcat   struct sfs_strbuf
strncpy  memcpy
strncat  struct sfs_strbuf
sprintf  snprintf or sfs_strbuf_addf
vsprintf vsnprintf
strtok   strtok_r or strchr
gets     getline
alloca   malloc
atoi     strtol
atol     strtol
atoll    strtoll
mktemp   mkstemp
tmpnam   mkstemp
tempnam  mkstemp
asctime  strftime
ctime    strftime
gmtime   gmtime_r
localtime localtime_r
rand     getrandom
readdir_r readdir
'
found=$(
    find src -name '*.[ch]' | LC_ALL=C sort | xargs awk -f "$here/strip-c.awk" | awk -v banned="$banned" '
        BEGIN {
            lines = split(banned, line, "\n")
            for (i = 1; i <= lines; i++)
                if (split(line[i], word, " ") > 1)
                    instead[word[1]] = substr(line[i], length(word[1]) + 1)
        }
        {
            rest = $0
            while (match(rest, /[A-Za-z_][A-Za-z0-9_]*[ ]?\(/)) {
                name = substr(rest, RSTART, RLENGTH - 1)
                sub(/ $/, "", name)
                if (name in instead)
                    {
                    use = instead[name]
                    sub(/^ */, "", use)
                    print $1 " " name "() is banned; use " use
                }
                rest = substr(rest, RSTART + RLENGTH)
            }
        }'
)
[ -z "$found" ] && exit 0
printf '%s\n' "$found"
exit 1
