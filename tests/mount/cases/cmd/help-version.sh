#!/bin/bash
# SPDX-License-Identifier: MIT
# --help and --version of the program and of each command: to standard output, with 0; usage errors: 2.
. "$SFS_LIB/lib.sh"
for command in "" mount umount status resolve check; do
    # shellcheck disable=SC2086
    status 0 stablefs $command --help; matches "$(out)" "[Uu]sage: *stablefs"; equal "$(err)" ""
    # shellcheck disable=SC2086
    status 0 stablefs $command --version; matches "$(out)" "stablefs [0-9]"; equal "$(err)" ""
    # shellcheck disable=SC2086
    status 2 stablefs $command --no-such-option; matches "$(err)" "^stablefs: .*no-such-option"
done
status 2 stablefs; matches "$(err)" "(usage|Usage|--help)"
status 2 stablefs nonsense; one_error; matches "$(err)" "nonsense"
status 2 stablefs mounts a b; matches "$(err)" "mount"
status 2 stablefs mount "$SRC"; status 2 stablefs mount a b c; status 2 stablefs umount; status 2 stablefs resolve
status 2 stablefs mount -c; status 2 stablefs mount -o
status 2 stablefs mount -o nosuchoption "$SRC" "$MNT"; matches "$(err)" "nosuchoption"
status 2 stablefs mount -o cache=sometimes "$SRC" "$MNT"; matches "$(err)" "sometimes"
status 2 stablefs mount "$SRC/none" "$MNT"; matches "$(err)" "$SRC/none"
touch "$SRC/file"; code=0; stablefs mount "$SRC/file" "$MNT" 2>"$TMP/err" || code=$?; [ $code = 1 ] || [ $code = 2 ] || fail "a file as source: $code"
matches "$(err)" "directory"
! mounted "$MNT" || fail "mounted"
# options are not abbreviated: what unmounts everything has to be written out
status 2 stablefs umount --al; matches "$(err)" "did you mean --all"
status 2 stablefs umount --laz "$MNT"; matches "$(err)" "did you mean --lazy"
status 2 stablefs check --conf=x
# Output that cannot be written is an error
if [ -w /dev/full ]; then ! "$STABLEFS" --help >/dev/full 2>"$TMP/err" || fail "a full disk goes unnoticed"; fi
