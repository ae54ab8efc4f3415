"""All issues that a query finds, whole or with the reason why not. How they are read side by side is in `work`.

One search is one chain of pages, each known only when the one before has come. So a long one is cut into slices by
`created`, which are chains of their own. See docs/reading.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from vantage_jira_plugin.errors import InputError
from vantage_jira_plugin.jql import confined, created_order, split

from .continuation import Continuation
from .keeper import MemoryKeeper
from .parts import Query
from .plan import only_keys
from .slices import created_of, minute_of
from .work import Work

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from vantage_jira_plugin.client import JiraClient

    from .keeper import Keeper

__all__ = ["Pulled", "pull", "pull_into", "query_of"]

_Made = TypeVar("_Made")

#: Where the query names no order: so slices follow each other.
_NEWEST_FIRST = "ORDER BY created DESC"


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
    ended = reason in {None, "jira_warning"}  # nothing is left, though Jira says that something may lack
    token = None if ended else work.chain_token or _after(begin, kept, newest_first=work.newest_first)
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


def query_of(jira: JiraClient, jql: str, fields: Sequence[str], *, reconcile: Sequence[int] = ()) -> Query:
    """Return a query confined to the projects that the settings allow, newest first where it names no order.

    Where it sorts by `created`, that is read besides: it tells where a slice stands.
    """
    whole = confined(jql, jira.settings.allowed_projects)
    try:
        clauses, order = split(whole)
    except InputError:
        return Query(whole, "", tuple(fields), tuple(reconcile))  # Jira shall say what is wrong with it
    order = order or _NEWEST_FIRST
    adds = created_order(order) is not None and not only_keys(fields) and "-created" not in fields
    return Query(clauses, order, _with_created(fields) if adds else tuple(fields), tuple(reconcile))


def _with_created(fields: Sequence[str]) -> tuple[str, ...]:
    wide = any(field.startswith(("*", "-")) for field in fields)
    return tuple(fields) if wide or "created" in fields else (*fields, "created")


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
