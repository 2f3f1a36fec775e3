# SPDX-License-Identifier: MIT
"""Samples to medians and ratios."""

import statistics

from variants import BASE


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


def step_order(step):
    """Passes in the order in which they happen."""
    order = ("cold", "first", "second", "third", "once")
    return (order.index(step) if step in order else len(order), len(step), step)
