"""Measures how much memory an export takes, and whether more issues take more."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.clients import failure_of, ours
from benchmarks.fresh import outcome_of
from benchmarks.peak import Peak
from benchmarks.pulls import JQL, PEERS, title_of
from benchmarks.table import Table
from benchmarks.workplace import running_workplace
from vantage_jira_plugin.fields.system import DEFAULT_ISSUE_FIELDS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from benchmarks.workplace import Access

_FORMATS = ("ndjson", "csv", "parquet", "arrow")
_DEFAULT = "default"
_ALL = "`*all`"
_FIELDS: Mapping[str, Sequence[str]] = {_DEFAULT: DEFAULT_ISSUE_FIELDS, _ALL: ("*all",)}
_TIMEOUT_SECONDS = 3600.0
#: The last number in DEV of the issues that the peer reads, so that it reads no more than in the part on pulls.
_PEER_JQL = "project = DEV AND key <= DEV-{number} ORDER BY created DESC"
AIM_MB = 60.0
#: So much more for twenty times the issues is noise.
AIM_GROWTH_MB = 10.0
#: Fewer do not fill all requests in flight, nor a group of rows, so that more must take more.
_STEADY_ISSUES = 10_000


@dataclass(frozen=True)
class Outcome:
    """What one run took: the process that was ready, and the most memory above it."""

    client: str
    what: str
    fields: str
    issues: int
    idle_mb: float
    peak_mb: float
    seconds: float
    failure: str | None = None

    def told(self) -> dict[str, Any]:
        """Return the figures as JSON data."""
        return {
            "case": "memory",
            "client": self.client,
            "what": self.what,
            "fields": self.fields,
            "issues": self.issues,
            "idleMb": round(self.idle_mb, 1),
            "peakMb": round(self.peak_mb, 1),
            "seconds": round(self.seconds, 1),
            "failure": self.failure,
        }


def measure(clients: Collection[str], *, quick: bool) -> list[Outcome]:
    """Export few and many issues to every format, and let a peer read some, each in a fresh process."""
    few, many, peers = (500, 3_000, 1_000) if quick else (10_000, 200_000, 20_000)
    outcomes: list[Outcome] = []
    with (
        running_workplace("--issues", str(many)) as place,
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
    ):
        if "jira" in clients:
            outcomes.append(outcome_of(_read, place.access, _PEER_JQL.format(number=peers)))
        if "ours" in clients:
            for file_format in _FORMATS:
                for fields, rows in ((_DEFAULT, few), (_DEFAULT, many), (_ALL, few), (_ALL, peers)):
                    target = Path(folder) / f"export.{file_format}"
                    outcomes.append(outcome_of(_export, place.access, str(target), fields, rows))
                    target.unlink()
    return outcomes


# ---- in a process of its own ----------------------------------------------------------------


def _export(pipe: Any, access: Access, target: str, fields: str, rows: int) -> None:
    """Export one issue, so that everything is loaded and connected, then all."""
    client = ours(access, timeout_seconds=_TIMEOUT_SECONDS)

    def export(most: int) -> int:
        given = {"jql": JQL, "fields": list(_FIELDS[fields]), "target": target, "overwrite": True, "maxRows": most}
        written: int = client.output("exportIssues", **given)["data"][0]["rows"]
        return written

    export(1)
    peak = Peak()
    started = time.monotonic()
    written = export(rows)
    seconds = time.monotonic() - started
    pipe.send(Outcome("ours", Path(target).suffix[1:], fields, written, peak.idle_megabytes, peak.megabytes, seconds))


def _read(pipe: Any, access: Access, jql: str) -> None:
    """Read issues with a peer, which has made a small call."""
    client = PEERS["jira"].opened(access)
    client.elsewhere()
    peak = Peak()
    started = time.monotonic()
    ids: list[str] = []
    failure = failure_of(lambda: ids.extend(client.search(jql, ["*all"])))
    seconds = time.monotonic() - started
    pipe.send(Outcome("jira", "list of issues", _ALL, len(ids), peak.idle_megabytes, peak.megabytes, seconds, failure))


# ---- the page -------------------------------------------------------------------------------

_TEXT = """## Memory of an export

`exportIssues` in fresh processes, without latency, 8 in flight: the most that was resident (`VmHWM`), above a process
that has loaded everything and exported one issue (idle; pyarrow, mostly its code, is in it for Parquet and Arrow).
`jira` reads into its list of issues (`enhanced_search_issues(maxResults=False)`).

Aim: at most {aim:g} MB, and no more for {many:,} issues than for {few:,}.

{table}
"""


def section(outcomes: Sequence[Outcome]) -> str:
    """Return the part of the page about these runs."""
    table = Table(("client", "into", "fields", "issues", "idle", "memory above idle", "issues per second"))
    least = {
        (one.what, one.fields): one.peak_mb
        for one in sorted(outcomes, key=lambda one: one.issues, reverse=True)
        if one.client == "ours" and one.issues >= _STEADY_ISSUES
    }
    for one in outcomes:
        grown = one.peak_mb - least.get((one.what, one.fields), one.peak_mb) > AIM_GROWTH_MB
        missed = " (aim missed)" if one.client == "ours" and (one.peak_mb > AIM_MB or grown) else ""
        table.add(
            title_of(one.client),
            one.what,
            one.fields,
            one.failure or f"{one.issues:,}",
            f"{one.idle_mb:.0f} MB",
            f"{one.peak_mb:.0f} MB{missed}",
            f"{one.issues / one.seconds:,.0f}",
        )
    issues = [one.issues for one in outcomes if one.client == "ours"]
    return _TEXT.format(aim=AIM_MB, few=min(issues, default=0), many=max(issues, default=0), table=table)
