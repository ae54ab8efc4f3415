"""Looks for the issue that a keyed create made. The database is asked by key, because the search index lags."""

from __future__ import annotations

import math
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.errors import JiraUnavailableError
from vantage_jira_plugin.jql import quoted
from vantage_jira_plugin.operations import BULK_FETCH_ISSUES, SEARCH_ISSUES

from .keyproperty import IDEMPOTENCY_PROPERTY, carries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vantage_jira_plugin.client import JiraClient

    from .entry import Entry

__all__ = ["IssueFinder"]

#: How far the clocks of Jira and of workers may differ, beside the whole minutes of JQL.
_MARGIN_SECONDS = 120.0
#: The index shows what is older than this; asking it for the end of a range earlier finds too little to be worth it.
_INDEXED_SECONDS = 300.0
#: So long after a write its issue is in the index or never will be. Hours were seen: estuary/connectors#3486.
_SURELY_INDEXED_SECONDS = 6 * 3600.0
#: How many keys are fetched at a time. More than 100 are allowed for requests with few single-valued fields.
#: Source: OpenAPI file, POST issue/bulkfetch.
_PORTIONS = (100, 400, 500, 1000)
#: So many keys in a row that are not there yet are the end of the project.
_GAP = 50
#: How many old issues are asked for: of several, one was not moved here lately, which gives a high number.
_OLD_ISSUES = 3
#: How many of the account's own issues are looked through.
_OWN_ISSUES = 100


@dataclass(frozen=True, slots=True)
class IssueFinder:
    """Finds the issue of one key in one project.

    Numbers of a project only grow. So an issue that was made under this key has a number behind those that were there
    before, and `POST issue/bulkfetch`, which reads the database, shows every one of them that exists.
    """

    jira: JiraClient
    project_key: str
    key: str

    @property
    def place(self) -> str:
        """Where the issue would be."""
        return f"project {self.project_key}"

    def after(self) -> int | None:
        """Return the highest number that is known to be taken."""
        return self.jira.newest_number(self.project_key)

    def named(self, made: dict[str, Any]) -> str | None:
        """Return the issue's key."""
        key = made.get("key")
        return key if isinstance(key, str) else None

    def recall(self, made_id: str) -> dict[str, Any] | None:
        """Return the issue of this id, where it carries the key."""
        issues, _ = self._fetched([made_id])
        return next((issue for issue in issues if carries(issue, self.key)), None)

    def find(self, entry: Entry, *, now: float) -> dict[str, Any] | None:
        """Return the issue, or None where it is certain that there is none.

        Raises:
            JiraUnavailableError: too many issues were made meanwhile, or Jira did not show all.
            PluginError: looking failed.
        """
        prefix, low = self.project_key, entry.after
        if low is None:
            prefix, low = self._last_before(entry, now)
        found, whole = self._scanned(prefix, low, self._first_behind(entry, now))
        if found is None:
            found, listed = self._own(entry, now)
            whole = whole or (listed and now - entry.settled_at > _SURELY_INDEXED_SECONDS)
        if found is None and not whole:
            raise JiraUnavailableError(
                f"could not look through all issues that were made in {self.place} meanwhile",
                status=HTTPStatus.OK.value,
                method=BULK_FETCH_ISSUES.method,
                path=BULK_FETCH_ISSUES.template,
                hint=f"Look in {self.place} for an issue with the property {IDEMPOTENCY_PROPERTY} = {self.key}.",
            )
        return found

    # ---- by number --------------------------------------------------------------------------

    def _last_before(self, entry: Entry, now: float) -> tuple[str, int]:
        """Return the project's key and a number that was taken before anything was sent; 0 where it was empty."""
        minutes = math.ceil((now - entry.sent_at + _MARGIN_SECONDS) / 60)
        issues, _ = self._searched(f"created < -{minutes}m ORDER BY created DESC", _OLD_ISSUES)
        keys = [str(issue.get("key")).rpartition("-") for issue in issues]
        numbered = [(prefix, int(number)) for prefix, _, number in keys if number.isdecimal()]
        return min(numbered, key=lambda one: one[1], default=(self.project_key, 0))

    def _first_behind(self, entry: Entry, now: float) -> int | None:
        """Return a number that was taken when nothing was sent any more; None where none is known.

        An issue that was made later has a later number, also where it was moved here later still.
        """
        since_seconds = now - entry.settled_at - _MARGIN_SECONDS
        if since_seconds < _INDEXED_SECONDS:
            return None
        issues, _ = self._searched(f"created >= -{math.floor(since_seconds / 60)}m ORDER BY created ASC", 1)
        number = str(issues[0].get("key")).rpartition("-")[2] if issues else ""
        return int(number) if number.isdecimal() else None

    def _scanned(self, prefix: str, low: int, high: int | None) -> tuple[dict[str, Any] | None, bool]:
        """Look at the issues between two numbers; return the one, and whether all were seen."""
        start, complete = low + 1, True
        for size in _PORTIONS:
            end = start + size if high is None else min(start + size, high)
            if start >= end:
                return None, complete
            issues, whole = self._fetched([f"{prefix}-{number}" for number in range(start, end)])
            complete = complete and whole
            for issue in issues:
                if carries(issue, self.key):
                    return issue, True
            numbers = (str(issue.get("key")).rpartition("-")[2] for issue in issues)
            newest = max((int(number) for number in numbers if number.isdecimal()), default=low)
            if high is None and end - 1 - newest >= _GAP:
                return None, complete
            start = end
        return None, complete and high is not None and start >= high

    def _fetched(self, ids_or_keys: Sequence[str]) -> tuple[list[dict[str, Any]], bool]:
        """Return those issues that exist, and whether Jira could tell of all.

        Source: POST /rest/api/3/issue/bulkfetch; what does not exist is left out, what failed is in `issueErrors`.
        """
        body = {"issueIdsOrKeys": list(ids_or_keys), "fields": ["summary"], "properties": [IDEMPOTENCY_PROPERTY]}
        data = self.jira.call(BULK_FETCH_ISSUES, body=body)
        return [issue for issue in data["issues"] if isinstance(issue, dict)], not data.get("issueErrors")

    # ---- by search --------------------------------------------------------------------------

    def _own(self, entry: Entry, now: float) -> tuple[dict[str, Any] | None, bool]:
        """Look through this account's issues of the time in question, as the index has them.

        It finds what was moved elsewhere, and what a wrong first number would pass over.
        """
        first = math.ceil((now - entry.sent_at + _MARGIN_SECONDS) / 60)
        clause = f"creator = currentUser() AND created >= -{first}m"
        since_seconds = now - entry.settled_at - _MARGIN_SECONDS
        if since_seconds >= _INDEXED_SECONDS:
            clause += f" AND created <= -{math.floor(since_seconds / 60)}m"
        issues, last = self._searched(f"{clause} ORDER BY created ASC", _OWN_ISSUES, properties=[IDEMPOTENCY_PROPERTY])
        return next((issue for issue in issues if carries(issue, self.key)), None), last

    def _searched(self, clause: str, count: int, **more: Any) -> tuple[list[dict[str, Any]], bool]:
        """Return the first issues of the project that a clause finds, and whether they are all.

        Source: POST /rest/api/3/search/jql; relative dates need no time zone.
        """
        jql = f"project = {quoted(self.project_key)} AND {clause}"
        data = self.jira.call(SEARCH_ISSUES, body={"jql": jql, "fields": ["summary"], "maxResults": count, **more})
        issues = [issue for issue in data["issues"] if isinstance(issue, dict)]
        return issues, data.get("isLast") is True or not data.get("nextPageToken")
