#!/bin/bash
# SPDX-License-Identifier: MIT
# --setenv, and --env julia: the variables with real paths in them name stable ones; --print-env is text for a shell.
. "$SFS_LIB/lib.sh"
mkdir -p "$SRC/lib" "$HOME/.julia/dev" "$TMP/else" "$TMP/o'd d"
unset JULIA_DEPOT_PATH JULIA_LOAD_PATH JULIA_PROJECT
run() { stablefs run --map "$MNT=$SRC" --map "$TMP/depot=$HOME/.julia" "$@"; }
value() { local name=$1; shift; run "$@" -- sh -c 'if [ -n "${'"$name"'+x}" ]; then printf "<%s>" "$'"$name"'"; else printf unset; fi'; }
equal "$(value NEW --setenv NEW=value)" "<value>"
equal "$(NEW=old value NEW --setenv NEW=1 --setenv "NEW=a = 'b'")" "<a = 'b'>"
equal "$(NEW=old value NEW --setenv NEW=)" "<>"
equal "$(value PATH --setenv OTHER=x)" "<$PATH>"
equal "$(run --setenv PATH=/nowhere:/usr/bin -- env | grep -c ^PATH=/nowhere)" 1
# julia: what is not in a map stays, what is not set stays unset, but for the depot
J=JULIA_DEPOT_PATH
equal "$(value $J)" unset "without --env"
equal "$(value $J --env julia)" "<$TMP/depot:>" "the usual depot"
equal "$(JULIA_DEPOT_PATH=$TMP/else:$HOME/.julia/dev: value $J --env julia)" "<$TMP/else:$TMP/depot/dev:>"
equal "$(JULIA_DEPOT_PATH=:~/.julia value $J --env julia)" "<:$TMP/depot>"
equal "$(JULIA_DEPOT_PATH='~/.julia' value $J --env julia)" "<$TMP/depot>" "a tilde is Julia's to expand"
equal "$(JULIA_DEPOT_PATH=$TMP/else value $J --env julia)" "<$TMP/else>"
equal "$(JULIA_DEPOT_PATH='' value $J --env julia)" "<>"
equal "$(JULIA_DEPOT_PATH=$TMP/depot value $J --env julia)" "<$TMP/depot>" "stable already"
equal "$(JULIA_DEPOT_PATH=$HOME/.juliaX value $J --env julia)" "<$HOME/.juliaX>"
equal "$(value $J --env julia --setenv JULIA_DEPOT_PATH=mine)" "<mine>" "--setenv has the last word"
equal "$(stablefs run --map "$MNT=$SRC" --env julia -- sh -c 'echo ${JULIA_DEPOT_PATH-unset}')" unset "no map has the usual depot"
equal "$(value JULIA_LOAD_PATH --env julia)$(value JULIA_PROJECT --env julia)" unsetunset
equal "$(JULIA_LOAD_PATH="@:$SRC/lib:@v#.#:$SRC:" value JULIA_LOAD_PATH --env julia)" "<@:$MNT/lib:@v#.#:$MNT:>"
for project in @. "$TMP/else" ""; do equal "$(JULIA_PROJECT=$project value JULIA_PROJECT --env julia)" "<$project>"; done
equal "$(JULIA_PROJECT=$SRC/lib value JULIA_PROJECT --env julia)" "<$MNT/lib>"
ln -s "$SRC" "$TMP/link"; equal "$(JULIA_PROJECT=$TMP/link/lib value JULIA_PROJECT --env julia)" "<$MNT/lib>" "through a link"
# --print-env
text=$(run --env julia --setenv "ODD=it's \"\$HOME\" \`id\` \\ ${NL}two" --setenv E= --print-env)
equal "$(unset ODD E; eval "$text"; printf '%s|' "$ODD" "${E-unset}" "$JULIA_DEPOT_PATH"; export -p | grep -c -E ' (ODD|E|JULIA_DEPOT_PATH)=')" \
    "it's \"\$HOME\" \`id\` \\ ${NL}two||$TMP/depot:|3"
text=$(JULIA_PROJECT="$SRC/lib" stablefs run --map "$TMP/o'd d=$SRC" --env julia --print-env)
equal "$(eval "$text"; echo "$JULIA_PROJECT")" "$TMP/o'd d/lib"
equal "$(sh -c 'eval "$1"; echo "$JULIA_PROJECT"' sh "$text")" "$TMP/o'd d/lib"
equal "$(run --print-env)" ""
[ ! -e "$TMP/depot" ] || fail "a directory was left"
within 5 nothing_left
