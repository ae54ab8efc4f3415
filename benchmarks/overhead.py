"""Measures what an action costs beside the same request made with a bare `requests.Session`."""

from __future__ import annotations

import gc
import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import requests

from benchmarks.simulated import running_simulator
from benchmarks.table import Table
from tests.memoryhost import MemoryServices, settings_for
from vantage_jira_plugin import plugin

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: Rounds; each alternates batches of both, so that a noisy moment hits both.
ROUNDS = 40
BATCH = 25
ISSUE = "DEV-1"
FIELDS = "summary,status,assignee,reporter,priority,issuetype,description,created,updated,project,labels,components"


@dataclass(frozen=True)
class Overhead:
    """Median seconds a call, raw and as an action, and the median of the ratio by round."""

    what: str
    raw_seconds: float
    action_seconds: float
    ratio: float


def _batch_seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    for _ in range(BATCH):
        call()
    return (time.perf_counter() - started) / BATCH


def _compare(what: str, raw: Callable[[], object], action: Callable[[], object]) -> Overhead:
    for warm_up in (raw, action, raw, action):
        _batch_seconds(warm_up)
    pairs = []
    for number in range(ROUNDS):
        gc.collect()
        first, second = (raw, action) if number % 2 == 0 else (action, raw)
        times = {first: _batch_seconds(first), second: _batch_seconds(second)}
        pairs.append((times[raw], times[action]))
    return Overhead(
        what,
        statistics.median(raw_seconds for raw_seconds, _ in pairs),
        statistics.median(action_seconds for _, action_seconds in pairs),
        statistics.median(action_seconds / raw_seconds for raw_seconds, action_seconds in pairs),
    )


def measure() -> list[Overhead]:
    """Measure one read and one search against a simulator in a process of its own."""
    with running_simulator() as simulated:
        services = MemoryServices(simulated.auth_url, simulated.api_url, secret=simulated.client_secret)
        connection = plugin.vantage_configure("jira", settings_for(simulated.grant, simulated.client_id), services)
        site = plugin.vantage_authenticate(connection)
        base = f"{simulated.api_url}/ex/jira/{site['cloudId']}"
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {simulated.grant['access_token']}"

        def run(action: str, **inputs: Any) -> None:
            envelope = plugin.vantage_execute_action(connection, action, inputs, {}, {})
            if "error" in envelope:
                raise SystemExit(envelope["error"]["message"])

        def read() -> None:
            answer = session.get(f"{base}/rest/api/3/issue/{ISSUE}", params={"fields": FIELDS}, timeout=60)
            answer.raise_for_status()
            answer.json()

        def search() -> None:
            body = {"jql": "project = DEV", "fields": FIELDS.split(","), "maxResults": 20}
            answer = session.post(f"{base}/rest/api/3/search/jql", json=body, timeout=60)
            answer.raise_for_status()
            answer.json()

        return [
            _compare("getIssue", read, lambda: run("getIssue", issueKey=ISSUE)),
            _compare("searchIssues, 20 issues", search, lambda: run("searchIssues", jql="project = DEV", maxRows=20)),
        ]


_TEXT = """## What an action costs beside the bare request

The same request against the simulator (a process of its own, on loopback, no limits hit): once with a bare
`requests.Session` and `.json()`, once as an action with its checked inputs, signed request, flat rows and envelope.
Times are medians of {rounds} rounds of {batch} calls each; the ratio is the median of the ratios within a round, in
which both sides take turns, so that it may differ from the quotient of the times. Aim for one issue: at most 1.15
times. A table also costs the flattening of its rows.

{table}

A ratio below one is possible: the connection reads proxies and certificates from the environment once, where
a bare session does it on every request.
"""


def section(calls: Sequence[Overhead]) -> str:
    """Return the part of the page about these calls."""
    table = Table(("action", "bare request", "action", "ratio"))
    for call in calls:
        table.add(
            call.what, f"{call.raw_seconds * 1000:.2f} ms", f"{call.action_seconds * 1000:.2f} ms", f"{call.ratio:.2f}"
        )
    return _TEXT.format(rounds=ROUNDS, batch=BATCH, table=table)
