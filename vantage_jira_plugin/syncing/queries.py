"""The queries of a synchronisation, as JQL. It knows what is asked, not when.

Times are epoch milliseconds, which mean the same in every time zone: dates of a query are otherwise read in that of the
account, which may change its profile, and jump with daylight saving.
Source: https://support.atlassian.com/jira-software-cloud/docs/jql-fields/; airbytehq/airbyte#48492.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from vantage_jira_plugin.errors import InputError
from vantage_jira_plugin.jql import narrowed, split

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .window import Chain

__all__ = ["census_query", "chain_query", "clauses_of", "picked_query"]

#: The field that each kind of read goes by.
_TIMES: Final = {"whole": "created", "changes": "updated"}


def clauses_of(jql: str) -> str:
    """Return the query, which must have no order and stand in parentheses.

    Raises:
        InputError: it has an order of its own, no clause, or quotes and parentheses that do not match.
    """
    clauses, order = split(jql)
    if order:
        raise _refused("must have no ORDER BY: syncIssues reads in an order of its own")
    if not clauses:
        raise _refused("must have at least one restriction")
    return clauses


def chain_query(clauses: str, chain: Chain) -> str:
    """Return the query of a read from its bound, oldest first."""
    time = _TIMES[chain.kind]
    bound = () if chain.from_ms is None else (f"{time} >= {chain.from_ms}",)
    return narrowed(clauses, bound, f"ORDER BY {time} ASC, key ASC")


def census_query(clauses: str) -> str:
    """Return the query of all ids."""
    return narrowed(clauses, (), "ORDER BY key ASC")


def picked_query(clauses: str, ids: Iterable[int]) -> str:
    """Return the query of those of some issues that match."""
    return narrowed(clauses, (f"id in ({', '.join(map(str, ids))})",), "")


def _refused(text: str) -> InputError:
    return InputError(f"syncIssues cannot run: jql {text}", errors={"jql": [text]})
