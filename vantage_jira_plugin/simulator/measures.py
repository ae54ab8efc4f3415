"""What was asked and what is stored, as figures for measurements and checks. Changes nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vantage_jira_plugin.simulator.catalogue import Project
    from vantage_jira_plugin.simulator.requestlog import LoggedRequest
    from vantage_jira_plugin.simulator.site import Site

__all__ = ["stored_issues", "summary"]

#: How requests without an answer, as resets leave them, are counted by status.
NO_ANSWER = "none"


@dataclass(slots=True)
class _Tally:
    """Counts of some requests; `first_at` and `last_at` are simulator time, epoch seconds."""

    requests: int = 0
    closed_window: int = 0
    faults: int = 0
    first_at: float | None = None
    last_at: float | None = None
    by_status: Counter[int | None] = field(default_factory=Counter)

    def add(self, entry: LoggedRequest) -> None:
        """Count a request."""
        self.requests += 1
        self.closed_window += entry.closed_window
        self.faults += entry.fault is not None
        self.by_status[entry.status] += 1
        self.first_at = entry.received_at if self.first_at is None else min(self.first_at, entry.received_at)
        self.last_at = entry.received_at if self.last_at is None else max(self.last_at, entry.received_at)

    def json(self) -> dict[str, Any]:
        """Return the counts as JSON data."""
        return {
            "requests": self.requests,
            "refused": self.by_status[429],
            "closed_window": self.closed_window,
            "faults": self.faults,
            "first_at": self.first_at,
            "last_at": self.last_at,
            "by_status": {
                NO_ANSWER if status is None else str(status): count
                for status, count in sorted(self.by_status.items(), key=lambda pair: pair[0] or 0)
                if count
            },
        }


def summary(entries: Iterable[LoggedRequest], *, since: float) -> dict[str, Any]:
    """Count the requests that came at `since` (simulator time, epoch seconds) or later.

    Returns:
        `{requests, refused, closed_window, faults, first_at, last_at, by_status: {"200": n, "none": n},
        by_operation: {"GET /rest/api/3/myself": {the same}}}`; refused are the 429s, and "none" counts
        requests without an answer (yet).
    """
    whole = _Tally()
    by_operation: dict[str, _Tally] = {}
    for entry in entries:
        if entry.received_at >= since:
            whole.add(entry)
            by_operation.setdefault(entry.operation, _Tally()).add(entry)
    return {**whole.json(), "by_operation": {name: tally.json() for name, tally in sorted(by_operation.items())}}


def stored_issues(site: Site, project: Project | None) -> list[dict[str, Any]]:
    """Return the issues of a project, or all, as they are stored: no index lag, no permissions.

    Returns:
        `[{id, key, summary, properties: {key: value}, comments: how many, worklogs: how many, attachments: how many}]`,
        in the order of their ids.
    """
    with site.lock:
        return [
            {
                "id": str(issue.id),
                "key": issue.key,
                "summary": issue.values["summary"],
                "properties": dict(issue.properties),
                "comments": len(issue.comments),
                "worklogs": len(issue.worklogs),
                "attachments": len(issue.attachments),
            }
            for issue in site.issues.values()
            if project is None or issue.project_id == project.id
        ]
