# SPDX-License-Identifier: MIT
"""Samples to medians, ratios, goals and tables for a person."""

import statistics

from variants import BASE

NOISY = 0.2  # the middle half of the samples is wider than this part of the median

RO = ("ro immutable/3.18", "ro immutable")
RW = ("rw ttl:60/3.18", "rw ttl:60")
PASSTHROUGH = ("rw ttl:60/3.18", "rw coherent/3.18")
WARM = tuple(("third", workload) for workload in ("walk", "stat", "read", "missing", "open"))
MANY = tuple(("once", workload) for workload in ("untar", "create-1", "rename-1", "rm-rf"))
LARGE = (("second", "seqread"), ("second", "randread"), ("second", "mmapread"), ("once", "seqwrite"),
         ("once", "overwrite"), ("once", "randwrite"))
BEST_PEER = "best peer"

# What stablefs is to reach: title, the workloads with their passes, the variants it is for, against whom, at most how
# many times as long.  Every workload must reach it; the table shows the worst.
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
)
MEMORY_BASE = 4 * 1000 * 1000
MEMORY_PER_FILE = 200


def summarize(samples, variants):
    """
    A list of {"pass", "workload", "variant", "median_us", "min_us", "max_us", "low_us", "high_us", "spread", "ratio",
    ...}: microseconds per operation; low and high enclose the middle half; ratio is to the base.
    """
    groups = {}
    for sample in samples:
        groups.setdefault((sample["pass"], sample["workload"], sample["variant"]), []).append(sample)
    rows = {key: _summary(key, group) for key, group in groups.items()}
    families = {item.name: item.family for item in variants}
    for (step, workload, variant), row in rows.items():
        base = rows.get((step, workload, BASE))
        row["family"] = families.get(variant, "kernel")
        row["ratio"] = row["median_us"] / base["median_us"] if base else None
        row["ratio_of_min"] = row["min_us"] / base["min_us"] if base else None
    return list(rows.values())


def _summary(key, group):
    times = sorted(sample["ns"] / sample["ops"] / 1000 for sample in group)
    quarter = len(times) // 4
    median = statistics.median(times)
    ops = sum(sample["ops"] for sample in group)
    spent = sum(sample["ns"] for sample in group)
    kinds = sorted({kind for sample in group for kind in sample["requests"]})
    return {
        "pass": key[0], "workload": key[1], "variant": key[2], "samples": len(times), "median_us": median,
        "min_us": times[0], "max_us": times[-1], "low_us": times[quarter], "high_us": times[-1 - quarter],
        "spread": (times[-1 - quarter] - times[quarter]) / median, "ops": ops / len(group),
        "bytes_per_us": sum(sample["bytes"] for sample in group) / ops / median if spent else None,
        "requests_per_op": {kind: sum(sample["requests"].get(kind, 0) for sample in group) / ops for kind in kinds},
    }


def _reference(found, step, workload, against):
    """The summary that a goal compares with, None when it was not measured."""
    if against != BEST_PEER:
        return found.get((step, workload, against))
    peers = [row for (other, name, _), row in found.items()
             if (other, name) == (step, workload) and row["family"] == "peer"]
    return min(peers, key=lambda row: row["median_us"], default=None)


def judge(summary):
    """The goals with what was measured: {"title", "limit", "against", "variant", "ratio", "worst", "ok", "parts"}."""
    found = {(row["pass"], row["workload"], row["variant"]): row for row in summary}
    result = []
    for title, parts, variants, against, limit in GOALS:
        for variant in variants:
            ratios = []
            for step, workload in parts:
                row, reference = found.get((step, workload, variant)), _reference(found, step, workload, against)
                if row and reference:
                    ratios.append((row["median_us"] / reference["median_us"], workload, reference["variant"]))
            if ratios:
                ratio, worst, other = max(ratios)
                result.append({"title": title, "limit": limit, "against": against, "variant": variant,
                               "ratio": ratio, "worst": worst, "other": other, "ok": ratio <= limit,
                               "measured": len(ratios), "of": len(parts),
                               "parts": {workload: value for value, workload, _ in ratios}})
    return result


def goal_table(verdicts, workloads):
    grid = [["goal", "variant", "against", "at most", "measured", "", "worst"]]
    for row in verdicts:
        part = "" if row["measured"] == row["of"] else " (%d of %d measured)" % (row["measured"], row["of"])
        grid.append([row["title"], row["variant"], row["other"], "%.2fx" % row["limit"], "%.2fx" % row["ratio"],
                     "reached" if row["ok"] else "OVER", workloads[row["worst"]].title + part])
    if len(grid) > 1:
        yield from _grid(grid)


def _grid(rows):
    """Rows of cells as lines, columns aligned; the first column to the left, the others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        yield "  " + "   ".join(cells).rstrip()


def _cell(row, workload):
    if row is None:
        return "-"
    if row["variant"] == BASE or row["ratio"] is None:
        return workload.time(row)
    best = " (%.2f)" % row["ratio_of_min"] if row["spread"] > NOISY else ""
    return "%.2fx%s" % (row["ratio"], best)


def table(summary, workloads, variants):
    """
    One line for each workload and pass, one column for each variant: the base's time, and how many times that the others
    take.
    """
    found = {(row["pass"], row["workload"], row["variant"]): row for row in summary}
    columns = [name for name in variants if any(key[2] == name for key in found)]
    grid = [["workload", "pass"] + columns]
    for name, workload in workloads.items():
        for step in sorted({key[0] for key in found if key[1] == name}, key=step_order):
            grid.append([workload.title, step] + [_cell(found.get((step, name, column)), workload)
                                                  for column in columns])
    if len(grid) > 1:
        yield from _grid(grid)


def step_order(step):
    """Passes in the order in which they happen."""
    order = ("cold", "first", "second", "third", "once")
    return (order.index(step) if step in order else len(order), len(step), step)


def requests_table(summary, workloads, variants):
    """What arrived at the daemon per operation: the reason of most ratios."""
    for name, workload in workloads.items():
        for row in summary:
            if row["workload"] == name and row["variant"] in variants and row["requests_per_op"]:
                kinds = sorted(row["requests_per_op"].items(), key=lambda item: -item[1])
                whole = workload.unit == "whole"
                text = "  ".join("%s %s" % (kind, "%.0f" % count if whole else "%.3f" % count)
                                 for kind, count in kinds if whole or count >= 0.001)
                if text:
                    yield "  %-8s %-12s %-21s %s" % (row["pass"], name, row["variant"], text)


def memory_rows(memory):
    """One row per variant, the largest of its rounds."""
    rows = {}
    for sample in memory:
        if sample["variant"] not in rows or sample["rss"] > rows[sample["variant"]]["rss"]:
            rows[sample["variant"]] = sample
    result = []
    for sample in rows.values():
        nodes = sample["nodes"]
        goal = MEMORY_BASE + MEMORY_PER_FILE * nodes
        result.append(dict(sample, goal=goal, ok=sample["rss"] <= goal,
                           bytes_per_file=(sample["rss"] - MEMORY_BASE) / nodes if nodes else None,
                           grown_per_file=(sample["rss"] - sample["fresh"]["rss"]) / nodes if nodes else None))
    return result


def memory_table(rows):
    if not rows:
        return
    grid = [["variant", "known files", "rss", "of it own", "peak", "before", "goal", "", "over 8 MB, per file",
             "grown per file"]]
    for row in rows:
        grid.append([row["variant"], "%d" % row["nodes"]]
                    + ["%.1f MB" % (row[key] / 1e6) for key in ("rss", "anon", "peak")]
                    + ["%.1f MB" % (row["fresh"]["rss"] / 1e6), "%.1f MB" % (row["goal"] / 1e6),
                       "ok" if row["ok"] else "OVER"]
                    + ["%.0f B" % row[key] if row[key] is not None else "-"
                       for key in ("bytes_per_file", "grown_per_file")])
    yield from _grid(grid)
