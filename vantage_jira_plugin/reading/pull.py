"""All issues that a query finds, whole or with the reason why not. How they are read side by side is in `work`.

One search is one chain of pages, each known only when the one before has come. So a long one is cut into slices by
`created`, which are chains of their own. See docs/reading.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .continuation import Continuation
from .keeper import MemoryKeeper
from .query import query_of
from .slices import created_of, minute_of
from .work import Work

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from vantage_jira_plugin.client import JiraClient

    from .keeper import Keeper

__all__ = ["Pulled", "pull", "pull_into"]

_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True)
class Pulled(Generic[_Made]):
    """What was made of the issues, in the query's order, and why they are not all (None where they are)."""

    items: list[_Made]
    incomplete_reason: str | None
    next_page_token: str | None


def pull(
    jira: JiraClient,
    jql: str,
    fields: Sequence[str],
    *,
    max_rows: int,
    make: Callable[[dict[str, Any]], _Made],
    next_page_token: str | None = None,
) -> Pulled[_Made]:
    """Read the issues that a query finds, confined to the projects that the settings allow, each once.

    Args:
        jira: the client of the action.
        jql: the query; where it names no order, the newest come first.
        fields: what to ask Jira for: ids, or wildcards.
        max_rows: how many issues at most.
        make: makes of Jira's JSON of an issue what is kept of it; called in the threads that read.
        next_page_token: where an earlier call with the same query stopped.

    Raises:
        JiraInvalidError: Jira does not understand the query.
        InputError: `next_page_token` is none.
    """
    begin = Continuation.of(next_page_token)
    fresh = jira.fresh_issue_ids(next_page_token)
    keeper: MemoryKeeper[tuple[object, object, _Made]] = MemoryKeeper()
    work = Work(
        jira,
        query_of(jira, jql, fields, reconcile=fresh),
        max_rows=max_rows,
        make=lambda issue: (created_of(issue), issue.get("id"), make(issue)),
        keeper=keeper,
    )
    reason = work.run(begin)
    kept = keeper.items()[:max_rows]
    # Where all is read nothing is left, though Jira may say that something lacks.
    token = None
    if not work.agenda.whole:
        token = work.agenda.chain_token or _after(begin, kept, newest_first=work.agenda.newest_first)
    jira.keep_issue_ids(token, fresh)
    return Pulled([made for _, _, made in kept], reason, token)


def pull_into(
    jira: JiraClient,
    jql: str,
    fields: Sequence[str],
    *,
    max_rows: int | None,
    make: Callable[[dict[str, Any]], _Made],
    keeper: Keeper[_Made],
) -> str | None:
    """Read as `pull` does into a keeper, which may have kept an earlier run; return why it is not all, or None.

    The keeper's parts hold the issues in the query's order; it may be given some more than `max_rows`.
    """
    query = query_of(jira, jql, fields, reconcile=jira.fresh_issue_ids(None))
    return Work(jira, query, max_rows=max_rows, make=make, keeper=keeper).run(Continuation())


def _after(
    begin: Continuation, kept: Sequence[tuple[object, object, object]], *, newest_first: bool | None
) -> str | None:
    """Return where a search that was read by `created` goes on behind what is kept."""
    if newest_first is None:
        return None
    last: list[tuple[int | None, str]] = []
    for created, issue_id, _ in reversed(kept):  # those of the last minute, and the one before
        last.append((minute_of(created), str(issue_id)))
        if last[-1][0] != last[0][0]:
            break
    return begin.after(last[::-1], newest_first=newest_first)
