"""A span of time that cells are compared with, and the query for what was changed in it. No rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vantage_jira_plugin.jql import narrowed, split

from .values import utc_datetime

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["Span", "changed_since"]

#: Dates in JQL count whole minutes.
_MINUTE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Span:
    """From one moment on, and before another; ISO 8601 in UTC, as cells have them, or None for no bound."""

    since: str | None = None
    until: str | None = None

    @classmethod
    def of(cls, since: datetime | None, until: datetime | None = None) -> Span:
        """Return the span between two moments."""
        return cls(
            None if since is None else utc_datetime(since.isoformat()),
            None if until is None else utc_datetime(until.isoformat()),
        )

    def holds(self, at: str | None) -> bool:
        """Tell whether a moment belongs to it; one that is not known is no reason to leave something out."""
        if at is None:
            return True
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)


def changed_since(jql: str, since: datetime | None) -> str:
    """Return a query for those of its issues that were changed since, in epoch milliseconds: no time zone matters.

    Raises:
        InputError: its quotes or parentheses do not match.

    Source: https://support.atlassian.com/jira-software-cloud/docs/jql-fields/, "Updated".
    """
    if since is None:
        return jql
    clauses, order = split(jql)
    minute = int(since.timestamp()) // _MINUTE_SECONDS * _MINUTE_SECONDS
    return narrowed(clauses, [f"updated >= {minute * 1000}"], order)
