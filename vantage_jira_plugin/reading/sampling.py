"""A few issues of a site, looked at by their ids, and how all are spread over time as far as these show. Pure.

Jira numbers issues as they are created, over all projects of a site. So the minutes in which some of them were created
show when it was busy, and a query is taken to find its issues then.

Source: recorded issues.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["sample", "shape_of"]

#: Fewer ids than this are not asked for, and fewer issues than this show nothing.
_LEAST_SAMPLED = 10
_LEAST_FOUND = 5


def sample(low: int, high: int, wanted: int) -> list[str]:
    """Return so many ids spread evenly between two; none where that is too few to show anything."""
    if min(wanted, high - low - 1) < _LEAST_SAMPLED:
        return []
    return sorted({str(low + (high - low) * number // (wanted + 1)) for number in range(1, wanted + 1)}, key=int)


def shape_of(found: Iterable[tuple[int, int]], low: int, high: int) -> list[tuple[int, float]]:
    """Return minutes that rise, and which share of the ids between two was given before each; nothing where few tell.

    Counts and pages correct that; issues that were imported have numbers later than their time, and are passed over.

    Args:
        found: ids, and the minutes in which these issues were created.
        low: the lesser of the two ids.
        high: the larger.
    """
    rising = _rising(sorted(found))
    if len(rising) < _LEAST_FOUND:
        return []
    return [(minute, (issue_id - low) / (high - low)) for issue_id, minute in rising]


def _rising(points: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return as many of the points as can be whose second numbers rise, too."""
    ends: list[int] = []  # of rising rows of each length, the least number that one ends with, and where
    places: list[int] = []
    before: list[int] = []
    for place, (_, number) in enumerate(points):
        length = bisect_left(ends, number)
        before.append(places[length - 1] if length else -1)
        ends[length : length + 1] = [number]
        places[length : length + 1] = [place]
    found: list[tuple[int, int]] = []
    place = places[-1] if places else -1
    while place >= 0:
        found.append(points[place])
        place = before[place]
    return found[::-1]
