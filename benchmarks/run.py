"""Runs the benchmarks and writes docs/benchmarks.md. Figures in docs come from here only."""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import (
    export_memory,
    faulty_reads,
    keyed_creates,
    killed_exports,
    limited_pull,
    limited_reads,
    loading,
    overhead,
    parallel_pull,
    parallel_pull_page,
    parsing_cost,
    simulator_speed,
    spent_quota,
    throughput,
)
from benchmarks.clients import ABOUT, KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

_DOCS = Path(__file__).parents[1] / "docs"
_PAGE = _DOCS / "benchmarks.md"
_PLOT = _DOCS / "throughput.svg"
_HEAD = """# Benchmarks

Written by `make bench` on {day}, Python {python}, {cores} cores, requests {requests}. Everything that is compared
in a part ran in one run; the ratios say more than the times, which depend on the machine. A part that was measured
again on its own (`--only PART --page`) has replaced the one before.
"""
_HEADING = re.compile(r"^(?=## )", re.MULTILINE)


def _told(told: Collection[Mapping[str, object]]) -> None:
    for one in told:
        print(json.dumps(one), flush=True)


@dataclass(frozen=True)
class _Asked:
    """What the command line asks for: which clients, in small sizes, and whether the page is written."""

    clients: Collection[str]
    quick: bool
    writes: bool


def _overhead(_: _Asked) -> str:
    return overhead.section(overhead.measure())


def _loading(_: _Asked) -> str:
    return loading.section(loading.measure())


def _limited(asked: _Asked) -> str:
    outcomes = limited_reads.measure(asked.clients, quick=asked.quick)
    _told([outcome.told() for outcome in outcomes])
    return f"{ABOUT}\n{limited_reads.section(outcomes)}"


def _quota(asked: _Asked) -> str:
    outcomes = spent_quota.measure(asked.clients)
    _told([outcome.told() for outcome in outcomes])
    return spent_quota.section(outcomes)


def _throughput(asked: _Asked) -> str:
    outcomes = throughput.measure(asked.clients, quick=asked.quick)
    _told([outcome.told() for outcome in outcomes])
    if asked.writes:
        throughput.draw(outcomes, _PLOT)
    return throughput.section(outcomes)


def _pull(part: str) -> Callable[[_Asked], str]:
    def run(asked: _Asked) -> str:
        outcomes = parallel_pull.measure(part, asked.clients, quick=asked.quick)
        _told([outcome.told() for outcome in outcomes])
        return parallel_pull_page.section(part, outcomes)

    return run


def _of(measure: Callable[..., Sequence[Any]], section: Callable[[Any], str]) -> Callable[[_Asked], str]:
    """Return a part that tells what it measured; it is left out where none of the clients can do it."""

    def run(asked: _Asked) -> str:
        outcomes = measure(asked.clients, quick=asked.quick)
        _told([outcome.told() for outcome in outcomes])
        return section(outcomes) if outcomes else ""

    return run


#: The parts of the page, in its order; what is measured in milliseconds comes first, while nothing else runs.
_PARTS: Mapping[str, Callable[[_Asked], str]] = {
    "overhead": _overhead,
    "loading": _loading,
    "simulator": _of(simulator_speed.measure, simulator_speed.section),
    "pull": _pull("pull"),
    "few-fields": _pull("few-fields"),
    "throughput": _throughput,
    "limited-pull": _of(limited_pull.measure, limited_pull.section),
    "cpu": _of(parsing_cost.measure, parsing_cost.section),
    "memory": _of(export_memory.measure, export_memory.section),
    "resume": _of(killed_exports.measure, killed_exports.section),
    "limited": _limited,
    "quota": _quota,
    "faults": _of(faulty_reads.measure, faulty_reads.section),
    "creates": _of(keyed_creates.measure, keyed_creates.section),
}


def main() -> None:
    """Measure and print; write the page where everything was measured in full."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument(
        "--only", action="append", choices=_PARTS, help="this part, may be repeated; no page is written without --page"
    )
    parser.add_argument("--client", action="append", choices=KINDS, help="likewise, of the clients compared")
    parser.add_argument(
        "--page", action="store_true", help="with --only: put these parts in place of those on the page"
    )
    parser.add_argument("--quick", action="store_true", help="few of everything, to try; no page is written")
    options = parser.parse_args()
    everything = not (options.only or options.client or options.quick)
    writes = everything or (options.page and not (options.client or options.quick))
    asked = _Asked(options.client or list(KINDS), options.quick, writes)
    sections = []
    for name in options.only or _PARTS:
        started = time.monotonic()
        sections.append(_PARTS[name](asked))
        print(f"{sections[-1]}\n({name}: {time.monotonic() - started:.0f} s)\n", flush=True)
    head = _HEAD.format(
        day=datetime.now(UTC).date().isoformat(),
        python=platform.python_version(),
        cores=os.cpu_count(),
        requests=version("requests"),
    )
    if everything:
        _PAGE.write_text("\n".join([head, *sections]), encoding="utf-8")
    elif writes:
        _PAGE.write_text(_replaced(_PAGE.read_text(encoding="utf-8"), head, "\n".join(sections)), encoding="utf-8")


def _replaced(page: str, head: str, sections: str) -> str:
    """Return a page under a new head, whose parts of the same headings are those of other sections, new ones last."""
    new = {part.split("\n", 1)[0]: f"{part.rstrip()}\n" for part in _HEADING.split(sections) if part.startswith("## ")}
    old = [f"{part.rstrip()}\n" for part in _HEADING.split(page)[1:]]
    return "\n".join([head, *(new.pop(part.split("\n", 1)[0], part) for part in old), *new.values()])


if __name__ == "__main__":
    main()
