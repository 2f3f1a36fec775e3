# SPDX-License-Identifier: MIT
# Completion of stablefs(1) for fish.

function __stablefs_paths
    string replace -rf '^\S+ \S+ \S+ \S+ (\S+) .* - fuse\.stablefs .*' '$1' </proc/self/mountinfo |
        string unescape --style=script
end

function __stablefs_instances
    set -l sockets /run/stablefs/*.sock /tmp/stablefs-(id -u)/*.sock
    if set -q XDG_RUNTIME_DIR
        set -a sockets $XDG_RUNTIME_DIR/stablefs/*.sock
    end
    string replace -rf '.*/(.*)\.[0-9]+\.sock$' '$1' -- $sockets
end

# The list of mount options with each next one.
function __stablefs_options
    set -l done (string match -rg '^(.*,)' -- (commandline -ct))
    printf '%s\n' "$done"{ro,rw,mode={ro,rw},cache={immutable,coherent,ttl:,none},io={auto,cached,passthrough,direct},writers={shared,exclusive},io_uring={auto,on,off},statahead={on,off}}
    printf '%s\n' "$done"{no,}{suid,dev,exec,atime,allow_other} "$done"{strictatime,sync,async,dirsync}
end

function __stablefs_is
    __fish_seen_subcommand_from $argv
end

complete -c stablefs -f
complete -c stablefs -n __fish_use_subcommand -a run -d 'Run a command with maps that only it sees'
complete -c stablefs -n __fish_use_subcommand -a mount -d 'Mount stable paths'
complete -c stablefs -n __fish_use_subcommand -a umount -d 'Unmount them'
complete -c stablefs -n __fish_use_subcommand -a status -d 'Show what is mounted, and how it is served'
complete -c stablefs -n __fish_use_subcommand -a resolve -d 'Translate between stable and real paths'
complete -c stablefs -n __fish_use_subcommand -a check -d 'Check a config file'
complete -c stablefs -n __fish_use_subcommand -a doctor -d 'What this machine or container allows'
complete -c stablefs -n __fish_use_subcommand -a help -d 'Help for a command'
complete -c stablefs -n '__stablefs_is help' -a 'run mount umount status resolve check doctor'

complete -c stablefs -s h -l help -d 'Print a short help'
complete -c stablefs -s V -l version -d 'Print the version'
complete -c stablefs -s v -l verbose -d 'Say more'
complete -c stablefs -s q -l quiet -d 'Say less'
complete -c stablefs -n '__stablefs_is run mount umount check' -s c -l config -rF -d 'Config file'

complete -c stablefs -n '__stablefs_is run' -l map -xa '(__fish_complete_directories)' -d 'PATH=SOURCE[,OPTION…]'
complete -c stablefs -n '__stablefs_is run' -l cwd -xa '(__fish_complete_directories)' -d 'Where to start'
complete -c stablefs -n '__stablefs_is run' -l setenv -x -d 'NAME=VALUE'
complete -c stablefs -n '__stablefs_is run' -l env -xa julia -d 'Set what a tool needs'
complete -c stablefs -n '__stablefs_is run' -l print-env -d 'Print these variables, and run nothing'
complete -c stablefs -n '__stablefs_is run' -l fallback -xa bind -d 'Where FUSE cannot be mounted'
complete -c stablefs -n '__stablefs_is run' -xa '(__fish_complete_subcommand --fcs-skip=2)'

complete -c stablefs -n '__stablefs_is mount' -s f -l foreground -d 'Stay in the foreground'
complete -c stablefs -n '__stablefs_is mount' -s o -l options -xa '(__stablefs_options)' -d 'Options of the map'
complete -c stablefs -n '__stablefs_is mount' -a '(__fish_complete_directories)'

complete -c stablefs -n '__stablefs_is mount umount' -l into -xa '(__fish_complete_pids)' -d 'In a running container'
complete -c stablefs -n '__stablefs_is umount' -l all -d 'All maps'
complete -c stablefs -n '__stablefs_is umount' -l lazy -d 'Detach what is in use'
complete -c stablefs -n '__stablefs_is umount' -a '(__stablefs_paths)'

complete -c stablefs -n '__stablefs_is status resolve doctor' -l json -d 'Print a JSON object'
complete -c stablefs -n '__stablefs_is status' -a '(__stablefs_paths; __stablefs_instances)'
complete -c stablefs -n '__stablefs_is resolve' -F

complete -c stablefs -n '__stablefs_is check' -l print -d 'Print the config with all values filled in'
