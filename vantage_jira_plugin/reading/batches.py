"""Rows that are made of issues, until there are enough: issues are read batch after batch. It knows no kind of row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from vantage_jira_plugin.errors import PluginError

from .fetched import ended_by
from .pull import pull

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from vantage_jira_plugin.client import JiraClient

__all__ = ["MOST_ISSUES", "Gathered", "batch_sizes", "gather"]

_Made = TypeVar("_Made")
_Row = dict[str, Any]

#: Most issues of one query.
MOST_ISSUES = 1_000_000
#: Fewer issues are not worth a batch.
_LEAST_ISSUES = 100
#: What says that there are more than were wanted.
_CUT = "maxRows"


@dataclass(frozen=True, slots=True)
class Gathered:
    """Rows, and why they are not all (None where they are)."""

    rows: list[_Row]
    incomplete_reason: str | None


def gather(
    jira: JiraClient,
    jql: str,
    fields: Sequence[str],
    *,
    max_rows: int,
    make: Callable[[dict[str, Any]], _Made],
    rows_of: Callable[[list[_Made]], Iterable[tuple[Sequence[_Row], str | None]]],
) -> Gathered:
    """Return the rows that issues have, in the query's order.

    As many issues are read at first as rows are wanted, so that few rows of many issues do not cost them all. Where
    time or Jira's limits end a read, the rows before it are kept.

    Args:
        jira: the client of the action.
        jql: the query, confined to the projects that the settings allow.
        fields: what to ask Jira for.
        max_rows: how many rows at most.
        make: makes of Jira's JSON of an issue what is kept of it; called in the threads that read.
        rows_of: reads what else there is of a batch of issues, and yields rows with the reason why some are missing
            (None where none are); it is asked for no more than is wanted.

    Raises:
        PluginError: a read failed otherwise, or there are no rows before it.
    """
    rows: list[_Row] = []
    reason: str | None = None
    try:
        for made, cut in _batches(jira, jql, fields, max_rows, make):
            for some, missing in rows_of(made):
                rows += some
                reason = reason or missing
                if len(rows) > max_rows:
                    return Gathered(rows[:max_rows], _CUT)
            jira.progress(len(rows), None, "rows read")
            reason = reason or cut
    except PluginError as error:
        ended = ended_by(jira, error) if rows else None
        if ended is None:
            raise
        reason = reason or ended
    return Gathered(rows, reason)


def batch_sizes(max_rows: int) -> Iterator[int]:
    """Yield how many issues are read in each batch for so many rows, as long as there are not enough."""
    size = max(max_rows, _LEAST_ISSUES)
    while True:
        yield size
        size = min(2 * size, MOST_ISSUES)


def _batches(
    jira: JiraClient, jql: str, fields: Sequence[str], max_rows: int, make: Callable[[dict[str, Any]], _Made]
) -> Iterator[tuple[list[_Made], str | None]]:
    """Yield issues with the reason why no further ones can be had, each issue once, until a reason or the end.

    A search that was read side by side may not be able to go on where it stopped; it is then read as a whole.
    """
    seen: set[str] = set()

    def kept(issue: dict[str, Any]) -> tuple[str, _Made]:
        return str(issue.get("id")), make(issue)

    sizes, token = batch_sizes(max_rows), None
    wanted = next(sizes)
    while True:
        pulled = pull(jira, jql, fields, max_rows=wanted, make=kept, next_page_token=token)
        token = pulled.next_page_token
        more = pulled.incomplete_reason == _CUT and len(seen) + len(pulled.items) < MOST_ISSUES
        new = [made for issue_id, made in pulled.items if issue_id not in seen]
        seen.update(issue_id for issue_id, _ in pulled.items)
        yield new, None if more else pulled.incomplete_reason
        if not more:
            return
        over = jira.why_stop()
        if over is not None:
            yield [], over
            return
        wanted = next(sizes) if token is not None else MOST_ISSUES
