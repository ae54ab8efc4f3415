"""A query that is ready to run: which issues match, and in which order. How it was written is not known here."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from itertools import groupby, islice
from operator import eq
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.simulator.creations import ALWAYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from vantage_jira_plugin.simulator.creations import Span
    from vantage_jira_plugin.simulator.issues import Issue

    from .predicates import Hold, Predicate
    from .tree import Where

__all__ = ["Compiled"]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A query that is ready to run.

    Everything that matches fulfils all of `tests`; just as well it was created within `created`, is in one of
    `project_ids`, and fulfils all of `rest_tests`.

    Attributes:
        created: when matches were created.
        project_ids: which projects they are in; None where that is not said.
        rest: what `rest_tests` were compiled from.
        timeless: nothing in it counts from now.
        rising: issues that the order puts equal come by rising ids, else by falling ones.
        by_creation: the order is that of creation and nothing else.
    """

    tests: tuple[Predicate, ...]
    sorts: tuple[tuple[Hold, bool], ...] = ()
    created: Span = ALWAYS
    project_ids: frozenset[str] | None = None
    rest: tuple[Where, ...] = ()
    rest_tests: tuple[Predicate, ...] = ()
    timeless: bool = False
    rising: bool = False
    by_creation: bool = False

    def run(self, candidates: Iterable[tuple[Issue, Mapping[str, Any]]]) -> list[Issue]:
        """Return the issues that match with these values, in order; the newest first where the query names none."""
        for test in self.tests:
            candidates = [pair for pair in candidates if test(*pair)]
        pairs = list(candidates)
        return self.ordered([issue for issue, _values in pairs], [values for _issue, values in pairs])

    def beyond(self, issues: list[Issue]) -> list[Issue]:
        """Return the issues that match as they are now; all are of the time and the projects that the query wants."""
        for test in self.rest_tests:
            issues = [issue for issue in issues if test(issue, issue.values)]
        return issues

    def ordered(self, issues: list[Issue], values: list[Mapping[str, Any]]) -> list[Issue]:
        """Return issues, whose values these are, in the order of the query."""
        places = sorted(range(len(issues)), key=[issue.id for issue in issues].__getitem__, reverse=not self.rising)
        return [issues[place] for place in _arranged(places, issues, values, self.sorts)]

    def ordered_ids(self, ids: array[int]) -> array[int] | None:
        """Return ids, which come oldest first, in the order of the query; None where that takes more than ids."""
        if not self.sorts:
            return array("q", sorted(ids, reverse=True))
        if not self.by_creation:
            return None
        (_hold, descending), *_ = self.sorts
        return ids[::-1] if descending else ids


def _arranged(
    places: list[int], issues: list[Issue], values: list[Mapping[str, Any]], sorts: Sequence[tuple[Hold, bool]]
) -> list[int]:
    """Return places by what the issues there hold; missing values come last when rising and first when falling."""
    if len(places) < 2 or not sorts:  # noqa: PLR2004 - one alone is in order
        return places
    (hold, descending), *others = sorts
    held = dict(zip(places, map(hold, map(issues.__getitem__, places), map(values.__getitem__, places)), strict=True))
    there = [place for place in places if held[place] is not None]
    there.sort(key=held.__getitem__, reverse=descending)
    missing = _arranged([place for place in places if held[place] is None], issues, values, others)
    shown = [held[place] for place in there]
    # Only equals are compared by the next field, and most often there are none.
    if others and any(map(eq, shown, islice(shown, 1, None))):
        alike = [list(places) for _value, places in groupby(there, held.__getitem__)]
        there = [
            place
            for places in alike
            for place in (places if len(places) == 1 else _arranged(places, issues, values, others))
        ]
    return missing + there if descending else there + missing
