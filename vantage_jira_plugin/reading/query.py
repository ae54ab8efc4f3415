"""What a pull searches for: the query as the settings confine it, its order, and what is asked for. No HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.errors import InputError
from vantage_jira_plugin.fields.system import WILDCARDS
from vantage_jira_plugin.jql import confined, created_order, narrowed, split

from .sizes import only_keys

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vantage_jira_plugin.client import JiraClient

    from .slices import Slice

__all__ = ["Query", "query_of"]

#: Where the query names no order: so slices follow each other.
_NEWEST_FIRST = "ORDER BY created DESC"
_EVERYTHING = frozenset(WILDCARDS)


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for: clauses, an `ORDER BY` part, the fields, and issues to be seen as they are."""

    clauses: str
    order: str
    fields: tuple[str, ...]
    reconcile: tuple[int, ...] = ()

    def jql(self, part: Slice, order: str | None = None) -> str:
        """Return the query for a slice."""
        return narrowed(self.clauses, part.clauses, self.order if order is None else order)

    def body(self, part: Slice, fields: Sequence[str] | None = None) -> dict[str, Any]:
        """Return the request for pages of a slice."""
        body = {"jql": self.jql(part), "fields": list(self.fields if fields is None else fields)}
        return {**body, "reconcileIssues": list(self.reconcile)} if self.reconcile else body

    @property
    def by_created(self) -> bool:
        """Whether slices follow each other in its order, as far as its text tells, and issues say where they stand."""
        wide = not _EVERYTHING.isdisjoint(self.fields) and "-created" not in self.fields
        return created_order(self.order) is not None and (wide or "created" in self.fields)

    @property
    def newest_first(self) -> bool | None:
        """In which direction of `created` it sorts; None where its text names neither."""
        return {"asc": False, "desc": True}.get(created_order(self.order) or "")


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
