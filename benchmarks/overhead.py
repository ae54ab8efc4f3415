"""Measures what an action costs beside the same request made with a bare `requests.Session`."""

from __future__ import annotations

import gc
import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import requests

from benchmarks.table import Table
from benchmarks.workplace import CREDENTIAL_ID, running_workplace
from tests.memoryhost import MemoryServices, settings_for
from vantage_jira_plugin import plugin
from vantage_jira_plugin.host.application import Host

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

#: Rounds; each alternates batches of both, so that a noisy moment hits both.
ROUNDS = 40
BATCH = 25
#: Rest between rounds, so that actions stay below the documented rates that they keep to: else the pace is measured.
_PAUSE_SECONDS = 0.08
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
        time.sleep(_PAUSE_SECONDS)
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
    """Measure reads and a search against a simulator in a process of its own, in two hosts."""
    with running_workplace() as workplace:
        access = workplace.access
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {access.grant['access_token']}"
        services = MemoryServices(access.auth_url, access.api_url, secret=access.client_secret)
        connection = plugin.vantage_configure("jira", settings_for(access.grant, access.client_id), services)
        plugin.vantage_authenticate(connection)
        host = Host.open(access.environ)
        link = host.link(CREDENTIAL_ID)

        def run(action: str, **inputs: Any) -> None:
            _worked(plugin.vantage_execute_action(connection, action, inputs, {}, {}))

        def read() -> None:
            answer = session.get(f"{access.site_url}/rest/api/3/issue/{ISSUE}", params={"fields": FIELDS}, timeout=60)
            answer.raise_for_status()
            answer.json()

        def search() -> None:
            body = {"jql": "project = DEV", "fields": FIELDS.split(","), "maxResults": 20}
            answer = session.post(f"{access.site_url}/rest/api/3/search/jql", json=body, timeout=60)
            answer.raise_for_status()
            answer.json()

        def read_in_host() -> None:
            _worked(link.execute("getIssue", {"issueKey": ISSUE}, {}))

        return [
            _compare("getIssue", read, lambda: run("getIssue", issueKey=ISSUE)),
            _compare("getIssue, reference host", read, read_in_host),
            _compare("searchIssues, 20 issues", search, lambda: run("searchIssues", jql="project = DEV", maxRows=20)),
        ]


def _worked(envelope: Mapping[str, Any]) -> None:
    if "error" in envelope:
        raise SystemExit(envelope["error"]["message"])


_TEXT = """## What an action costs beside the bare request

The same request against the simulator (a process of its own, on loopback, no limits hit): once with a bare
`requests.Session` and `.json()`, once as an action with its checked inputs, signed request, flat rows and envelope.
Times are medians of {rounds} rounds of {batch} calls each; the ratio is the median of the ratios within a round, in
which both sides take turns, so that it may differ from the quotient of the times. Aim for one issue: at most 1.15
times, in a host that keeps nothing but the login, and that in memory. The *reference host* shares limits among its
workers and adds up what calls cost, in SQLite, for which it reads and writes once or twice a call. A table also costs
the flattening of its rows.

{table}

A ratio near or below one is possible: the connection reads proxies and certificates from the environment once, and
prepares its requests itself, where a bare session does both on every request.
"""


def section(calls: Sequence[Overhead]) -> str:
    """Return the part of the page about these calls."""
    table = Table(("action", "bare request", "action", "ratio"))
    for call in calls:
        table.add(
            call.what, f"{call.raw_seconds * 1000:.2f} ms", f"{call.action_seconds * 1000:.2f} ms", f"{call.ratio:.2f}"
        )
    return _TEXT.format(rounds=ROUNDS, batch=BATCH, table=table)
