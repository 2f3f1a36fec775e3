# SPDX-License-Identifier: MIT
"""Plots as SVG text: horizontal bars on a logarithmic axis, with error bars and a line where the reference is."""

import math
from html import escape

FAMILY_COLOURS = {"kernel": "#8a929a", "stablefs": "#1f77b4", "peer": "#d98f3a"}
TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10000)


def text(x, y, words, anchor="start", more=""):
    return '<text x="%.1f" y="%.1f" text-anchor="%s" %s>%s</text>' % (x, y, anchor, more, escape(words))


def bars(rows, width=430, label=150, reference=1.0, unit="x"):
    """
    rows: {"label", "value", "low", "high", "colour", "text", "hint"}; bars start at the reference, so that those to the
    left are better and those to the right worse.
    """
    height, top = 17, 6
    values = [number for row in rows for number in (row["value"], row["low"], row["high"]) if number > 0]
    low = min(values + [reference * 0.7])
    high = max(values + [reference * 1.6])
    left, right = label, width - 62
    scale = (right - left) / math.log(high / low)

    def place(value):
        return left + math.log(max(value, low) / low) * scale

    bottom = top + height * len(rows)
    parts = ['<svg viewBox="0 0 %d %d" width="%d" height="%d" role="img">' % (width, bottom + 16, width, bottom + 16)]
    ticks = [tick for tick in TICKS if low <= tick <= high]
    for tick in ticks[::max(1, (len(ticks) + 6) // 7)]:
        parts.append('<line class="grid" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/>' % (place(tick), place(tick), top, bottom))
        parts.append(text(place(tick), bottom + 12, "%g%s" % (tick, unit), "middle", 'class="tick"'))
    zero = place(reference)
    for number, row in enumerate(rows):
        y = top + number * height
        x = place(row["value"])
        parts.append("<g><title>%s</title>" % escape(row["hint"]))
        parts.append(text(label - 6, y + 12, row["label"], "end"))
        parts.append('<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s"/>' % (
            min(x, zero), y + 3, max(abs(x - zero), 1.5), height - 6, row["colour"]))
        if row["high"] > row["low"]:
            a, b, middle = place(row["low"]), place(row["high"]), y + height / 2
            parts.append('<path class="error" d="M%.1f %.1fH%.1fM%.1f %.1fv6M%.1f %.1fv6"/>' % (
                a, middle, b, a, middle - 3, b, middle - 3))
        parts.append(text(max(place(row["high"]), x, zero) + 4, y + 12, row["text"], "start", 'class="number"'))
        parts.append("</g>")
    parts.append('<line class="reference" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/>' % (zero, zero, top - 3, bottom + 2))
    parts.append("</svg>")
    return "".join(parts)
