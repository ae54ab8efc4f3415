"""Measures how long a host needs to load the entry point, beside importing pluggy alone."""

from __future__ import annotations

import statistics
import subprocess
import sys
from dataclasses import dataclass

from benchmarks.table import Table

#: Fresh interpreters for each of both, in turn.
ROUNDS = 30
_PLUGGY = "import pluggy"
_ENTRY_POINT = "EntryPoint('jira', 'vantage_jira_plugin.plugin', 'vantage.plugins').load()"
#: A host that looks for entry points has imported importlib.metadata already.
_TIMED = (
    "import time; from importlib.metadata import EntryPoint; "
    "started = time.perf_counter(); {what}; print(time.perf_counter() - started)"
)


@dataclass(frozen=True)
class Loading:
    """Median seconds for either, and the ratio of the medians."""

    pluggy_seconds: float
    entry_point_seconds: float
    ratio: float


def _seconds(what: str) -> float:
    done = subprocess.run(
        [sys.executable, "-c", _TIMED.format(what=what)], check=True, capture_output=True, text=True, timeout=60
    )
    return float(done.stdout)


def measure() -> Loading:
    """Measure in fresh interpreters, taking turns."""
    pairs = [(_seconds(_PLUGGY), _seconds(_ENTRY_POINT)) for _ in range(ROUNDS)]
    pluggy_seconds = statistics.median(first for first, _ in pairs)
    entry_point_seconds = statistics.median(second for _, second in pairs)
    return Loading(pluggy_seconds, entry_point_seconds, entry_point_seconds / pluggy_seconds)


_TEXT = """## What loading the plugin costs a host

Fresh interpreters, {rounds} of each, in turn: the entry point loaded, and `import pluggy` alone. Aim: at most
1.5 times.

{table}
"""


def section(load: Loading) -> str:
    """Return the part of the page about loading."""
    table = Table(("`import pluggy`", "entry point (imports pluggy too)", "ratio"))
    table.add(f"{load.pluggy_seconds * 1000:.1f} ms", f"{load.entry_point_seconds * 1000:.1f} ms", f"{load.ratio:.2f}")
    return _TEXT.format(rounds=ROUNDS, table=table)
