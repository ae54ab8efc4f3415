"""Issues by their ids, as far as Jira answers them, time and points last. What an answer means is not known here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from vantage_jira_plugin.errors import PluginError, RateLimitedError
from vantage_jira_plugin.operations import BULK_FETCH_ISSUES

from .crew import side_by_side
from .pages import objects_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from vantage_jira_plugin.client import JiraClient

__all__ = ["Fetched", "Pieces", "ended_by", "fetched_issues"]

#: What Jira could not answer is asked for once more, in so many times smaller pieces.
_SMALLER = 10
#: What says that the caller's time is over.
_OVER = "timeout"

_One = TypeVar("_One")
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Fetched:
    """What Jira answers of issues.

    Attributes:
        issues: those that are there and visible.
        failed: ids of which it says that it could not answer them: they may be there or not.
        stopped: why not all were asked for, or None.
    """

    issues: list[dict[str, Any]] = field(repr=False)
    failed: set[int]
    stopped: str | None


def fetched_issues(jira: JiraClient, ids: Sequence[int], fields: Sequence[str], size: int) -> Fetched:
    """Return the issues of these ids, so many at once; those that Jira could not answer are asked for twice.

    Source: POST /rest/api/3/issue/bulkfetch, which leaves out what is gone or hidden, and names in `issueErrors` what
    it could not answer for the moment, or because the answer was too large.
    """
    first = _fetched(jira, ids, fields, size)
    if first.stopped is not None or not first.failed:
        return first
    again = _fetched(jira, sorted(first.failed), fields, max(1, size // _SMALLER))
    return Fetched(first.issues + again.issues, again.failed, again.stopped)


def _fetched(jira: JiraClient, ids: Sequence[int], fields: Sequence[str], size: int) -> Fetched:
    def fetch(some: Sequence[int]) -> tuple[list[dict[str, Any]], set[int]]:
        body = {"issueIdsOrKeys": [str(issue_id) for issue_id in some], "fields": list(fields)}
        data = jira.call(BULK_FETCH_ISSUES, body=body)
        return objects_of(BULK_FETCH_ISSUES, data, "issues"), _failed(data.get("issueErrors"), some)

    pieces = Pieces(jira, ids, size)
    pages = pieces.answers(fetch)
    issues = [issue for found, _ in pages for issue in found]
    failed = {issue_id for _, ids_of_page in pages for issue_id in ids_of_page}
    return Fetched(issues, failed, pieces.stopped)


def _failed(errors: object, asked: Collection[int]) -> set[int]:
    """Return the ids in `[{"id", "errorMessage"}]`; all that were asked for where an error names none of them."""
    failed: set[int] = set()
    for error in errors if isinstance(errors, list) else [errors] if errors else ():
        named = str(error.get("id")) if isinstance(error, dict) else ""
        failed |= {issue_id for issue_id in asked if str(issue_id) == named} or set(asked)
    return failed


class Pieces(Generic[_One]):
    """Pieces of what is asked for, as long as time, points and Jira's limits last.

    Attributes:
        stopped: why not all pieces were asked for, or None.
    """

    def __init__(self, jira: JiraClient, wanted: Sequence[_One], size: int) -> None:
        self._jira = jira
        self._wanted = wanted
        self._size = size
        self.stopped: str | None = None

    def answers(self, function: Callable[[Sequence[_One]], _Answer]) -> list[_Answer]:
        """Return what a function, called side by side, answers of each piece."""
        found = []
        try:
            for answer in side_by_side(self._jira, function, self._pieces()):
                found.append(answer)  # noqa: PERF402 - what came before a limit is kept
        except PluginError as error:
            self.stopped = ended_by(self._jira, error)
            if self.stopped is None:
                raise
        return found

    def _pieces(self) -> Iterator[Sequence[_One]]:
        for begin in range(0, len(self._wanted), self._size):
            self.stopped = self._jira.why_stop()
            if self.stopped is not None:
                return
            yield self._wanted[begin : begin + self._size]


def ended_by(jira: JiraClient, error: PluginError) -> str | None:
    """Return the reason of a table whose read was ended by Jira's limits, with a warning, or by the caller's time.

    None of any other failure, which is no table's.
    """
    if isinstance(error, RateLimitedError):
        jira.warnings.append(str(error))
        return "rate_limited"
    return _OVER if jira.why_stop() == _OVER else None
