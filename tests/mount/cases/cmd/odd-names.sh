#!/bin/bash
# SPDX-License-Identifier: MIT
# Blanks, quotes, UTF-8 and non-UTF-8 in source, path and file names; control characters are refused in words.
. "$SFS_LIB/lib.sh"
s="$SRC/so urce \"'\\ täst"; p="$MNT/pa th \"'\\ #täst"
mkdir "$s" "$p"
touch "$s/f"
stablefs mount "$s" "$p"
[ -e "$p/f" ] || fail "not mounted at an odd path"
touch "$p/a$NL"
touch "$p/"$'\xff\xfe'; [ -e "$s/"$'\xff\xfe' ]
status 0 stablefs resolve "$p/x"; equal "$(out)" "$s/x"
stablefs status >/dev/null; stablefs status --json | /usr/bin/python3 -c 'import json, sys; assert json.load(sys.stdin)["instances"]'
stablefs umount "$p"
[ ! -e "$p/f" ] || fail "still mounted"
bad="$MNT/"$'\xff'; mkdir "$bad"
if stablefs mount "$SRC" "$bad" 2>"$TMP/err"; then stablefs status --json | /usr/bin/python3 -c 'import json, sys; json.load(sys.stdin)'; stablefs umount "$bad"; else one_error; fi
mkdir "$SRC/a${NL}b"
status 2 stablefs mount "$SRC/a${NL}b" "$MNT"; one_error; matches "$(err)" "control character"
