"""When ids are counted, and what became of issues that were not found: decided. No Jira, no JQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["PERIODS", "Answer", "Fate", "fate_of", "is_due", "is_old", "project_of", "suspicious", "told_lately"]

_DAY_SECONDS = 86_400.0
#: How long after one count the next is due, in seconds; None for never.
PERIODS: dict[str, float | None] = {"never": None, "always": 0.0, "daily": _DAY_SECONDS, "weekly": 7 * _DAY_SECONDS}

Fate = Literal["deleted", "archived", "lost", "moved", "left"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What Jira answers of an issue that the query did not find.

    Attributes:
        key: as it is now.
        archived: whether it says that it is archived.
        matches: whether the query finds it after all, where its index is not asked.
    """

    key: str
    archived: bool
    matches: bool


def is_due(every: str, counted_at: float, now: float) -> bool:
    """Tell whether ids are to be counted again; a clock that was ahead puts it off no longer than a period."""
    period = PERIODS[every]
    return period is not None and abs(now - counted_at) >= period


def is_old(began_at: float, now: float) -> bool:
    """Tell whether a count, which may take several calls, began so long ago that it says little of now: a day.

    One that began in a day to come was dated by a clock that was wrong, and may be of any age.
    """
    return abs(now - began_at) >= _DAY_SECONDS


def told_lately(unsettled: str | None, counted_at: float, now: float) -> str | None:
    """Return what a count has left open that began less than a day ago.

    That makes the table of its call incomplete, and no other for a day, counts included, so that a caller who calls
    until all is complete comes to an end: only a warning tells it then.
    """
    return None if is_old(counted_at, now) else unsettled


def project_of(key: str) -> str:
    """Return the key of the project of an issue key."""
    return key.rpartition("-")[0]


def fate_of(key: str, answer: Answer | None, project: str | None) -> Fate | None:
    """Return what became of an issue; None where it is still found by the query, so that the index is late.

    Jira answers of an issue that is gone and of one that may not be seen alike: with nothing. That its project is not
    to be seen any more tells the second; a security level that hides one issue looks like a deletion.

    Args:
        key: last known.
        answer: Jira's, or None.
        project: what the project of the last known key is: `live`, `archived`, `deleted`; None where it is not seen.
    """
    if answer is None:
        return "lost" if project is None else "archived" if project == "archived" else "deleted"
    if answer.archived:
        return "archived"
    if answer.matches:
        return None
    if answer.key != key:
        return "moved"
    return "archived" if project == "archived" else "left"


def suspicious(gone: Collection[int], known: int) -> bool:
    """Tell whether a lost permission is likelier, since more than half of the issues known are gone at once."""
    return 2 * len(gone) > known
