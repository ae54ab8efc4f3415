"""When the issues of a query can have been created, so that others need no look. Nothing is decided about any issue."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .dates import is_milliseconds
from .predicates import MINUTE_SECONDS
from .tree import And, Clause, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vantage_jira_plugin.simulator.creations import Span

    from .tree import Operand, Where

__all__ = ["creation_span"]

#: Names of the date of creation in a query.
#: Source: https://support.atlassian.com/jira-software-cloud/docs/jql-fields/
_CREATED = frozenset({"created", "createddate"})


def creation_span(where: Where, instant: Callable[[Operand], float]) -> Span:
    """Return a span of time in which all issues were created that match.

    Args:
        where: the restriction of a query, which is known to be right.
        instant: reads an operand as epoch seconds.
    """
    first, last = -math.inf, math.inf
    for clause in _demanded(where):
        if clause.field.name.lower() not in _CREATED or clause.operator not in {"=", "<", "<=", ">", ">="}:
            continue
        operand = clause.operand
        if operand is None:
            continue
        at = instant(operand)
        if clause.operator == "=" and not (isinstance(operand, Value) and is_milliseconds(operand.text)):
            first, last = max(first, at - MINUTE_SECONDS), min(last, at + MINUTE_SECONDS)
        else:
            first = first if clause.operator in {"<", "<="} else max(first, at)
            last = last if clause.operator in {">", ">="} else min(last, at)
    return first, last


def _demanded(where: Where) -> Iterator[Clause]:
    """Return the clauses that every match fulfils."""
    if isinstance(where, Clause):
        yield where
    elif isinstance(where, And):
        for part in where.clauses:
            yield from _demanded(part)
