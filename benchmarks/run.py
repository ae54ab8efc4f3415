"""Runs every benchmark and writes docs/benchmarks.md. Figures in docs come from here only."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks import loading, overhead

_PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
_PAGE_TEXT = """# Benchmarks

Written by `make bench` on {day}, Python {python}, {cores} cores, requests {requests}. Both sides of each row ran
in turn in one run; the ratios say more than the times, which depend on the machine.

## What an action costs beside the bare request

The same request against the simulator (a process of its own, on loopback, no limits hit): once with a bare
`requests.Session` and `.json()`, once as an action with its checked inputs, signed request, flat rows and envelope.
Times are medians of {rounds} rounds of {batch} calls each; the ratio is the median of the ratios within a round, in
which both sides take turns, so that it may differ from the quotient of the times. Aim for one issue: at most 1.15
times. A table also costs the flattening of its rows.

| action | bare request | action | ratio |
|---|---|---|---|
{overhead}

A ratio below one is possible: the connection reads proxies and certificates from the environment once, where
a bare session does it on every request.

## What loading the plugin costs a host

Fresh interpreters, {loading_rounds} of each, in turn: the entry point loaded, and `import pluggy` alone. Aim: at most
1.5 times.

| `import pluggy` | entry point (imports pluggy too) | ratio |
|---|---|---|
| {pluggy:.1f} ms | {entry_point:.1f} ms | {loading_ratio:.2f} |
"""


def main() -> None:
    """Measure, print and write."""
    calls = overhead.measure()
    load = loading.measure()
    rows = [
        f"| {call.what} | {call.raw_seconds * 1000:.2f} ms | {call.action_seconds * 1000:.2f} ms | {call.ratio:.2f} |"
        for call in calls
    ]
    text = _PAGE_TEXT.format(
        day=datetime.now(UTC).date().isoformat(),
        python=platform.python_version(),
        cores=os.cpu_count(),
        requests=version("requests"),
        rounds=overhead.ROUNDS,
        batch=overhead.BATCH,
        overhead="\n".join(rows),
        loading_rounds=loading.ROUNDS,
        pluggy=load.pluggy_seconds * 1000,
        entry_point=load.entry_point_seconds * 1000,
        loading_ratio=load.ratio,
    )
    _PAGE.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
