"""Looks for the issue that a keyed create made. The database is asked by key, because the search index lags."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from itertools import count
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.errors import JiraUnavailableError, PluginError, ProjectNotAllowedError
from vantage_jira_plugin.jql import quoted
from vantage_jira_plugin.operations import BULK_FETCH_ISSUES, SEARCH_ISSUES
from vantage_jira_plugin.rehearsal import Estimate

from .keyproperty import IDEMPOTENCY_PROPERTY, carries, mark_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vantage_jira_plugin.client import JiraClient

    from .entry import Entry

__all__ = ["IssueFinder"]

#: How far the clocks of Jira and of workers may differ, beside the whole minutes of JQL.
_MARGIN_SECONDS = 120.0
#: The index shows what is older than this; asking it for the end of a range earlier finds too little to be worth it.
_INDEXED_SECONDS = 300.0
#: So long after a write its issue is in the index or never will be. Hours were seen: estuary/connectors#3486.
_SURELY_INDEXED_SECONDS = 6 * 3600.0
#: How many keys are fetched first, and then at a time. More than 100 are allowed for requests with few single-valued
#: fields. Keys of no issue cost no points. Source: OpenAPI file, POST issue/bulkfetch.
_FIRST_PORTION = 100
_PORTION = 1000
#: How many portions are fetched where no end is known; later one is, and all up to it are.
_MOST_PORTIONS = 5
#: How many old issues are asked for: one of them was not moved here lately, which gives a high number.
_OLD_ISSUES = 20
#: How many of the account's own issues are looked through at a time, and how many times once the index has them all.
_OWN_ISSUES = 100
_MOST_OWN_PAGES = 100
#: How long the number that a first write looks behind may be looked for; without it, looking later costs more.
_AFTER_SECONDS = 10.0
#: The search for it, which finds one issue.
_COST_OF_AFTER = Estimate(requests=1, points=2)
#: A look that could not be whole is not worth repeating sooner.
_LOOK_AGAIN_SECONDS = 60.0


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
    def here(self) -> str:
        """The project."""
        return self.project_key

    @property
    def place(self) -> str:
        """Where the issue would be."""
        return f"project {self.project_key}"

    @property
    def mark(self) -> str:
        """The property that the issue carries."""
        return mark_of(self.key)

    # ---- where it was made ------------------------------------------------------------------

    def is_here(self, place: str) -> bool:
        """Tell whether it is the same project; each has one key."""
        return place == self.project_key

    def where(self, made: dict[str, Any]) -> str | None:
        """Return the project of an issue."""
        key = self.named(made)
        return None if key is None else key.rpartition("-")[0]

    def described(self, place: str) -> str | None:
        """Return another project for people, where it may be touched."""
        return f"project {place}" if self.jira.may_touch(place) else None

    def only_allowed(self, made_key: str | None) -> None:
        """Refuse an issue that was moved to a project that this connection must not touch."""
        if made_key is not None and not self.jira.may_touch(made_key.rpartition("-")[0]):
            raise ProjectNotAllowedError(
                "the issue of this idempotency key is in a project now that this connection may not touch",
                hint="Ask an administrator to add the project to allowedProjects.",
            )

    def named(self, made: dict[str, Any]) -> str | None:
        """Return the issue's key."""
        key = made.get("key")
        return key if isinstance(key, str) else None

    # ---- looking ----------------------------------------------------------------------------

    def after(self) -> int | None:
        """Return a number that is known to be taken; where none is, that of an issue that a search finds."""
        number = self.jira.newest_number(self.project_key)
        if number is None:
            with suppress(PluginError), self.jira.budget.within(_AFTER_SECONDS):
                number = self._newest()
        return number

    def _newest(self) -> int | None:
        """Return and remember the number of the newest issue of the index, 0 where there is none."""
        (issues, _) = next(self._pages("ORDER BY created DESC", 1))
        prefix, _, number = str(issues[0].get("key") if issues else f"{self.project_key}-0").rpartition("-")
        if prefix != self.project_key or not number.isdecimal():
            return None
        self.jira.keep_number(self.project_key, int(number))
        return int(number)

    def cost_of_after(self) -> Estimate:
        """Return what `after` would use of Jira now."""
        known = self.jira.newest_number(self.project_key) is not None
        return Estimate() if known else _COST_OF_AFTER

    def recall(self, made_id: str) -> dict[str, Any] | None:
        """Return the issue of this id, where it carries the key."""
        issues, _ = self._fetched([made_id])
        return self._carrier(issues)

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
            indexed = now - entry.settled_at > _SURELY_INDEXED_SECONDS
            found, listed = self._own(entry, now, pages=_MOST_OWN_PAGES if indexed and not whole else 1)
            whole = whole or (listed and indexed)
        if found is None and not whole:
            bounded_at = entry.settled_at + _MARGIN_SECONDS + _INDEXED_SECONDS  # see `_first_behind`
            raise JiraUnavailableError(
                f"could not look through all issues that were made in {self.place} meanwhile",
                status=HTTPStatus.OK.value,
                method=BULK_FETCH_ISSUES.method,
                path=BULK_FETCH_ISSUES.template,
                retry_after_seconds=round(max(bounded_at - now, _LOOK_AGAIN_SECONDS), 1),
                hint=f"Look in {self.place} for an issue with {self.mark}.",
            )
        return found

    def _carrier(self, issues: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
        return next((issue for issue in issues if carries(issue, self.key)), None)

    # ---- by number --------------------------------------------------------------------------

    def _last_before(self, entry: Entry, now: float) -> tuple[str, int]:
        """Return the project's key and a number that was taken before anything was sent; 0 where it was empty."""
        minutes = math.ceil((now - entry.sent_at + _MARGIN_SECONDS) / 60)
        issues, _ = next(self._pages(f"AND created < -{minutes}m ORDER BY created DESC", _OLD_ISSUES))
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
        issues, _ = next(self._pages(f"AND created >= -{math.floor(since_seconds / 60)}m ORDER BY created ASC", 1))
        number = str(issues[0].get("key")).rpartition("-")[2] if issues else ""
        return int(number) if number.isdecimal() else None

    def _scanned(self, prefix: str, low: int, high: int | None) -> tuple[dict[str, Any] | None, bool]:
        """Look at the issues between two numbers; return the one, and whether all were seen.

        Without an upper number, a thousand in a row that show no issue are the end: fewer may have been deleted or
        moved. Issues count, and not the numbers of their keys: what was moved comes under another.
        """
        start, complete = low + 1, True
        for portion in count():
            size = _PORTION if portion else _FIRST_PORTION
            end = start + size if high is None else min(start + size, high)
            if start >= end:
                return None, complete
            if portion and ((high is None and portion > _MOST_PORTIONS) or self.jira.why_stop() is not None):
                break
            issues, whole = self._fetched([f"{prefix}-{number}" for number in range(start, end)])
            found = self._carrier(issues)
            if found is not None:
                return found, True
            complete = complete and whole
            if high is None and not issues and size == _PORTION:
                return None, complete
            start = end
        return None, False

    def _fetched(self, ids_or_keys: Sequence[str]) -> tuple[list[dict[str, Any]], bool]:
        """Return those issues that exist, and whether Jira could tell of all.

        Source: POST /rest/api/3/issue/bulkfetch; what does not exist is left out, what failed is in `issueErrors`.
        """
        body = {"issueIdsOrKeys": list(ids_or_keys), "fields": ["summary"], "properties": [IDEMPOTENCY_PROPERTY]}
        data = self.jira.call(BULK_FETCH_ISSUES, body=body)
        return [issue for issue in data["issues"] if isinstance(issue, dict)], not data.get("issueErrors")

    # ---- by search --------------------------------------------------------------------------

    def _own(self, entry: Entry, now: float, *, pages: int) -> tuple[dict[str, Any] | None, bool]:
        """Look through this account's issues of the time in question, as the index has them; tell whether through all.

        It finds what was moved elsewhere, and what a wrong first number would pass over.
        """
        first = math.ceil((now - entry.sent_at + _MARGIN_SECONDS) / 60)
        clause = f"AND creator = currentUser() AND created >= -{first}m"
        since_seconds = now - entry.settled_at - _MARGIN_SECONDS
        if since_seconds >= _INDEXED_SECONDS:
            clause += f" AND created <= -{math.floor(since_seconds / 60)}m"
        listed = self._pages(f"{clause} ORDER BY created ASC", _OWN_ISSUES, properties=[IDEMPOTENCY_PROPERTY])
        for page, (issues, last) in enumerate(listed, 1):
            found = self._carrier(issues)
            if found is not None or last:
                return found, last
            if page >= pages or self.jira.why_stop() is not None:
                break
        return None, False

    def _pages(self, clause: str, size: int, **more: Any) -> Iterator[tuple[list[dict[str, Any]], bool]]:
        """Yield pages of the project's issues that a clause finds, and whether each is the last.

        Source: POST /rest/api/3/search/jql; relative dates need no time zone.
        """
        body = {"jql": f"project = {quoted(self.project_key)} {clause}", "fields": ["summary"], "maxResults": size}
        last = False
        while not last:
            data = self.jira.call(SEARCH_ISSUES, body={**body, **more})
            more["nextPageToken"] = data.get("nextPageToken")
            last = data.get("isLast") is True or not more["nextPageToken"]
            yield [issue for issue in data["issues"] if isinstance(issue, dict)], last
