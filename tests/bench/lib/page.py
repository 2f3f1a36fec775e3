# SPDX-License-Identifier: MIT
"""The report for a person: one HTML file that needs nothing else."""

import math
import time
from html import escape

import machine
import svg
from report import quantity
from summary import step_order
from variants import BASE

STYLE = """
body { font: 14px/1.45 system-ui, sans-serif; color: #1d2329; margin: 0 auto; max-width: 1420px; padding: 24px; }
h1 { margin: 0 0 4px; font-size: 26px; } h2 { margin: 34px 0 8px; font-size: 19px; } h3 { margin: 0 0 2px; font-size: 13px; }
p { margin: 4px 0 10px; max-width: 900px; } .dim { color: #66717b; }
.tiles { display: flex; flex-wrap: wrap; gap: 12px; margin: 16px 0; }
.tile { border: 1px solid #d5dadf; border-radius: 8px; padding: 10px 16px; min-width: 130px; }
.tile b { display: block; font-size: 24px; }
table { border-collapse: collapse; font-size: 13px; } th { text-align: left; font-weight: 600; }
td, th { padding: 3px 8px; border-bottom: 1px solid #e6e9ec; white-space: nowrap; }
.heat td { text-align: right; font-variant-numeric: tabular-nums; padding: 2px 6px; }
.heat td.name { text-align: left; } .heat th { vertical-align: bottom; font-size: 12px; }
.heat th.turn div { writing-mode: vertical-rl; transform: rotate(180deg); }
.scroll { overflow-x: auto; }
.good { color: #13743a; font-weight: 600; } .bad { color: #b3261e; font-weight: 600; }
.charts { display: flex; flex-wrap: wrap; gap: 14px 22px; } .chart { width: 430px; }
svg text { font: 11px system-ui, sans-serif; fill: #1d2329; } svg .tick { fill: #66717b; font-size: 10px; }
svg .number { font-size: 10.5px; } svg .grid { stroke: #e3e7ea; } svg .reference { stroke: #1d2329; stroke-width: 1.2; }
svg .error { stroke: #11161a; fill: none; stroke-width: 1; opacity: .7; }
.key { display: inline-block; width: 11px; height: 11px; border-radius: 2px; margin: 0 5px 0 14px; }
"""


def _heat(ratio):
    """Green below the base, white at it, red where it takes ten times as long."""
    if ratio <= 1.05:
        strength, colour = min(1, math.log(1.05 / ratio) / math.log(3)), (88, 178, 118)
    else:
        strength, colour = min(1, math.log(ratio / 1.05) / math.log(25)), (226, 88, 70)
    return "rgb(%d,%d,%d)" % tuple(255 - (255 - part) * strength for part in colour)


def _tiles(result):
    goals = result["goals"]
    # A goal is reached when the best of the variants that it is for reaches it.
    reached = {}
    for row in goals:
        key = (row["title"], row["limit"])
        reached[key] = reached.get(key, False) or row["ok"]
    measured = {(row["workload"], row["pass"]) for row in result["summary"]}
    tiles = (("%d of %d" % (sum(reached.values()), len(reached)), "goals reached"),
             (len({row["variant"] for row in result["summary"]}), "filesystems"),
             (len(measured), "measurements of each"),
             (result["rounds"], "rounds" + (", small trees" if result["quick"] else "")))
    return '<div class="tiles">%s</div>' % "".join(
        '<div class="tile"><b>%s</b>%s</div>' % tile for tile in tiles)


def _goals(result):
    if not result["goals"]:
        return ""
    lines, rows = [], []
    for row in result["goals"]:
        where = " against %s" % row["against"] if row["against"] else ""
        lines.append('<tr><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td class="%s">%s</td><td>%s</td></tr>'
                     % (escape(row["title"]), escape(row["variant"]), escape(row["against"]),
                        quantity(row["limit"], row["unit"]), quantity(row["value"], row["unit"]),
                        "good" if row["ok"] else "bad", "reached" if row["ok"] else "missed", escape(row["detail"])))
        part = max(row["value"] / row["limit"], 0.02)
        rows.append({"label": "%s, %s%s" % (row["title"], row["variant"], where), "value": part, "low": part,
                     "high": part, "colour": "#3d9a5f" if row["ok"] else "#cf4a3c",
                     "text": "%s of %s" % (quantity(row["value"], row["unit"]), quantity(row["limit"], row["unit"])),
                     "hint": row["detail"]})
    chart = svg.bars(rows, width=1180, label=560, unit="")
    return ('<h2>Goals</h2><p>Each bar ends where the measured value stands against its goal, which is the line: green '
            'bars to the left reach it.</p><div class="scroll">%s</div><details><summary>The same as a table</summary>'
            '<table><tr><th>goal</th><th>variant</th><th>against</th><th>at most</th><th>measured</th><th></th>'
            '<th>worst</th></tr>%s</table></details>' % (chart, "".join(lines)))


def _heat_table(result, suites):
    found = {(row["pass"], row["workload"], row["variant"]): row for row in result["summary"]}
    columns = [item for item in result["variants"] if any(key[2] == item.name for key in found)]
    head = "".join('<th class="turn" style="color:%s"><div>%s</div></th>' % (
        svg.FAMILY_COLOURS[item.family], escape(item.name)) for item in columns)
    lines = []
    for suite in suites:
        for name, workload in suite.workloads.items():
            for step in sorted({key[0] for key in found if key[1] == name}, key=step_order):
                cells = []
                for item in columns:
                    row = found.get((step, name, item.name))
                    if row is None:
                        cells.append("<td>–</td>")
                    elif item.name == BASE or row["ratio"] is None:
                        cells.append("<td>%s</td>" % workload.time(row))
                    else:
                        cells.append('<td style="background:%s" title="%s, %d samples">%.2f</td>' % (
                            _heat(row["ratio"]), workload.time(row), row["samples"], row["ratio"]))
                lines.append('<tr><td class="name">%s</td><td class="name dim">%s</td>%s</tr>' % (
                    escape(workload.title), escape(step), "".join(cells)))
    if not lines:
        return ""
    return ('<h2>All of it</h2><p>The bind mount\'s median, and how many times as long the others take: green is faster '
            'than the bind mount, red slower.</p><div class="scroll"><table class="heat"><tr><th></th><th>pass</th>%s'
            '</tr>%s</table></div>' % (head, "".join(lines)))


def _chart(title, rows, **more):
    return '<div class="chart"><h3>%s</h3>%s</div>' % (escape(title), svg.bars(rows, **more))


def _time_charts(result, suites):
    found = {(row["pass"], row["workload"], row["variant"]): row for row in result["summary"]}
    parts = []
    for suite in suites:
        charts = []
        for name, workload in suite.workloads.items():
            for step in sorted({key[0] for key in found if key[1] == name}, key=step_order):
                rows = []
                for item in result["variants"]:
                    row = found.get((step, name, item.name))
                    if row is None or row["ratio"] is None:
                        continue
                    base = found[step, name, BASE]["median_us"]
                    rows.append({"label": item.name, "value": row["ratio"], "low": row["low_us"] / base,
                                 "high": row["high_us"] / base, "colour": svg.FAMILY_COLOURS[item.family],
                                 "text": "%.2fx" % row["ratio"] if item.name != BASE else workload.time(row),
                                 "hint": "%s: %s, %d samples" % (item.name, workload.time(row), row["samples"])})
                if rows:
                    charts.append(_chart("%s%s" % (workload.title, "" if step == "once" else " · " + step), rows))
        if charts:
            about = " ".join((suite.__doc__ or "").split())
            parts.append('<h2>%s</h2><p class="dim">%s</p><div class="charts">%s</div>' % (
                escape(suite.name), escape(about), "".join(charts)))
    return "".join(parts)


def _value_charts(result):
    families = {item.name: item.family for item in result["variants"]}
    charts = []
    for measure, title, unit in (("memory", "daemon: bytes per known file", " B"),
                                 ("page-cache", "page cache: copies of a file read through one mount", ""),
                                 ("mounts", "page cache: copies after many mounts of one source were read", "")):
        rows = [{"label": row["variant"], "value": max(row["value"], 0.01), "low": row["value"], "high": row["value"],
                 "colour": svg.FAMILY_COLOURS[families[row["variant"]]], "text": "%.*f%s" % (
                     0 if unit else 2, row["value"], unit), "hint": row["variant"]}
                for row in result["values"] if row["measure"] == measure]
        if rows:
            charts.append(_chart(title, rows, reference=200 if measure == "memory" else 1.0, unit=unit))
    return '<h2>Memory</h2><div class="charts">%s</div>' % "".join(charts) if charts else ""


def _about(result):
    lines = ["<h2>What was compared</h2><table>"]
    for item in result["variants"]:
        lines.append('<tr><td><span class="key" style="background:%s"></span>%s</td><td>%s</td></tr>' % (
            svg.FAMILY_COLOURS[item.family], escape(item.name), escape(item.note)))
    lines.append("</table>")
    reasons = {}
    for row in result["failures"]:
        reasons.setdefault((row["variant"], row["why"]), []).append(row["workload"])
    if reasons or result["skipped"]:
        lines.append("<h2>What could not be measured</h2><ul>")
        for (variant, why), workloads in reasons.items():
            lines.append("<li><b>%s</b> (%s): %s</li>" % (escape(variant), escape(", ".join(workloads)), escape(why)))
        for workload, why in result["skipped"].items():
            lines.append("<li>%s: %s</li>" % (escape(workload), escape(why)))
        lines.append("</ul>")
    return "".join(lines)


def render(result, suites):
    """The whole page as text."""
    keys = "".join('<span class="key" style="background:%s"></span>%s' % (colour, {
        "kernel": "the kernel", "stablefs": "stablefs", "peer": "other FUSE programs"}[family])
        for family, colour in svg.FAMILY_COLOURS.items())
    return "".join((
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>stablefs: benchmark</title><style>', STYLE,
        "</style></head><body><h1>stablefs: how fast it is</h1>",
        '<p class="dim">%s, measured side by side in one run. Bars are medians as ratios to the kernel bind mount, on a '
        "logarithmic scale; to the left of the line is faster. Thin lines hold the middle half of the samples. "
        "Compare ratios, never times of two machines.</p>" % time.strftime("%d %B %Y", time.gmtime()),
        "<pre>%s</pre>" % escape("\n".join(machine.lines(result["machine"]))),
        "<p>%s</p>" % keys, _tiles(result), _goals(result), _heat_table(result, suites), _time_charts(result, suites),
        _value_charts(result), _about(result), "</body></html>\n"))
