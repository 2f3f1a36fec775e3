# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# What a container runtime shows with a map from outside; the cases sandbox-runc and sandbox-crun read it after sandbox.sh.

# oci WHO WHAT WANTED OPERANDS...: what the probe prints in a container that WHO runs.  $runtime_cmd is the runtime.
oci()
{
    who=$1 what=$2 wanted=$3
    shift 3
    rm -rf "$home/src/new" "$dir/$who-bundle"
    mkdir "$dir/$who-bundle"
    if [ "$who" = ada ]; then
        chown $ada:$ada "$dir/ada-bundle"
        run='as ada'
    else
        run="env RUN_AS=$ada:$ada"
    fi
    $run "$examples/oci-bundle.sh" "$dir/$who-bundle" "$image" "$@" -- sh -c "$probe" ||
        fail "$what: no bundle"
    # shellcheck disable=SC2086 # a runtime with its options
    got=$($run $runtime_cmd --root "$runtime/oci-$who" run --bundle "$dir/$who-bundle" "${dir##*/}" 2>&1) || :
    eq "$got" "$wanted" "$what"
}

# oci_maps: a map of the same user, and of root; with a user namespace, and without.
oci_maps()
{
    map=$home/stable/depot image=$dir/image
    small_image "$image"

    as ada stablefs mount "$home/src" "$map"
    oci ada "own map" "$(probe_wanted 0:0 0:0)" "/depot-stable=$map"
    eq "$(stat -c %u:%g "$home/src/new")" $ada:$ada "owner of what the container has made"
    oci ada "own map, read-only" "$(probe_wanted 0:0 0:0 ro)" "/depot-stable=$map,ro"
    as ada stablefs umount "$map"

    stablefs mount "$home/src" "$map"
    oci ada "root's map, a container of ada" "$(probe_wanted 0:0 0:0)" "/depot-stable=$map"
    eq "$(stat -c %u:%g "$home/src/new")" $ada:$ada "owner of what ada's container has made on root's map"
    oci root "root's map, a container of root" "$(probe_wanted $ada:$ada $ada:$ada)" "/depot-stable=$map"
    eq "$(stat -c %u:%g "$home/src/new")" $ada:$ada "owner of what root's container has made on root's map"
    oci root "root's map, a container of root, read-only" "$(probe_wanted $ada:$ada $ada:$ada ro)" "/depot-stable=$map,ro"
    stablefs umount "$map"
    wait_for_nothing
}
