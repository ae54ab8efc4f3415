"""What clauses every match fulfils, and when those let an issue be created. Nothing is decided about any issue."""

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

__all__ = ["creation_span", "demanded"]

#: Names of the date of creation in a query.
#: Source: https://support.atlassian.com/jira-software-cloud/docs/jql-fields/
_CREATED = frozenset({"created", "createddate"})


def creation_span(where: Where, instant: Callable[[Operand], float]) -> Span | None:
    """Return the span of time to which a clause bounds creation, neither more nor less; None where it does not.

    Args:
        where: one of the `demanded` parts of a query, which is known to be right.
        instant: reads an operand as epoch seconds.
    """
    if not isinstance(where, Clause) or where.field.name.lower() not in _CREATED or where.operand is None:
        return None
    if where.operator not in {"=", "<", "<=", ">", ">="}:
        return None
    at = instant(where.operand)
    if where.operator == "=":
        is_exact = isinstance(where.operand, Value) and is_milliseconds(where.operand.text)
        minute_at = at // MINUTE_SECONDS * MINUTE_SECONDS
        return (at, at) if is_exact else (minute_at, math.nextafter(minute_at + MINUTE_SECONDS, -math.inf))
    return {
        "<": (-math.inf, math.nextafter(at, -math.inf)),
        "<=": (-math.inf, at),
        ">": (math.nextafter(at, math.inf), math.inf),
        ">=": (at, math.inf),
    }[where.operator]


def demanded(where: Where | None) -> Iterator[Where]:
    """Return the parts of a restriction that every match fulfils, and that together are the restriction."""
    if isinstance(where, And):
        for part in where.clauses:
            yield from demanded(part)
    elif where is not None:
        yield where
