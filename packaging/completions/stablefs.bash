# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Completion of stablefs(1) for bash.  It needs nothing of bash-completion, and uses its words for the command of "run".

# The paths at which maps of stablefs are mounted.
_stablefs_paths()
{
    local fields
    while read -ra fields; do
        # the type is behind the "-" that follows a number of optional fields
        [[ " ${fields[*]:6} " == *" - fuse.stablefs "* ]] && printf '%b\n' "${fields[4]//\\/\\0}"
    done </proc/self/mountinfo
}

# The names of running instances, from their sockets.
_stablefs_instances()
{
    local socket
    for socket in /run/stablefs/*.sock "${XDG_RUNTIME_DIR:-/tmp/stablefs-$UID}"{,/stablefs}/*.sock; do
        [[ -S $socket ]] || continue
        socket=${socket##*/}
        printf '%s\n' "${socket%.*.sock}"
    done
}

# Offer those of the lines of standard input that begin with the first argument, each with the second before it.
_stablefs_offer() # WORD PREFIX
{
    local line
    while read -r line; do
        [[ $line != "$1"* ]] || COMPREPLY+=("$2$line")
    done
}

_stablefs_words() # WORD PREFIX CHOICE...
{
    local word=$1 prefix=$2
    shift 2
    _stablefs_offer "$word" "$prefix" < <(printf '%s\n' "$@")
}

_stablefs_files() # WORD PREFIX [compgen's action]
{
    compopt -o filenames 2>/dev/null
    _stablefs_offer '' "$2" < <(compgen "${3:--f}" -- "$1")
}

# A list of mount options, of which the last is completed.
_stablefs_options() # WORD PREFIX
{
    local word=${1##*,} prefix=$2
    [[ $1 != *,* ]] || prefix+=${1%,*},
    case $word in
    mode=*) _stablefs_words "${word#*=}" "$prefix${word%%=*}=" ro rw ;;
    cache=*) _stablefs_words "${word#*=}" "$prefix${word%%=*}=" immutable coherent ttl: none ;;
    io=*) _stablefs_words "${word#*=}" "$prefix${word%%=*}=" auto cached passthrough direct ;;
    writers=*) _stablefs_words "${word#*=}" "$prefix${word%%=*}=" shared exclusive ;;
    io_uring=*) _stablefs_words "${word#*=}" "$prefix${word%%=*}=" auto on off ;;
    statahead=*) _stablefs_words "${word#*=}" "$prefix${word%%=*}=" on off ;;
    *)
        _stablefs_words "$word" "$prefix" ro rw mode= cache= io= writers= io_uring= statahead= suid nosuid dev nodev exec noexec atime noatime \
            strictatime sync async dirsync allow_other noallow_other
        ;;
    esac
}

# PATH=SOURCE[,OPTION...]
_stablefs_map() # WORD
{
    local word=$1
    if [[ $word != *=* ]]; then
        compopt -o nospace 2>/dev/null
        _stablefs_files "$word" '' -d
    elif [[ ${word#*=} == *,* ]]; then
        local options=${word#*=}
        options=${options#*,}
        _stablefs_options "$options" "${word%"$options"}"
    else
        compopt -o nospace 2>/dev/null
        _stablefs_files "${word#*=}" "${word%%=*}=" -d
    fi
}

_stablefs()
{
    # The words as they were typed: readline has split them at = and : as well.
    local words=() starts=() line=${COMP_LINE:0:COMP_POINT} raw i
    for ((i = 0; i <= COMP_CWORD; i++)); do
        raw=${COMP_WORDS[i]}
        if [[ $i == 0 || $line == [[:space:]]* ]]; then
            line=${line#"${line%%[![:space:]]*}"}
            words+=("$raw")
            starts+=("$i")
        else
            words[${#words[@]} - 1]+=$raw
        fi
        line=${line#"$raw"}
    done
    local last=$((${#words[@]} - 1))
    local current=${words[last]} command=${words[1]:-} previous=${words[last - 1]}
    local general='--help --version --verbose --quiet -h -V -v -q' own='' operands=()
    COMPREPLY=()

    if [[ $last == 1 ]]; then
        _stablefs_words "$current" '' run mount umount status resolve check doctor help --help --version
        return
    fi
    case $command in
    run) own='--config -c --map --cwd --setenv --env --print-env --fallback' ;;
    mount) own='--config -c --foreground -f --options -o --into' ;;
    umount) own='--config -c --all --lazy --into' ;;
    status | resolve | doctor) own='--json' ;;
    check) own='--config -c --print' ;;
    help)
        _stablefs_words "$current" '' run mount umount status resolve check doctor
        return
        ;;
    *) return ;;
    esac

    # What is before the word: operands, and "--", behind which there are no options.
    local end=no
    for ((i = 2; i < last; i++)); do
        if [[ $end == no && ${words[i]} == -- ]]; then
            end=yes
        elif [[ $end == no && ${words[i]} == -?* ]]; then
            case $command:${words[i]} in
            *:-c | *:--config | run:--map | run:--cwd | run:--setenv | run:--env | run:--fallback | mount:-o | mount:--options | \
                *:--into)
                i=$((i + 1))
                ;;
            esac
        else
            operands+=("$i")
            [[ $command != run ]] || end=yes
        fi
    done
    # The value of an option is no operand, though it may be the word that is being typed.
    local value=no
    [[ $i -le $last || $end == yes ]] || value=yes

    if [[ $command == run && $value == no ]] && { [[ $end == yes || $current != -* ]]; }; then
        local first=$last
        [[ ${#operands[@]} == 0 ]] || first=${operands[0]}
        if declare -F _command_offset >/dev/null; then
            _command_offset "${starts[first]}"
        elif [[ $first == "$last" && $current != */* ]]; then
            _stablefs_offer '' '' < <(compgen -c -- "$current" | sort -u)
        else
            _stablefs_files "$current" ''
        fi
        return
    fi

    local option='' rest=$current
    if [[ $value == yes ]]; then
        option=$previous
    elif [[ $end == no && $current == --*=* ]]; then
        option=${current%%=*}
        rest=${current#*=}
    fi
    local before=${current%"$rest"}
    case $option in
    -c | --config) _stablefs_files "$rest" "$before" ;;
    --cwd) _stablefs_files "$rest" "$before" -d ;;
    --env) _stablefs_words "$rest" "$before" julia ;;
    --fallback) _stablefs_words "$rest" "$before" bind ;;
    --map) [[ -n $before ]] || _stablefs_map "$rest" ;;
    --options | -o) _stablefs_options "$rest" "$before" ;;
    --setenv)
        compopt -o nospace 2>/dev/null
        [[ $rest == *=* ]] || _stablefs_offer '' "$before" < <(compgen -v -S = -- "$rest")
        ;;
    '')
        # shellcheck disable=SC2086 # lists of words
        if [[ $end == no && $current == -* ]]; then
            _stablefs_words "$current" '' $own $general
        elif [[ $command == mount ]]; then
            [[ ${#operands[@]} -gt 1 ]] || _stablefs_files "$current" '' -d
        elif [[ $command == umount ]]; then
            compopt -o filenames 2>/dev/null
            _stablefs_offer "$current" '' < <(_stablefs_paths)
        elif [[ $command == status ]]; then
            [[ ${#operands[@]} -gt 0 ]] || _stablefs_offer "$current" '' < <(_stablefs_paths && _stablefs_instances)
        elif [[ $command == resolve ]]; then
            _stablefs_files "$current" ''
        fi
        ;;
    esac

    [[ ${#COMPREPLY[@]} != 1 || ${COMPREPLY[0]} != *[=:] ]] || compopt -o nospace 2>/dev/null
    # readline replaces only what is behind the last = or :
    raw=${COMP_WORDS[COMP_CWORD]}
    [[ $raw != [=:]* ]] || raw=''
    local before_raw=${current%"$raw"}
    [[ $raw != "$current" ]] || before_raw=''
    COMPREPLY=("${COMPREPLY[@]#"$before_raw"}")
}

complete -F _stablefs stablefs
