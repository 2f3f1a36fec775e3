# SPDX-License-Identifier: MIT
"""What a workload is called and how its times are shown."""


class Workload:
    """
    unit: "op" microseconds per operation, "whole" milliseconds for all, "bytes" so many bytes per second.
    Ratios are always of times.
    """

    def __init__(self, title, unit="op"):
        self.title, self.unit = title, unit

    def time(self, row):
        """A summary's median for a person."""
        if self.unit == "whole":
            return duration(row["median_us"] * row["ops"] / 1e6)
        if self.unit == "bytes" and row["bytes_per_us"]:
            return "%.0f MB/s" % row["bytes_per_us"]
        return duration(row["median_us"] / 1e6)


def duration(seconds):
    """Three digits and a unit."""
    for limit, factor, unit in ((1e-6, 1e9, "ns"), (1e-3, 1e6, "us"), (1, 1e3, "ms"), (float("inf"), 1, "s")):
        if seconds < limit:
            value = seconds * factor
            return "%.*f %s" % (2 if value < 10 else 1 if value < 100 else 0, value, unit)
    return "?"
