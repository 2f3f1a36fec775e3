# SPDX-License-Identifier: MIT
"""
The goals: what stablefs is to reach, as data, and whether it does.  A verdict is {"title", "variant", "against",
"limit", "value", "unit", "ok", "detail", "parts"}; value is the worst of the goal's parts.
"""

from variants import BASE

RO = ("ro immutable/3.18", "ro immutable")
RW = ("rw ttl:60/3.18", "rw ttl:60")
EXCLUSIVE = ("rw exclusive uring", "rw exclusive/3.18", "rw exclusive")
PASSTHROUGH = ("rw ttl:60/3.18", "rw coherent/3.18")
WARM = tuple(("third", workload) for workload in ("walk", "stat", "read", "missing", "open"))
MANY = tuple(("once", workload) for workload in ("untar", "create-1", "rename-1", "rm-rf"))
LARGE = (("second", "seqread"), ("second", "randread"), ("second", "mmapread"), ("once", "seqwrite"),
         ("once", "overwrite"), ("once", "randwrite"))
BEST_PEER = "best peer"

# Title, the workloads with their passes, the variants it is for, against whom, at most how many times as long.  Every
# workload must reach it.
GOALS = (
    ("read-only, warm: walk, stat, read all, missing", WARM[:4], RO, BASE, 1.10),
    ("read-only, warm: open+close", WARM[4:], RO, BASE, 1.7),
    ("read-only, warm: all", WARM, RO, "overlayfs", 1.0),
    ("read-only, cold: walk, read all", (("cold", "cold-walk"), ("cold", "cold-read")), RO, BASE, 2.5),
    ("read-only, cold: walk, read all", (("cold", "cold-walk"), ("cold", "cold-read")), RO, BEST_PEER, 0.5),
    ("writable: large files, mmap", LARGE, PASSTHROUGH, BASE, 1.05),
    ("writable, ttl:60: make, git status, Python, Julia",
     (("once", "make"), ("second", "git-status"), ("second", "python"), ("second", "julia")), RW, BASE, 1.10),
    ("writable: 4 KiB writes", (("once", "write4k"),), RW, BASE, 1.2),
    ("writable: untar, create, rename, rm -rf", MANY, RW, "passthrough_hp", 0.5),
    ("writable: untar, create, rename, rm -rf", MANY, RW, "bindfs", 0.2),
    ("exclusive: untar, create, rename, rm -rf", MANY, EXCLUSIVE, "passthrough_hp", 0.35),
    ("exclusive: untar, create, rename, rm -rf", MANY, EXCLUSIVE, "fuse-overlayfs", 0.35),
)

MEMORY_BASE = 4 * 1000 * 1000
EVERY = RO + RW + ("rw coherent/3.18", "rw coherent")

# The same for what is no comparison of times: title, the function below that finds the value of a variant, the variants,
# at most how much, the unit.
LIMITS = (
    ("daemon memory over 4 MB, per known file", "memory_per_file", EVERY, 200, "B"),
    ("many mounts of one source, all read: extra page cache", "extra_copies", RO + ("ro passthrough/3.18",), 0.10,
     "copies"),
    ("mount to first answer", "mount_time", EVERY, 10, "ms"),
    ("unmount", "umount_time", EVERY, 10, "ms"),
    ("most files against 1 000: warm operation, beyond the bind mount's growth", "growth", RO + RW + EXCLUSIVE, 1.2, "x"),
)


def _reference(found, step, workload, against):
    """The summary that a goal compares with, None when it was not measured."""
    if against != BEST_PEER:
        return found.get((step, workload, against))
    peers = [row for (other, name, _), row in found.items()
             if (other, name) == (step, workload) and row["family"] == "peer"]
    return min(peers, key=lambda row: row["median_us"], default=None)


def _compare(found, goal):
    """The verdicts of one entry of GOALS."""
    title, parts, variants, against, limit = goal
    for variant in variants:
        ratios = []
        for step, workload in parts:
            row, reference = found.get((step, workload, variant)), _reference(found, step, workload, against)
            if row and reference:
                ratios.append((row["median_us"] / reference["median_us"], workload, reference["variant"]))
        if ratios:
            value, worst, other = max(ratios)
            lacks = "" if len(ratios) == len(parts) else " (%d of %d measured)" % (len(ratios), len(parts))
            yield {"title": title, "variant": variant, "against": other, "limit": limit, "value": value, "unit": "x",
                   "ok": value <= limit, "detail": worst + lacks,
                   "parts": {workload: ratio for ratio, workload, _ in ratios}}


def memory_per_file(found, values, variant):
    for row in values:
        if (row["measure"], row["variant"]) == ("memory", variant):
            yield (row["rss"] - MEMORY_BASE) / row["known"], "%.1f MB for %d files" % (row["rss"] / 1e6, row["known"])


def extra_copies(found, values, variant):
    for row in values:
        if (row["measure"], row["variant"]) == ("mounts", variant):
            yield row["value"] - 1, "%d mounts" % row["mounts"]


def _time_of(found, workload, variant):
    row = found.get(("once", workload, variant))
    if row:
        yield row["median_us"] / 1000, "median of %d" % row["samples"]


def mount_time(found, values, variant):
    return _time_of(found, "mount", variant)


def umount_time(found, values, variant):
    return _time_of(found, "umount", variant)


def growth(found, values, variant):
    """
    How much more an operation costs with most files than with fewest.  The processor's caches make it so for every
    filesystem: the base's own growth is taken out.
    """
    for workload in ("scale-walk", "scale-stat", "scale-open"):
        sizes = sorted((int(step.split()[0]), step) for step, name, other in found
                       if name == workload and other == variant)
        if len(sizes) > 1:
            small, large = sizes[0][1], sizes[-1][1]
            times = [found[step, workload, name]["median_us"] for name in (variant, BASE) for step in (large, small)]
            yield times[0] / times[1] / (times[2] / times[3]), "%s, %s" % (workload, large)


FINDERS = {function.__name__: function for function in (memory_per_file, extra_copies, mount_time, umount_time, growth)}


def judge(summary, values):
    """Everything that could be measured of the goals, in their order."""
    found = {(row["pass"], row["workload"], row["variant"]): row for row in summary}
    result = []
    for goal in GOALS:
        result.extend(_compare(found, goal))
    for title, finder, variants, limit, unit in LIMITS:
        for variant in variants:
            parts = list(FINDERS[finder](found, values, variant))
            if parts:
                value, detail = max(parts)
                result.append({"title": title, "variant": variant, "against": "", "limit": limit, "value": value,
                               "unit": unit, "ok": value <= limit, "detail": detail, "parts": {}})
    return result


def quantity(value, unit):
    """A value or limit of a verdict for a person."""
    if unit == "x":
        return "%.2fx" % value
    if unit == "copies":
        return "%.2f copies" % value
    return "%.*f %s" % (1 if unit == "ms" else 0, value, unit)
