"""Queries against a site: compiled once into a predicate and an order. No text is parsed here."""

from __future__ import annotations

import operator
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from vantage_jira_plugin.simulator.creations import ALWAYS

from .compiled import Compiled
from .dates import DATE_FUNCTIONS, Calendar, is_milliseconds, is_relative
from .errors import JqlError, field_unknown, operator_unsupported
from .functions import call
from .past import past_predicate
from .predicates import MINUTE_SECONDS, all_of, always, any_of, instant_of, is_empty, member_of, ordered_by
from .searchers import MASTER_TEXT, Searcher, operators_of, read_value, stored, texts_of
from .spans import creation_span, demanded
from .textsearch import text_matcher
from .tree import And, Call, Clause, Empty, FieldName, Many, Not, Operand, Query, Value, Where

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from vantage_jira_plugin.simulator.creations import Span
    from vantage_jira_plugin.simulator.issues import Issue
    from vantage_jira_plugin.simulator.site import Site

    from .predicates import Hold, Predicate

__all__ = ["compile_query"]

#: Most fields of an ORDER BY.
#: Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/
_MOST_SORTS = 7
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
#: What a `not` makes of each operator: negations are pushed down to the clauses, so that `not x = 1` and
#: `x != 1` find the same and neither finds issues without a value. `changed` has no opposite.
#: Source: https://support.atlassian.com/jira-software-cloud/docs/jql-operators/
_OPPOSITES: Mapping[str, str] = {
    one: other
    for pair in (
        ("=", "!="),
        ("in", "not in"),
        ("is", "is not"),
        ("~", "!~"),
        ("<", ">="),
        (">", "<="),
        ("was", "was not"),
        ("was in", "was not in"),
    )
    for one, other in (pair, pair[::-1])
}
#: Operators that every field of a shared name must fulfil; of the others one field is enough.
_EVERYWHERE = frozenset({"!=", "not in", "!~", "is", "was not", "was not in"})


def compile_query(site: Site, account_id: str, query: Query) -> Compiled:
    """Return the query, checked against the site as the account sees it.

    Raises:
        JqlError: with every text that Jira has about it.
    """
    return _Compiler(site, account_id).compile(query)


class _Compiler:
    def __init__(self, site: Site, account_id: str) -> None:
        self.site = site
        self.account_id = account_id
        account = site.accounts[account_id]
        self.calendar = Calendar(site.clock(), ZoneInfo(account.time_zone), account.locale)
        self.errors: list[JqlError] = []
        self.timeless = True
        self.clauses: dict[str, list[Searcher]] = {}
        for field in (*site.fields.values(), MASTER_TEXT):
            for name in field.clause_names:
                self.clauses.setdefault(name.lower(), []).append(Searcher(field, name))

    def compile(self, query: Query) -> Compiled:
        parts = tuple(demanded(query.where))
        tests = tuple(self._where(part) for part in parts)
        sorts: list[tuple[Searcher, bool]] = []
        if len(query.order) > _MOST_SORTS:
            self.errors.append(JqlError(f"The ORDER BY clause can contain at most {_MOST_SORTS} fields."))
        holds = []
        for sort in query.order:
            try:
                searcher = self._searchers(sort.field)[0]
                holds.append(self._sort_key(searcher))
                sorts.append((searcher, sort.direction == "desc"))
            except JqlError as error:
                self.errors.append(error)
        if self.errors:
            messages = dict.fromkeys(message for error in self.errors for message in error.messages)
            raise JqlError(*messages, about_values=all(error.about_values for error in self.errors))
        reach, rest = self._reach(parts)
        return Compiled(
            tests,
            tuple((hold, descending) for hold, (_searcher, descending) in zip(holds, sorts, strict=True)),
            *reach,
            rest=tuple(parts[place] for place in rest),
            rest_tests=tuple(tests[place] for place in rest),
            timeless=self.timeless,
            # Many issues can be made within a millisecond; they were made one after the other all the same.
            rising=any(searcher.field.id == "created" and not descending for searcher, descending in sorts),
            by_creation=[searcher.field.id for searcher, _descending in sorts] == ["created"],
        )

    def _reach(self, parts: Sequence[Where]) -> tuple[tuple[Span, frozenset[str] | None], list[int]]:
        """Return when matches were created, their projects, and the places of what says something else."""
        (first, last), project_ids, rest = ALWAYS, None, []
        for place, part in enumerate(parts):
            span, among = self._span(part), self._projects(part)
            if span is not None:
                first, last = max(first, span[0]), min(last, span[1])
            elif among is not None:
                project_ids = among if project_ids is None else project_ids & among
            else:
                rest.append(place)
        return ((first, last), project_ids), rest

    def _span(self, part: Where) -> Span | None:
        """Return when matches were created if that is all that this says; not where two fields are called so."""
        if len(self.clauses["created"]) > 1 or len(self.clauses["createddate"]) > 1:
            return None
        return creation_span(part, lambda operand: self._instants("created", operand)[0])

    def _projects(self, part: Where) -> frozenset[str] | None:
        """Return the projects that matches are in if that is all that this says."""
        if not isinstance(part, Clause) or part.operator not in {"=", "in"} or isinstance(part.operand, Empty):
            return None
        searchers = self._searchers(part.field)
        if [searcher.kind for searcher in searchers] != ["project"] or part.operand is None:
            return None
        return frozenset(self._members(searchers[0], part.operand))

    # ---- combinations -----------------------------------------------------------------------

    def _where(self, where: Where, *, negated: bool = False) -> Predicate:
        if isinstance(where, Clause):
            try:
                return self._clause(where, negated=negated)
            except JqlError as error:
                self.errors.append(error)
                return always
        if isinstance(where, Not):
            return self._where(where.clause, negated=not negated)
        parts = [self._where(clause, negated=negated) for clause in where.clauses]
        return all_of(parts) if isinstance(where, And) != negated else any_of(parts)

    def _clause(self, clause: Clause, *, negated: bool) -> Predicate:
        """Compile a clause; where several fields share the name, any of them may match."""
        predicates, errors = [], []
        for searcher in self._searchers(clause.field):
            try:
                # Compiled as it is written first: what is refused is told of the operator that was written.
                predicate = self._field_clause(clause, searcher)
                predicates.append(self._opposite(clause, searcher, predicate) if negated else predicate)
            except JqlError as error:
                errors.append(error)
        if not predicates:
            raise errors[0]
        if len(predicates) == 1:
            return predicates[0]
        opposite = _OPPOSITES.get(clause.operator)
        everywhere = opposite is None or opposite in _EVERYWHERE if negated else clause.operator in _EVERYWHERE
        return all_of(predicates) if everywhere else any_of(predicates)

    def _opposite(self, clause: Clause, searcher: Searcher, predicate: Predicate) -> Predicate:
        """Compile a clause under a `not`; where the field lacks the opposite operator, what is left over."""
        opposite = _OPPOSITES.get(clause.operator)
        if opposite is None or opposite not in operators_of(searcher.field):
            return lambda issue, values: not predicate(issue, values)
        return self._field_clause(replace(clause, operator=opposite), searcher)

    def _searchers(self, name: FieldName) -> list[Searcher]:
        wanted = (f"cf[{name.custom_id}]" if name.custom_id is not None else name.name).lower()
        found = self.clauses.get(wanted)
        if not found:
            raise field_unknown(name.name)
        return [Searcher(searcher.field, name.name) for searcher in found]

    # ---- one clause -------------------------------------------------------------------------

    def _field_clause(self, clause: Clause, searcher: Searcher) -> Predicate:
        verb, operand = clause.operator, clause.operand
        if verb not in operators_of(searcher.field):
            raise operator_unsupported(verb, searcher.name)
        if verb.startswith("was") or verb == "changed":
            return past_predicate(self.site, searcher, clause, self._members, self._instants)
        if operand is None:
            raise operator_unsupported(verb, searcher.name)
        _check_shape(verb, operand, searcher)
        if verb in {"~", "!~"}:
            return self._like(searcher, operand, negative=verb == "!~")
        if verb in {"is", "is not"} or isinstance(operand, Empty):
            empty = is_empty(stored(self.site, searcher.field))
            return empty if verb in {"is", "="} else lambda issue, values: not empty(issue, values)
        if searcher.kind in {"date", "datetime"}:
            return self._dated(searcher, verb, operand)
        if verb in _COMPARISONS:
            return self._compared(searcher, verb, operand)
        return member_of(
            stored(self.site, searcher.field),
            frozenset(self._members(searcher, operand)),
            negative=verb in {"!=", "not in"},
        )

    def _members(self, searcher: Searcher, operand: Operand) -> list[Any]:
        """Return the stored values that an operand means."""
        if isinstance(operand, Empty):
            return [None]
        if isinstance(operand, Value):
            return list(read_value(self.site, self.account_id, searcher, operand.text))
        if isinstance(operand, Call):
            return call(self.site, self.account_id, searcher, operand)
        return [value for member in operand.members for value in self._members(searcher, member)]

    def _instants(self, name: str, operand: Operand) -> list[float]:
        if isinstance(operand, Value):
            self.timeless = self.timeless and not is_relative(operand.text)
            return [self.calendar.instant(operand.text, name)]
        if isinstance(operand, Call) and operand.name.lower() in DATE_FUNCTIONS:
            self.timeless = False
            return [self.calendar.computed(operand.name, operand.arguments)]
        if isinstance(operand, Many):
            return [at for member in operand.members for at in self._instants(name, member)]
        if isinstance(operand, Call):
            raise JqlError(
                f"A date for the field '{name}' provided by the function '{operand.name}' is not valid.",
                about_values=True,
            )
        raise JqlError(f"A date is expected for the field '{name}'.", about_values=True)

    def _exact(self, name: str, operand: Operand) -> Iterator[float]:
        """Return the instants of an operand that are meant to the millisecond: whole numbers."""
        if isinstance(operand, Many):
            for member in operand.members:
                yield from self._exact(name, member)
        elif isinstance(operand, Value) and is_milliseconds(operand.text):
            yield self.calendar.instant(operand.text, name)

    def _dated(self, searcher: Searcher, verb: str, operand: Operand) -> Predicate:
        hold = stored(self.site, searcher.field)
        instants = self._instants(searcher.name, operand)
        day = self.calendar.day
        if searcher.kind == "date":
            wanted: list[Any] = [day(at) for at in instants]
            if verb not in _COMPARISONS:
                return member_of(hold, frozenset(wanted), negative=verb in {"!=", "not in"})
        else:
            wanted = list(instants)
            if verb not in _COMPARISONS:
                exact = frozenset(self._exact(searcher.name, operand))
                minutes = frozenset(at // MINUTE_SECONDS for at in instants if at not in exact)
                return instant_of(hold, minutes, exact, negative=verb in {"!=", "not in"})
        return ordered_by(hold, _COMPARISONS[verb], wanted[0])

    def _compared(self, searcher: Searcher, verb: str, operand: Operand) -> Predicate:
        limit = self._members(searcher, operand)[0]
        if searcher.kind == "key":
            return self._numbered(verb, self.site.issues[limit])
        return ordered_by(self._sort_key(searcher), _COMPARISONS[verb], self._position(searcher, limit))

    def _numbered(self, verb: str, limit: Issue) -> Predicate:
        """Compare with an issue: `id > 10000` means later numbers of the project that issue 10000 is in.

        Source: https://support.atlassian.com/jira-software-cloud/docs/jql-fields/ ("Issue key")
        """
        compare, project_id, number = _COMPARISONS[verb], limit.project_id, limit.number
        return lambda issue, _values: issue.project_id == project_id and compare(issue.number, number)

    def _like(self, searcher: Searcher, operand: Operand, *, negative: bool) -> Predicate:
        if not isinstance(operand, Value):
            raise operator_unsupported("!~" if negative else "~", searcher.name)
        matches = text_matcher(operand.text, searcher.name)
        texts = texts_of(self.site, searcher.field)
        if negative:
            return lambda issue, values: not any(map(matches, texts(issue, values)))
        return lambda issue, values: any(map(matches, texts(issue, values)))

    # ---- order ------------------------------------------------------------------------------

    def _sort_key(self, searcher: Searcher) -> Hold:
        """Return where an issue stands by a field; None where it has no value."""
        if searcher.kind == "rank":
            return lambda issue, _values: issue.id
        if searcher.kind == "key":
            return self._key_position
        if not operators_of(searcher.field) or searcher.kind in {"anytext", "comments"}:
            raise JqlError(f"Not able to sort using field '{searcher.name}'.")
        hold = stored(self.site, searcher.field)

        def position(issue: Issue, values: Mapping[str, Any]) -> Any:
            value = hold(issue, values)
            return None if value is None or value == () else self._position(searcher, value)

        return hold if searcher.kind in {"date", "datetime", "number"} else position

    def _key_position(self, issue: Issue, _values: Mapping[str, Any]) -> tuple[str, int]:
        # One step, as every issue is asked.
        return (issue.key.rpartition("-")[0], issue.number) if issue.id in self.site.issues else ("", issue.id)

    def _position(self, searcher: Searcher, value: Any) -> Any:
        place = _POSITIONS.get(searcher.kind)
        if place is not None:
            return place(self.site, value)
        return value.lower() if isinstance(value, str) else value


def _issue_position(site: Site, value: int) -> tuple[str, int]:
    issue = site.issues.get(value)
    return ("", value) if issue is None else (issue.key.rpartition("-")[0], issue.number)


def _version_position(site: Site, value: Any) -> int:
    """Return where a version stands in its project; several stand where the last one does."""
    ids = value if isinstance(value, tuple) else (value,)
    listed = [version.id for project in site.projects.values() for version in project.versions]
    return max(listed.index(version_id) for version_id in ids)


#: Where a value stands among its like, by kind of field; others sort by themselves.
_POSITIONS: Mapping[str, Callable[[Site, Any], Any]] = {
    # The most urgent priority is the greatest.
    "priority": lambda site, value: -site.priorities[value].rank,
    "parent": _issue_position,
    "status": lambda site, value: list(site.statuses).index(value),
    "resolution": lambda site, value: list(site.resolutions).index(value),
    "issuetype": lambda site, value: list(site.issue_types).index(value),
    "user": lambda site, value: site.accounts[value].display_name.lower(),
    "project": lambda site, value: site.projects[value].name.lower(),
    "versions": _version_position,
    "document": lambda _site, value: str(value),
}


def _check_shape(verb: str, operand: Operand, searcher: Searcher) -> None:
    """Refuse a list where one value is wanted, and one value where a list is."""
    if verb in {"is", "is not"}:
        if not isinstance(operand, Empty):
            raise operator_unsupported(verb, searcher.name)
    elif verb in {"in", "not in"}:
        listing = isinstance(operand, Many) or (
            isinstance(operand, Call) and operand.name.lower().endswith(("of", "sprints", "versions"))
        )
        if not listing:
            shown = f'"{operand.text}"' if isinstance(operand, Value) else operand.encoded
            raise JqlError(
                f"Operator '{verb}' does not support the non-list value '{shown}' for field '{searcher.name}'."
            )
    elif isinstance(operand, Many):
        raise JqlError(
            f"Operator '{verb}' does not support the list value '{operand.encoded}' for field '{searcher.name}'."
        )
