# SPDX-License-Identifier: MIT
"""Running other programs."""

import subprocess
import time


class Failed(Exception):
    """Something could not be measured, and why."""


def checked(command, good=(0,), **arguments):
    """Run a command that must succeed; returns its output. Its last words become the reason if it does not."""
    try:
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
                                errors="replace", **arguments)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Failed(str(error)) from error
    if result.returncode not in good:
        words = (result.stderr.strip() or result.stdout.strip() or "no message").splitlines()[-1]
        raise Failed("%s: status %d: %s" % (" ".join(command[:3]), result.returncode, words))
    return result.stdout


def timed(command, good=(0,), **arguments):
    """As checked; returns (nanoseconds, output)."""
    begin = time.perf_counter_ns()
    output = checked(command, good, **arguments)
    return time.perf_counter_ns() - begin, output
