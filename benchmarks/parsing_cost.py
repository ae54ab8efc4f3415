"""Measures the processor time of a pull, rows included, against that of parsing the same bytes."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from benchmarks.clients import ours
from benchmarks.floor import asked, send, session_of
from benchmarks.fresh import fresh
from benchmarks.pulls import JQL, SITE_PATH
from benchmarks.table import Table
from benchmarks.workplace import running_workplace
from vantage_jira_plugin.fields.system import DEFAULT_ISSUE_FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from benchmarks.floor import Asked
    from benchmarks.workplace import Access

#: What is compared: titles of fields, and the modules that are taken away.
_FIELDS: tuple[tuple[str, tuple[str, ...]], ...] = (("`*all`", ("*all",)), ("default", DEFAULT_ISSUE_FIELDS))
_FASTER = "msgspec"
_PARSERS: tuple[tuple[str, tuple[str, ...]], ...] = (("json", (_FASTER,)), (_FASTER, ()))
#: Times that everything is done; the least time counts, as the rest is disturbance.
_ROUNDS = 5
_MICROSECONDS = 1e6
_MAX_ROWS = 100_000
AIM = 2.5


@dataclass(frozen=True)
class Cost:
    """Processor time, in seconds, of all threads of the process.

    Attributes:
        pull: the whole search: asking, receiving, parsing, making rows.
        receive: a bare `requests` session that asks the same and looks at no answer.
        parse: `json.loads` of the same bodies.
    """

    issues: int
    body_bytes: int
    pull: float
    receive: float
    parse: float

    @property
    def ratio(self) -> float:
        """The pull by the parsing alone."""
        return self.pull / self.parse


@dataclass(frozen=True)
class Outcome:
    """What one of the compared cost."""

    fields: str
    parser: str
    cost: Cost

    def told(self) -> dict[str, Any]:
        """Return the figures as JSON data."""
        cost = self.cost
        each = {name: round(_each(cost, value), 1) for name, value in _parts(cost)}
        return {"case": "cpu", "fields": self.fields, "parser": self.parser, "ratio": round(cost.ratio, 2), **each}


def measure(clients: Collection[str], *, quick: bool) -> list[Outcome]:
    """Measure everything in fresh processes, one after the other; only ours is measured."""
    if "ours" not in clients:
        return []
    found = [parser for parser in _PARSERS if parser[0] != _FASTER or find_spec(_FASTER) is not None]
    with running_workplace("--issues", str(1_500 if quick else 10_000)) as place:
        outcomes = []
        for title, fields in _FIELDS:
            for parser, without in found:
                with fresh(_work, place.access, fields, without=without) as process:
                    process.hear()
                    log = [one for one in place.simulated.control("requests") if one["path"].startswith(SITE_PATH)]
                    process.say(asked(log))
                    outcomes.append(Outcome(title, parser, process.hear()))
                    place.simulated.control("requests", delete=True)
        return outcomes


# ---- in a process of its own ----------------------------------------------------------------


def _work(pipe: Any, access: Access, fields: Sequence[str]) -> None:
    """Pull once for nothing, so that the log has what is asked; then measure pull, receiving and parsing."""
    client = ours(access)
    client.elsewhere()

    def pull() -> int:
        return len(client.output("searchIssues", jql=JQL, fields=list(fields), maxRows=_MAX_ROWS)["data"])

    issues = pull()
    pipe.send("ready")
    requests: list[Asked] = pipe.recv()
    session = session_of(access)

    def receive() -> list[bytes]:
        return [send(session, access, one).content for one in requests]

    def parse() -> None:
        for body in bodies:
            json.loads(body)

    bodies = receive()
    rounds = [[_seconds(work) for work in (pull, receive, parse)] for _ in range(_ROUNDS)]
    pipe.send(Cost(issues, sum(map(len, bodies)), *map(min, zip(*rounds, strict=True))))


def _seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


# ---- the page -------------------------------------------------------------------------------

_TEXT = """## What a pull costs the processor

`searchIssues` of {issues:,} issues without latency, 8 in flight: the processor time of the whole process, per issue,
with asking, receiving, parsing, flat typed rows and the envelope, against `json.loads` over the same bytes. *Receiving*
is what a bare `requests` session takes of it to ask the same and look at nothing. With and without the extra `fast`,
in fresh processes, everything {rounds} times in turn; the least of each counts.

Aim: at most {aim} times `json.loads`.

{table}
"""


def section(outcomes: Sequence[Outcome]) -> str:
    """Return the part of the page about these runs."""
    table = Table(("fields", "parser", "bytes", "`json.loads`", "receiving", "pull", "pull / `json.loads`"))
    for outcome in outcomes:
        cost = outcome.cost
        each = [f"{_each(cost, value):.0f} µs" for _, value in _parts(cost)]
        missed = " (aim missed)" if cost.ratio > AIM else ""
        table.add(
            outcome.fields,
            outcome.parser,
            f"{cost.body_bytes / cost.issues:,.0f}",
            *each,
            f"{cost.ratio:.2f}{missed}",
        )
    return _TEXT.format(issues=outcomes[0].cost.issues, rounds=_ROUNDS, aim=AIM, table=table)


def _parts(cost: Cost) -> tuple[tuple[str, float], ...]:
    return ("parse", cost.parse), ("receive", cost.receive), ("pull", cost.pull)


def _each(cost: Cost, seconds: float) -> float:
    """Return microseconds per issue."""
    return seconds / cost.issues * _MICROSECONDS
