"""A caller that keeps a copy: it stores rows by id together with the state, as docs/sync.md says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.reading.rows import utc_datetime
from vantage_jira_plugin.simulator.timestamps import jira_datetime

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from vantage_jira_plugin.simulator import Simulator
    from vantage_jira_plugin.simulator.issues import Issue
    from vantage_jira_plugin.simulator.site import Site

__all__ = ["Follower", "as_copied", "deleted", "dev_copied", "searches"]


class Follower:
    """Follows one query.

    Attributes:
        copy: rows of the issues that the query finds, by id.
        rows: of the last call.
        metadata: of the last call.
        state: of the last call that was stored.
    """

    def __init__(self, run: Callable[..., Any], jql: str = "project = DEV", **inputs: Any) -> None:
        self._run = run
        self._inputs = {"jql": jql, "fields": "summary,updated", **inputs}
        self.copy: dict[str, dict[str, Any]] = {}
        self.state: str | None = None
        self.rows: list[dict[str, Any]] = []
        self.metadata: dict[str, Any] = {}

    def call(self, *, stored: bool = True, **inputs: Any) -> list[dict[str, Any]]:
        """Call once; `stored=False` loses what came, as a crash does."""
        given = {} if self.state is None else {"state": self.state}
        envelope = self._run("syncIssues", **{**self._inputs, **given, **inputs})
        assert "error" not in envelope, envelope
        self.rows, self.metadata = envelope["output1"]["data"], envelope["output1"]["metadata"]
        if stored:
            self.state = self.metadata["state"]
            for row in self.rows:
                if row["inQuery"]:
                    self.copy[row["id"]] = row
                else:
                    self.copy.pop(row["id"], None)
        return self.rows

    def all(self, **inputs: Any) -> list[dict[str, Any]]:
        """Call until the table is complete; return all rows."""
        rows: list[dict[str, Any]] = []
        for _ in range(1000):
            rows += self.call(**inputs)
            if self.metadata["complete"]:
                return rows
        raise AssertionError("it never becomes complete")

    @property
    def changes(self) -> list[tuple[str, str]]:
        """What the last call told: `(change, key)` of each row."""
        return [(row["change"], row["key"]) for row in self.rows]

    def seen(self) -> dict[str, tuple[str, str, str]]:
        """Return the copy as `as_copied` has it."""
        return {issue_id: (row["key"], row["summary"], row["updated"]) for issue_id, row in self.copy.items()}


def as_copied(site: Site, issues: Iterable[Issue]) -> dict[str, tuple[str, str, str | None]]:
    """Return key, summary and time of change of issues, by id."""
    return {
        str(issue.id): (
            issue.key,
            issue.values["summary"],
            utc_datetime(jira_datetime(issue.values["updated"], site.time_zone)),
        )
        for issue in issues
    }


def dev_copied(site: Site) -> Any:
    """Return the issues of project DEV as a follower of it has them."""
    return as_copied(site, (issue for issue in site.issues.values() if issue.key.startswith("DEV-")))


def searches(sim: Simulator) -> list[dict[str, Any]]:
    """Return what was searched for, request by request."""
    return [json.loads(entry.body) for entry in sim.requests_to("/rest/api/3/search/jql")]


def deleted(*keys: str) -> list[tuple[str, str]]:
    """Return the changes that tell of deleted issues."""
    return [("deleted", key) for key in keys]
