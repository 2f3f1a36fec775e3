# SPDX-License-Identifier: MIT
"""Samples to medians, ratios and a table for a person."""

import statistics

BASE = "bind"
IMMUTABLE = ("ro immutable",)
WRITABLE = ("rw ttl:60", "rw coherent")

# (pass, workload): (times the bind mount, which variants the goal is for)
GOALS = {
    ("cold", "walk"): (4.0, IMMUTABLE),
    ("third", "walk"): (1.25, IMMUTABLE),
    ("third", "stat"): (1.25, IMMUTABLE),
    ("third", "open"): (2.0, IMMUTABLE),
    ("third", "read"): (1.25, IMMUTABLE),
    ("third", "missing"): (1.25, IMMUTABLE),
    ("second", "git-status"): (1.5, WRITABLE),
    ("only", "make"): (1.5, WRITABLE),
}
MEMORY_BASE = 8 * 1000 * 1000
MEMORY_PER_FILE = 250

TITLES = {"walk": "walk (readdir, lstat)", "stat": "stat", "open": "open+close", "read": "read all",
          "missing": "missing file", "git-status": "git status", "make": "make -j2", "mount": "mount",
          "umount": "umount"}
NOISY = 0.2  # the middle half of the samples is wider than this part of the median


def pass_name(workload, step):
    if workload in ("make", "mount", "umount"):
        return "only"
    if workload == "git-status" and step == 2:
        return "second"
    return {1: "cold", 2: "second"}.get(step, "third")  # later ones are as warm as the third


def summarize(samples):
    """A list of {"pass", "workload", "variant", "median_us", "min_us", "spread", "ratio", "goal", "ok", ...}."""
    groups = {}
    for sample in samples:
        key = (pass_name(sample["workload"], sample["pass"]), sample["workload"], sample["variant"])
        groups.setdefault(key, []).append(sample)
    rows = {}
    for (step, workload, variant), group in groups.items():
        times = sorted(sample["ns"] / sample["ops"] / 1000 for sample in group)
        quarter = len(times) // 4
        median = statistics.median(times)
        ops = sum(sample["ops"] for sample in group)
        kinds = sorted({kind for sample in group for kind in sample["requests"]})
        rows[step, workload, variant] = {
            "pass": step, "workload": workload, "variant": variant, "samples": len(times), "median_us": median,
            "min_us": times[0], "max_us": times[-1], "spread": (times[-1 - quarter] - times[quarter]) / median,
            "requests_per_op": {kind: sum(sample["requests"].get(kind, 0) for sample in group) / ops
                                for kind in kinds},
        }
    for (step, workload, variant), row in rows.items():
        base = rows.get((step, workload, BASE))
        limit, judged = GOALS.get((step, workload), (None, ()))
        row["ratio"] = row["median_us"] / base["median_us"] if base else None
        row["ratio_of_min"] = row["min_us"] / base["min_us"] if base else None
        row["goal"] = limit if variant in judged else None
        row["ok"] = row["ratio"] <= limit if base and variant in judged else None
    return list(rows.values())


def _grid(rows):
    """Rows of cells as lines, columns aligned; the first column to the left, the others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        yield "  " + "   ".join(cells).rstrip()


def _time(row):
    if row["workload"] in ("git-status", "make", "mount", "umount"):
        return "%.0f ms" % (row["median_us"] / 1000)
    return "%.2f" % row["median_us"]


def _cell(row):
    if row is None:
        return "-"
    if row["variant"] == BASE or row["ratio"] is None:
        return _time(row)
    verdict = {None: "", True: " ok", False: " OVER"}[row["ok"]]
    best = " (%.2fx)" % row["ratio_of_min"] if row["spread"] > NOISY else ""
    return "%s  %.2fx%s%s" % (_time(row), row["ratio"], best, verdict)


def table(summary, step, workloads, variants):
    """Lines of one section, nothing when it has no samples."""
    found = {(row["workload"], row["variant"]): row for row in summary if row["pass"] == step}
    shown = [workload for workload in workloads if any(key[0] == workload for key in found)]
    if not shown:
        return
    columns = [name for name in variants if any(key[1] == name for key in found)]
    grid = [["workload"] + [name + (" (base)" if name == BASE else "") for name in columns] + ["goal"]]
    for workload in shown:
        limit = GOALS.get((step, workload), (None,))[0]
        grid.append([TITLES[workload]] + [_cell(found.get((workload, name))) for name in columns]
                    + ["<= %.2fx" % limit if limit else ""])
    yield from _grid(grid)


def requests_table(summary, variants):
    """What arrived at the daemon per operation: the reason of most ratios."""
    for row in summary:
        if row["variant"] in variants and row["requests_per_op"] and row["workload"] not in ("mount", "umount"):
            kinds = sorted(row["requests_per_op"].items(), key=lambda item: -item[1])
            whole = row["workload"] in ("git-status", "make")
            text = "  ".join("%s %s" % (kind, "%.0f" % count if whole else "%.3f" % count)
                             for kind, count in kinds if whole or count >= 0.001)
            if text:
                yield "  %-8s %-12s %-13s %s" % (row["pass"], row["workload"], row["variant"], text)


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
