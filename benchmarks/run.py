"""Runs the benchmarks and writes docs/benchmarks.md. Figures in docs come from here only."""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import faulty_reads, keyed_creates, limited_reads, loading, overhead, spent_quota
from benchmarks.clients import ABOUT, KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

_PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
_HEAD = """# Benchmarks

Written by `make bench` on {day}, Python {python}, {cores} cores, requests {requests}. Everything that is compared
in a part ran in one run; the ratios say more than the times, which depend on the machine. A part that was measured
again on its own (`--only PART --page`) has replaced the one before.
"""
_HEADING = re.compile(r"^(?=## )", re.MULTILINE)


def _told(told: Collection[Mapping[str, object]]) -> None:
    for one in told:
        print(json.dumps(one), flush=True)


def _overhead(_clients: Collection[str], _quick: bool) -> str:  # noqa: FBT001 - all parts are called alike
    return overhead.section(overhead.measure())


def _loading(_clients: Collection[str], _quick: bool) -> str:  # noqa: FBT001
    return loading.section(loading.measure())


def _limited(clients: Collection[str], quick: bool) -> str:  # noqa: FBT001
    outcomes = limited_reads.measure(clients, quick=quick)
    _told([outcome.told() for outcome in outcomes])
    return f"{ABOUT}\n{limited_reads.section(outcomes)}"


def _quota(clients: Collection[str], _quick: bool) -> str:  # noqa: FBT001
    outcomes = spent_quota.measure(clients)
    _told([outcome.told() for outcome in outcomes])
    return spent_quota.section(outcomes)


def _faults(clients: Collection[str], quick: bool) -> str:  # noqa: FBT001
    outcomes = faulty_reads.measure(clients, quick=quick)
    _told([outcome.told() for outcome in outcomes])
    return faulty_reads.section(outcomes)


def _creates(clients: Collection[str], quick: bool) -> str:  # noqa: FBT001
    outcomes = keyed_creates.measure(clients, quick=quick)
    _told([outcome.told() for outcome in outcomes])
    return keyed_creates.section(outcomes)


#: The parts of the page, in its order; what is measured in milliseconds comes first, while nothing else runs.
_PARTS: Mapping[str, Callable[[Collection[str], bool], str]] = {
    "overhead": _overhead,
    "loading": _loading,
    "limited": _limited,
    "quota": _quota,
    "faults": _faults,
    "creates": _creates,
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
    sections = []
    for name in options.only or _PARTS:
        started = time.monotonic()
        sections.append(_PARTS[name](options.client or list(KINDS), options.quick))
        print(f"{sections[-1]}\n({name}: {time.monotonic() - started:.0f} s)\n", flush=True)
    head = _HEAD.format(
        day=datetime.now(UTC).date().isoformat(),
        python=platform.python_version(),
        cores=os.cpu_count(),
        requests=version("requests"),
    )
    if not (options.only or options.client or options.quick):
        _PAGE.write_text("\n".join([head, *sections]), encoding="utf-8")
    elif options.page and not (options.client or options.quick):
        _PAGE.write_text(_replaced(_PAGE.read_text(encoding="utf-8"), head, "\n".join(sections)), encoding="utf-8")


def _replaced(page: str, head: str, sections: str) -> str:
    """Return a page under a new head, whose parts of the same headings are those of other sections."""
    new = {part.split("\n", 1)[0]: f"{part.rstrip()}\n" for part in _HEADING.split(sections) if part.startswith("## ")}
    old = [f"{part.rstrip()}\n" for part in _HEADING.split(page)[1:]]
    return "\n".join([head, *(new.get(part.split("\n", 1)[0], part) for part in old)])


if __name__ == "__main__":
    main()
