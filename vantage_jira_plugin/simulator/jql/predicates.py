"""Small predicates over issues, and how they are combined. No site and no query are known here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .errors import JqlError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vantage_jira_plugin.simulator.issues import Issue

    #: Tells whether an issue, with these values, matches.
    Predicate = Callable[[Issue, Mapping[str, Any]], bool]
    #: Tells what an issue, with these values, holds.
    Hold = Callable[[Issue, Mapping[str, Any]], Any]

__all__ = [
    "all_of",
    "always",
    "any_of",
    "is_empty",
    "member_of",
    "minute_of",
    "ordered_by",
    "text_matcher",
]

#: Seconds of the unit in which two points in time are the same.
_MINUTE_SECONDS = 60
_WORDS = re.compile(r"\w+")


def always(_issue: Issue, _values: Mapping[str, Any]) -> bool:
    """Return True."""
    return True


def all_of(parts: list[Predicate]) -> Predicate:
    """Return a predicate that holds where all of these do."""
    return lambda issue, values: all(part(issue, values) for part in parts)


def any_of(parts: list[Predicate]) -> Predicate:
    """Return a predicate that holds where any of these does."""
    return lambda issue, values: any(part(issue, values) for part in parts)


def minute_of(at: float | None) -> float | None:
    """Return the minute of an instant, counted from the epoch."""
    return None if at is None else at // _MINUTE_SECONDS


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


def text_matcher(text: str, name: str) -> Callable[[str], bool]:
    """Return whether a text holds all words of another, and its quoted phrases as they are.

    A word that ends in `*` stands for all that begin so. Jira also knows stems; the simulator does not.
    """
    stripped = text.strip()
    if not stripped:
        raise JqlError(f"The field '{name}' requires a value to search for.", about_values=True)
    if stripped[0] in "*?":
        raise JqlError(
            f"The text query '{text}' for field '{name}' is not allowed to start with character '{stripped[0]}'.",
            about_values=True,
        )
    phrases = [phrase.lower() for phrase in re.findall(r'"([^"]+)"', stripped)]
    rest = re.sub(r'"[^"]*"', " ", stripped).lower()
    starts = re.findall(r"(\w+)\*", rest)
    words = [word for word in _WORDS.findall(re.sub(r"\w+\*", " ", rest)) if word not in {"and", "or", "not"}]

    def matches(candidate: str) -> bool:
        lowered = candidate.lower()
        if not all(phrase in lowered for phrase in phrases):
            return False
        held = set(_WORDS.findall(lowered))
        return all(word in held for word in words) and all(
            any(word.startswith(start) for word in held) for start in starts
        )

    return matches
