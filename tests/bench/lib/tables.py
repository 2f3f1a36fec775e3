# SPDX-License-Identifier: MIT
"""What was measured, as tables on a terminal."""

from report import quantity
from summary import step_order
from variants import BASE

NOISY = 0.2  # the middle half of the samples is wider than this part of the median


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


def goal_table(verdicts, workloads):
    """One line for each goal and variant."""
    grid = [["goal", "variant", "against", "at most", "measured", "", "worst"]]
    for row in verdicts:
        grid.append([row["title"], row["variant"], row["against"], quantity(row["limit"], row["unit"]),
                     quantity(row["value"], row["unit"]), "reached" if row["ok"] else "OVER", row["detail"]])
    if len(grid) > 1:
        yield from _grid(grid)


def value_tables(values, workloads):
    """What is no time: memory and copies in the page cache."""
    memory = [row for row in values if row["measure"] == "memory"]
    if memory:
        grid = [["variant", "known files", "daemon", "of it own", "peak", "before", "grown per file"]]
        for row in memory:
            grid.append([row["variant"], "%d" % row["known"]]
                        + ["%.1f MB" % (row[key] / 1e6) for key in ("rss", "anon", "peak", "fresh")]
                        + ["%.0f B" % ((row["rss"] - row["fresh"]) / row["known"])])
        yield "\nmemory of the daemon, libraries and all, when every file is known"
        yield from _grid(grid)
    for measure in ("page-cache", "mounts"):
        found = [row for row in values if row["measure"] == measure]
        if found:
            yield "\npage cache: copies of the data in memory after it was read through %s" % (
                "one mount" if measure == "page-cache" else "%d mounts of one source" % found[0]["mounts"])
            yield from _grid([["variant", "copies"]] + [[row["variant"], "%.2f" % row["value"]] for row in found])
