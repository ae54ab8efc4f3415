"""`was` and `changed`: what the changelog says a field once held. The present is read in `evaluation`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .errors import JqlError
from .searchers import Searcher, stored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from vantage_jira_plugin.simulator.fields import Field
    from vantage_jira_plugin.simulator.issues import Issue
    from vantage_jira_plugin.simulator.site import Site

    from .predicates import Predicate as Test
    from .tree import Clause, Operand, Predicate

__all__ = ["past_predicate"]

#: A day in seconds: `on` and the end of `during` mean whole days.
_DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class _Span:
    """Values and when they held; `author_id` is who set them, `before` what they replaced; None is no value."""

    held: frozenset[Any]
    begin: float
    end: float
    author_id: str
    before: frozenset[Any]
    changed: bool


def _held(value: Any, kind: str) -> frozenset[Any]:
    """Return what a value holds, as the issue or as its changelog has it: several things, or one, or None."""
    if value is None or value in {(), ""}:
        return frozenset({None})
    if kind == "versions":
        return frozenset(value.split(", ") if isinstance(value, str) else value)
    return frozenset({value})


def _spans(issue: Issue, values: Mapping[str, Any], field: Field, current: Any) -> Iterator[_Span]:
    """Return what a field held from the issue's beginning to now, oldest first."""
    changes = [(change, item) for change in issue.changes for item in change.items if item.field_id == field.id]
    begin, author_id = values["created"], values["creator"]
    held = _held(changes[0][1].from_id if changes else current, field.kind)
    before, changed = frozenset[Any](), False
    for change, item in changes:
        yield _Span(held, begin, change.created_at, author_id, before, changed)
        held, before, changed = _held(item.to_id, field.kind), held, True
        begin, author_id = change.created_at, change.author_id
    yield _Span(held, begin, float("inf"), author_id, before, changed)


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
    hold = stored(site, searcher.field)
    wanted = None if clause.operand is None else set(members(searcher, clause.operand))
    changing = clause.operator == "changed"
    tests = [_test(site, searcher, predicate, members, instants, changing=changing) for predicate in clause.predicates]

    def matches(issue: Issue, values: Mapping[str, Any]) -> bool:
        return any(
            (span.changed if wanted is None else not wanted.isdisjoint(span.held)) and all(test(span) for test in tests)
            for span in _spans(issue, values, searcher.field, hold(issue, values))
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
        return lambda span: span.changed and not ends.isdisjoint(span.before if name == "from" else span.held)
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
