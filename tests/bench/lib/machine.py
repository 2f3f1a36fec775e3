# SPDX-License-Identifier: MIT
"""What a reader must know about the machine before believing a number."""

import os
import re
import resource
import shutil
import subprocess


def output_of(*command):
    """Standard output of a command, "" when it is missing or fails."""
    try:
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    except OSError:
        return ""
    return result.stdout.strip() if result.returncode == 0 else ""


def _first_match(path, pattern):
    try:
        with open(path, encoding="utf-8") as file:
            match = re.search(pattern, file.read(), re.MULTILINE)
    except OSError:
        return ""
    return match.group(1).strip() if match else ""


def libfuse_of(program):
    """The libfuse3 that the program is linked with, e.g. "3.14.0 (/lib/x86_64-linux-gnu/libfuse3.so.3)"."""
    match = re.search(r"libfuse3\.so\S*\s+=>\s+(\S+)", output_of("ldd", program))
    if not match:
        return "not dynamically linked"
    version = re.search(r"\.so\.(.+)$", os.path.realpath(match.group(1)))
    return "%s (%s)" % (version.group(1) if version else "?", match.group(1))


def filesystem_of(path):
    """Type and device below a path, e.g. "ext4 on /dev/vda"."""
    found = output_of("findmnt", "-n", "-o", "FSTYPE,SOURCE", "-T", path).split()
    return "%s on %s" % (found[0], found[1]) if len(found) >= 2 else "unknown"


def describe(program, tree):
    try:
        with open("/sys/module/fuse/parameters/enable_uring", encoding="utf-8") as file:
            uring = file.read().strip()
    except OSError:
        uring = "not there"
    return {
        "processor": _first_match("/proc/cpuinfo", r"^model name\s*:\s*(.*)$"),
        "cores": len(os.sched_getaffinity(0)),
        "memory_mib": int(_first_match("/proc/meminfo", r"^MemTotal:\s*(\d+)") or 0) // 1024,
        "kernel": os.uname().release,
        "fuse_io_uring": uring,
        "libfuse": libfuse_of(program),
        "stablefs": (output_of(program, "--version").splitlines() or ["unknown"])[0],
        "disk": filesystem_of(tree),
        "descriptors": resource.getrlimit(resource.RLIMIT_NOFILE)[1],
        "git": output_of("git", "--version"),
        "compiler": (output_of(os.environ.get("CC", "cc"), "--version").splitlines() or ["none"])[0],
        "load_before": os.getloadavg()[0],
    }


def lines(machine):
    """The description for a person."""
    yield "machine   %s, %d cores, %d MiB, Linux %s" % (
        machine["processor"] or "unknown processor", machine["cores"], machine["memory_mib"], machine["kernel"])
    yield "program   %s, libfuse %s, fuse io_uring: %s" % (
        machine["stablefs"], machine["libfuse"], machine["fuse_io_uring"])
    yield "sources   tmpfs; of cold and disk workloads: %s" % machine["disk"]
    yield "limit     %d descriptors for a process" % machine["descriptors"]
    if machine["load_before"] > 0.5:
        yield "warning   the machine is busy with other things (load %.1f): look at the spread" % machine["load_before"]


def missing_tools(names):
    return [name for name in names if not shutil.which(name)]
