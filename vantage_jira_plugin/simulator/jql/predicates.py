"""Small predicates over issues, and how they are combined. No site and no query are known here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vantage_jira_plugin.simulator.issues import Issue

    #: Tells whether an issue, with these values, matches.
    Predicate = Callable[[Issue, Mapping[str, Any]], bool]
    #: Tells what an issue, with these values, holds.
    Hold = Callable[[Issue, Mapping[str, Any]], Any]

__all__ = [
    "MINUTE_SECONDS",
    "all_of",
    "always",
    "any_of",
    "instant_of",
    "is_empty",
    "member_of",
    "ordered_by",
]

#: Seconds of the unit in which two points in time are the same.
MINUTE_SECONDS = 60


def always(_issue: Issue, _values: Mapping[str, Any]) -> bool:
    """Return True."""
    return True


def all_of(parts: list[Predicate]) -> Predicate:
    """Return a predicate that holds where all of these do."""
    if len(parts) == 1:
        return parts[0]
    if len(parts) == 2:  # noqa: PLR2004 - most queries are a pair, and this runs for every issue
        first, second = parts
        return lambda issue, values: first(issue, values) and second(issue, values)
    return lambda issue, values: all(part(issue, values) for part in parts)


def any_of(parts: list[Predicate]) -> Predicate:
    """Return a predicate that holds where any of these does."""
    return lambda issue, values: any(part(issue, values) for part in parts)


def instant_of(hold: Hold, minutes: frozenset[float], exact: frozenset[float], *, negative: bool) -> Predicate:
    """Return whether a point in time is in one of these minutes since the epoch, or is one of these instants."""

    def member(issue: Issue, values: Mapping[str, Any]) -> bool:
        at = hold(issue, values)
        if at is None:
            return False
        return (at // MINUTE_SECONDS in minutes or at in exact) != negative

    return member


def is_empty(hold: Hold) -> Predicate:
    """Return a predicate that holds where there is no value."""

    def empty(issue: Issue, values: Mapping[str, Any]) -> bool:
        value = hold(issue, values)
        return value is None or value == ()

    return empty


def member_of(hold: Hold, wanted: frozenset[Any], *, negative: bool) -> Predicate:
    """Return whether a value is among these; `!=` and `not in` pass over issues without a value."""
    with_empty = None in wanted

    def member(issue: Issue, values: Mapping[str, Any]) -> bool:
        value = hold(issue, values)
        if value is None or value == ():
            return with_empty and not negative
        found = any(one in wanted for one in value) if isinstance(value, tuple) else value in wanted
        return found != negative

    return member


def ordered_by(hold: Hold, compare: Callable[[Any, Any], bool], limit: Any) -> Predicate:
    """Return a predicate that holds where a value stands so to the limit; no value never does."""

    def ordered(issue: Issue, values: Mapping[str, Any]) -> bool:
        value = hold(issue, values)
        return value is not None and compare(value, limit)

    return ordered
