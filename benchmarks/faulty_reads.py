"""Measures whether all issues are read once, while answers fail in every way that they do."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from benchmarks.clients import KINDS, failure_of
from benchmarks.crew import Crew
from benchmarks.table import Table
from benchmarks.workplace import Access, running_workplace
from vantage_jira_plugin.fields.system import DEFAULT_ISSUE_FIELDS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from multiprocessing.connection import Connection

#: Comments are among the fields so that Jira sends pages of 100: more requests, more of which meet a fault.
FIELDS = (*DEFAULT_ISSUE_FIELDS, "comment")
JQL = "project = DEV ORDER BY created"
_PROJECT_KEY = "DEV"
_PATH = "/rest/api/3/search/jql$"
_SLOW_SECONDS = 1.0
#: Title and fault, each with its probability.
FAULTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("503 with Retry-After", {"kind": "answer", "status": 503, "headers": {"Retry-After": "1"}, "probability": 0.01}),
    ("503 without", {"kind": "answer", "status": 503, "probability": 0.01}),
    ("resets", {"kind": "reset", "probability": 0.01}),
    ("bodies cut short", {"kind": "truncate", "probability": 0.01}),
    ("well-framed, cut JSON", {"kind": "cut_json", "probability": 0.01}),
    ("slow answers", {"kind": "slow", "delay_seconds": _SLOW_SECONDS, "probability": 0.01}),
)
#: How faults are named in the request log, and on the page.
_LOGGED = {
    "answer": "503",
    "reset": "resets",
    "truncate": "bodies cut short",
    "cut_json": "cut JSON",
    "slow": "slow answers",
}
#: Faults that are logged with the status of the answer that they spoilt.
_SPOILT = frozenset({"truncate", "cut_json"})
#: One search that takes longer has failed.
_PATIENCE_SECONDS = 600.0
#: Clients at a time; some wait for half a minute after a reset.
_AT_A_TIME = 2


@dataclass(frozen=True)
class Run:
    """One search for all issues: `failure` is None where it reported success."""

    expected: int
    read: int
    missing: int
    twice: int
    failure: str | None
    requests: int
    pages: int
    seconds: float
    faults: Counter[str] = field(default_factory=Counter)

    @property
    def whole(self) -> bool:
        """Whether every issue was read once."""
        return self.failure is None and not self.missing and not self.twice

    @property
    def silently_short(self) -> bool:
        """Whether issues are missing though nothing was said."""
        return self.failure is None and self.missing > 0


@dataclass
class Outcome:
    """All runs of one client."""

    client: str
    runs: list[Run] = field(default_factory=list)

    @property
    def faults(self) -> Counter[str]:
        """How many faults of each kind its requests met."""
        return sum((run.faults for run in self.runs), Counter[str]())

    def told(self) -> dict[str, Any]:
        """Return the figures as JSON data."""
        return {
            "case": "faults",
            "client": self.client,
            "whole": sum(run.whole for run in self.runs),
            "read": [run.read for run in self.runs],
            "failures": [run.failure for run in self.runs],
            "pages": [run.pages for run in self.runs],
            "faults": dict(self.faults),
            "seconds": [round(run.seconds, 1) for run in self.runs],
        }


def measure(clients: Collection[str], *, quick: bool) -> list[Outcome]:
    """Search several times with every client; each client meets the same dice, throw by throw."""
    issues, times = (2_000, 2) if quick else (20_000, 5)
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        return list(pool.map(lambda client: measure_one(client, issues=issues, times=times), clients))


def measure_one(client: str, *, issues: int, times: int) -> Outcome:
    """Search several times with one client against a simulator of its own."""
    outcome = Outcome(client)
    with running_workplace("--issues", str(issues)) as place, Crew().working() as crew:
        expected = {issue["id"] for issue in place.simulated.control(f"issues?project={_PROJECT_KEY}")}
        place.simulated.control("faults", [{**fault, "path": _PATH, "times": None} for _, fault in FAULTS])
        for _ in range(times):
            place.simulated.control("requests", delete=True)
            worker = crew.start(_work, client, place.access)
            started = time.monotonic()
            answered = crew.gather(_PATIENCE_SECONDS)
            seconds = time.monotonic() - started
            said = worker.said[-1] if answered else {"failure": "not ended", "ids": [], "seconds": seconds}
            outcome.runs.append(_run(expected, said, place.simulated.control("requests")))
            worker.kill()
            crew.workers.remove(worker)
    return outcome


def _run(expected: set[str], said: dict[str, Any], log: Iterable[dict[str, Any]]) -> Run:
    searches = [entry for entry in log if entry["path"].endswith("/search/jql")]
    counts = Counter(said["ids"])
    faults = Counter(_LOGGED[entry["fault"]] for entry in searches if entry["fault"] is not None)
    return Run(
        expected=len(expected),
        read=len(counts),
        missing=len(expected - counts.keys()),
        twice=sum(count > 1 for count in counts.values()),
        failure=said["failure"],
        requests=len(searches),
        pages=sum(entry["status"] == HTTPStatus.OK and entry["fault"] not in _SPOILT for entry in searches),
        seconds=said["seconds"],
        faults=faults,
    )


# ---- in a worker's process ------------------------------------------------------------------


def _work(pipe: Connection, client: str, access: Access) -> None:
    """Search once and say what came."""
    ids: list[str] = []
    found = KINDS[client].opened(access, 1)[0]
    started = time.monotonic()
    failure = failure_of(lambda: ids.extend(found.search(JQL, FIELDS)))
    pipe.send({"failure": failure, "ids": ids, "seconds": time.monotonic() - started})
    pipe.recv()  # until this process is killed


# ---- the page -------------------------------------------------------------------------------

_TEXT = """## {issues:,} issues through faults

One search for all issues of a project, with the fields of a row and the comments, so that Jira's pages hold 100 issues
at most (`atlassian-python-api` asks for pages of 50), {times} times with each client. Requests meet faults:
{faults} ({slow:g} s).
The same dice are thrown for each client, request by request. *Pages* are good answers; a search that fails returns
nothing of them. *Short without a word*: issues are missing, and the search reported success.

Aim: every search whole: none missing, none twice.

{table}

How often each kind of fault was met, over all searches of a client:

{met}
"""


def section(outcomes: Sequence[Outcome]) -> str:
    """Return the part of the page about these runs."""
    table = Table(
        (
            "client",
            "whole",
            "missing at most",
            "twice at most",
            "short without a word",
            "failed",
            "pages",
            "requests",
            "seconds",
        )
    )
    met = Table(("client", *_LOGGED.values()))
    for outcome in outcomes:
        runs = outcome.runs
        failures = Counter(run.failure for run in runs if run.failure is not None)
        table.add(
            KINDS[outcome.client].title,
            f"{sum(run.whole for run in runs)} of {len(runs)}",
            f"{max(run.missing for run in runs):,}",
            max(run.twice for run in runs),
            sum(run.silently_short for run in runs),
            ", ".join(f"{count} {name}" for name, count in failures.items()) or 0,
            _range(run.pages for run in runs),
            _range(run.requests for run in runs),
            _range(run.seconds for run in runs),
        )
        met.add(KINDS[outcome.client].title, *(outcome.faults[name] for name in _LOGGED.values()))
    return _TEXT.format(
        issues=outcomes[0].runs[0].expected,
        times=len(outcomes[0].runs),
        faults=", ".join(f"{fault['probability']:.0%} {title}" for title, fault in FAULTS),
        slow=_SLOW_SECONDS,
        table=table,
        met=met,
    )


def _range(values: Iterable[float]) -> str:
    low, *_, high = sorted([*values] * 2)
    return f"{low:.0f}" if round(low) == round(high) else f"{low:.0f}-{high:.0f}"
