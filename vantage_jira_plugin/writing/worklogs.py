"""Looks for the worklog that a keyed write made. Worklogs are read from the database, with their properties."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.operations import FETCH_WORKLOGS, LIST_WORKLOGS

from .keyproperty import carries
from .onissue import OnIssue, may_be_since, not_whole

if TYPE_CHECKING:
    from vantage_jira_plugin.errors import JiraUnavailableError

    from .entry import Entry

__all__ = ["WorklogFinder"]

#: Worklogs of a page; 5,000 would come by default. Source: OpenAPI file, GET issue/{issueIdOrKey}/worklog.
_PAGE = 100
#: Pages that are looked through: an issue has 10,000 worklogs at most, and a few of the last minutes.
_PAGES = 10


@dataclass(frozen=True, slots=True)
class WorklogFinder(OnIssue):
    """Finds the worklog of one key on one issue."""

    @property
    def place(self) -> str:
        """Where the worklog would be."""
        return f"the worklogs of {self.issue_key}"

    def recall(self, made_id: str) -> dict[str, Any] | None:
        """Return the worklog of this id, where it carries the key.

        Source: POST /rest/api/3/worklog/list
        """
        if not made_id.isdecimal():
            return None
        worklogs = self.jira.call(FETCH_WORKLOGS, query={"expand": "properties"}, body={"ids": [int(made_id)]})
        return self._carrier([worklog for worklog in worklogs if isinstance(worklog, dict)])

    def find(self, entry: Entry, *, now: float) -> dict[str, Any] | None:
        """Return the worklog, or None where it is certain that there is none.

        Worklogs come oldest first, so that the last pages are read, from the end. What is added meanwhile moves none.

        Raises:
            JiraUnavailableError: there were too many worklogs meanwhile.
            PluginError: looking failed.
        """
        del now
        worklogs, total = self._page(0)
        if total <= len(worklogs) < _PAGE:
            return self._carrier(worklogs)
        end = max(total, len(worklogs) + 1)  # a full page is not taken for all, whatever it says
        for _ in range(_PAGES):
            start = max(end - _PAGE, 0)
            worklogs, _ = self._page(start)
            recent = [worklog for worklog in worklogs if may_be_since(entry, worklog)]
            found = self._carrier(recent)
            if found is not None:
                return found
            if start + len(worklogs) < min(end, total):
                break
            if start == 0 or len(recent) < len(worklogs):
                return None
            end = start
        raise self._not_whole()

    def _page(self, start: int) -> tuple[list[dict[str, Any]], int]:
        """Return worklogs, and how many the issue has."""
        query = {"startAt": start, "maxResults": _PAGE, "expand": "properties"}
        data = self.jira.call(LIST_WORKLOGS, {"issueIdOrKey": self.issue_key}, query=query)
        total = data.get("total")
        if not isinstance(total, int):
            raise self._not_whole()
        return [worklog for worklog in data["worklogs"] if isinstance(worklog, dict)], total

    def _carrier(self, worklogs: list[dict[str, Any]]) -> dict[str, Any] | None:
        return next((worklog for worklog in worklogs if carries(worklog, self.key)), None)

    def _not_whole(self) -> JiraUnavailableError:
        hint = f"Look in {self.place} for one with {self.mark}."
        return not_whole(self.place, LIST_WORKLOGS, hint)
