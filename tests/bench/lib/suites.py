# SPDX-License-Identifier: MIT
"""All suites, in the order in which they run. A new module of suites is one line here."""

import suite_apps
import suite_files
import suite_julia
import suite_memory
import suite_process
import suite_scale
import suite_tree

SUITES = (suite_tree.SUITES + suite_files.SUITES + suite_apps.SUITES + suite_julia.SUITES + suite_process.SUITES
          + suite_memory.SUITES + suite_scale.SUITES)

WORKLOADS = {name: workload for suite in SUITES for name, workload in suite.workloads.items()}


def expand(words):
    """Names of workloads and suites as names of workloads, in order; raises KeyError(word)."""
    names = {suite.name: list(suite.workloads) for suite in SUITES}
    wanted = set()
    for word in words:
        wanted.update(names.get(word) or [word if word in WORKLOADS else _unknown(word)])
    return [name for name in WORKLOADS if name in wanted]


def _unknown(word):
    raise KeyError(word)
