"""`was` and `changed`: what the changelog says a field once held. The present is read in `evaluation`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .errors import JqlError
from .searchers import Searcher, stored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from vantage_jira_plugin.simulator.issues import Issue
    from vantage_jira_plugin.simulator.site import Site

    from .predicates import Predicate as Test
    from .tree import Clause, Operand, Predicate

__all__ = ["past_predicate"]

#: A day in seconds: `on` and the end of `during` mean whole days.
_DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class _Span:
    """A value and when it held; `author_id` is who set it, `before` what it replaced."""

    value: Any
    begin: float
    end: float
    author_id: str
    before: Any
    changed: bool


def _spans(issue: Issue, values: Mapping[str, Any], field_id: str, current: Any) -> Iterator[_Span]:
    """Return what a field held from the issue's beginning to now, oldest first."""
    changes = [(change, item) for change in issue.changes for item in change.items if item.field_id == field_id]
    begin, author_id = values["created"], values["creator"]
    value, before, changed = (changes[0][1].from_id if changes else current), None, False
    for change, item in changes:
        yield _Span(value, begin, change.created_at, author_id, before, changed)
        value, before, changed = item.to_id, value, True
        begin, author_id = change.created_at, change.author_id
    yield _Span(value, begin, float("inf"), author_id, before, changed)


def past_predicate(
    site: Site,
    searcher: Searcher,
    clause: Clause,
    members: Callable[[Searcher, Operand], list[Any]],
    instants: Callable[[str, Operand], list[float]],
) -> Test:
    """Compile a clause about the past.

    Args:
        site: whose issues these are.
        searcher: the field.
        clause: what is asked.
        members: reads operands as values of a field.
        instants: reads operands as points in time.
    """
    hold, field_id = stored(site, searcher.field), searcher.field.id
    wanted = None if clause.operand is None else set(members(searcher, clause.operand))
    changing = clause.operator == "changed"
    tests = [_test(site, searcher, predicate, members, instants, changing=changing) for predicate in clause.predicates]

    def matches(issue: Issue, values: Mapping[str, Any]) -> bool:
        return any(
            (span.changed if wanted is None else span.value in wanted) and all(test(span) for test in tests)
            for span in _spans(issue, values, field_id, hold(issue, values))
        )

    if clause.operator in {"was not", "was not in"}:
        return lambda issue, values: not matches(issue, values)
    return matches


def _test(
    site: Site,
    searcher: Searcher,
    predicate: Predicate,
    members: Callable[[Searcher, Operand], list[Any]],
    instants: Callable[[str, Operand], list[float]],
    *,
    changing: bool,
) -> Callable[[_Span], bool]:
    name, operand = predicate.name, predicate.operand
    if name == "by":
        authors = set(members(Searcher(site.fields["creator"], "by"), operand))
        return lambda span: span.author_id in authors
    if name in {"from", "to"}:
        ends = set(members(searcher, operand))
        return lambda span: span.changed and (span.before if name == "from" else span.value) in ends
    times = instants(name, operand)
    if name == "during":
        if len(times) != 2:  # noqa: PLR2004 - a beginning and an end
            raise JqlError("The predicate 'during' expects two dates.", about_values=True)
        first, last = times
    elif name == "on":
        first, last = times[0], times[0] + _DAY_SECONDS
    elif name == "after":
        first, last = times[0], float("inf")
    else:
        first, last = float("-inf"), times[0]
    if changing:
        return lambda span: span.changed and first <= span.begin < last
    return lambda span: span.begin < last and span.end > first
