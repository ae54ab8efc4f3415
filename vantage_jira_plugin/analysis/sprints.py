"""Sprints, and what issues were in them with which estimate at any moment. Pure; no report is made here."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from vantage_jira_plugin.reading.sprints import sprint_facts
from vantage_jira_plugin.reading.values import number, text

from .history import DONE
from .moments import epoch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from vantage_jira_plugin.fields.info import FieldInfo

    from .history import Change, IssueHistory

__all__ = ["POINT_PLACES", "Sprint", "SprintFields", "Work", "by_sprint", "sprints_of", "work_of"]

_Value = TypeVar("_Value")

#: To how many places sums of estimates are given: tenths add up to a little more or less in binary fractions.
POINT_PLACES = 4

#: Types of the fields of Jira Software. Story points of company-managed projects are a plain number with a name.
#: Source: `schema.custom` of recorded answers of GET /rest/api/3/field.
_SPRINT_TYPE = "com.pyxis.greenhopper.jira:gh-sprint"
_POINTS_TYPE = "com.pyxis.greenhopper.jira:jsw-story-points"
_POINTS_NAMES = frozenset({"story points", "story point estimate"})
#: A sprint's id in a change: `36, 37`.
_NUMBER = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class SprintFields:
    """The fields of a site that say which sprint an issue is in, and how large it is.

    Attributes:
        points: those that may hold an estimate; of several the first that has a value counts.
    """

    sprint: tuple[FieldInfo, ...]
    points: tuple[FieldInfo, ...]

    @classmethod
    def among(cls, fields: Iterable[FieldInfo]) -> SprintFields:
        """Find them: by type, and the estimate also as a number that is called `Story Points`.

        A site often has two for the estimate, one of company-managed and one of team-managed projects.
        """
        known = tuple(fields)
        return cls(
            sprint=tuple(field for field in known if field.custom_type == _SPRINT_TYPE),
            points=tuple(field for field in known if field.custom_type == _POINTS_TYPE or _is_points(field)),
        )

    def lacking(self) -> list[str]:
        """Return what people must know of where a site has no such fields."""
        texts = []
        if not self.sprint:
            texts.append("this site has no sprints (no field of Jira Software), so the table is empty")
        elif not self.points:
            texts.append("this site has no field for story points; name one with pointsField, or count issues")
        return texts

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of all of them."""
        return tuple(field.id for field in (*self.sprint, *self.points))


def _is_points(field: FieldInfo) -> bool:
    names = {name.casefold() for name in (field.name, field.untranslated_name) if name}
    return field.custom and field.schema_type == "number" and bool(names & _POINTS_NAMES)


@dataclass(frozen=True, slots=True)
class Sprint:
    """One sprint; moments are epoch seconds, None where there is none.

    Attributes:
        state: `future`, `active` or `closed`.
        end_at: when it is planned to end.
        completed_at: when it was closed.
    """

    id: str
    name: str
    state: str
    board_id: str | None
    goal: str | None
    start_at: float | None
    end_at: float | None
    completed_at: float | None

    @property
    def number(self) -> int:
        """The id as a number, by which sprints of one moment are ordered."""
        return int(self.id) if self.id.isdecimal() else 0

    @property
    def lacks(self) -> tuple[str, ...]:
        """What it should say and does not: when it began, if it has, and when it ended, if it has."""
        if self.state == "future":
            return ()
        over = self.state == "closed" and self.completed_at is None and self.end_at is None
        return (*(("start date",) if self.start_at is None else ()), *(("end date",) if over else ()))

    def ended_at(self, now: float) -> float:
        """Return until when it counts: its completion, or now."""
        if self.state != "closed":
            return now
        ends = (self.completed_at, self.end_at)
        return next((at for at in ends if at is not None), now)


@dataclass(frozen=True, slots=True)
class _Steps(Generic[_Value]):
    """A value that changes at moments (epoch seconds); it had the first one from the beginning."""

    moments: tuple[float, ...]
    values: tuple[_Value, ...]

    def at(self, moment: float) -> _Value:
        """Return the value at a moment, just after what happened at it."""
        return self.values[bisect_right(self.moments, moment)]


@dataclass(frozen=True, slots=True)
class Work:
    """An issue as sprints see it."""

    issue: IssueHistory
    _sprints: _Steps[frozenset[str]]
    _points: tuple[_Steps[float | None], ...]

    @property
    def sprint_ids(self) -> frozenset[str]:
        """Every sprint that it was ever in."""
        return frozenset[str]().union(*self._sprints.values)

    @property
    def moves(self) -> tuple[float, ...]:
        """When it came into sprints or left them, epoch seconds."""
        return self._sprints.moments

    def is_in(self, sprint_id: str, moment: float) -> bool:
        """Tell whether it was in a sprint at a moment; never before it was created."""
        return self.issue.created_at <= moment and sprint_id in self._sprints.at(moment)

    def sprints_since(self, moment: float) -> frozenset[str]:
        """Return the sprints that it was in at a moment or later."""
        first = bisect_right(self._sprints.moments, moment)
        return frozenset[str]().union(*self._sprints.values[first:])

    def points_at(self, moment: float) -> float:
        """Return its estimate at a moment; 0 where it had none."""
        values = (steps.at(moment) for steps in self._points)
        return next((value for value in values if value is not None), 0)

    def done_at(self, moment: float) -> bool:
        """Tell whether its status was done at a moment."""
        stay = self.issue.status_at(moment)
        return stay is not None and stay.category == DONE

    def done_throughout(self, start: float, end: float) -> bool:
        """Tell whether its status was done from one moment to another, without a break."""
        during = (stay for stay in self.issue.stays if stay.left_at is None or stay.left_at > start)
        return all(stay.category == DONE for stay in during if stay.entered_at <= end)


def work_of(issue: IssueHistory, fields: SprintFields) -> Work:
    """Return an issue with the sprints and estimates that it had, from its values of today and its changes.

    A change holds the ids of all sprints before and after it (`36, 37`); an estimate is in its texts (`13`).
    A sprint that was closed stays in the field of what was in it.
    """
    in_sprints = frozenset(sprint.id for sprint in sprints_of(issue.fields, fields))
    return Work(
        issue,
        _steps(issue.changes, fields.sprint, in_sprints, lambda change: (_ids(change.from_id), _ids(change.to_id))),
        tuple(
            _steps(
                issue.changes,
                (field,),
                number(issue.fields.get(field.id)),
                lambda change: (number(change.from_text), number(change.to_text)),
            )
            for field in fields.points
        ),
    )


def sprints_of(values: Mapping[str, Any], fields: SprintFields) -> list[Sprint]:
    """Return the sprints in an issue's fields; see `sprint_facts` for their shape."""
    listed = (values.get(field.id) or () for field in fields.sprint)
    found = (sprint_facts(one) for sprints in listed if isinstance(sprints, list) for one in sprints)
    return [
        Sprint(
            id=str(one["id"]),
            name=text(one.get("name")) or str(one["id"]),
            state=(text(one.get("state")) or "future").casefold(),
            board_id=text(one.get("boardId")),
            goal=text(one.get("goal")),
            start_at=epoch(one.get("startDate")),
            end_at=epoch(one.get("endDate")),
            completed_at=epoch(one.get("completeDate")),
        )
        for one in found
        if one.get("id") is not None
    ]


def by_sprint(works: Iterable[Work]) -> Mapping[str, list[Work]]:
    """Return the issues that were ever in each sprint, by its id."""
    found: dict[str, list[Work]] = {}
    for work in works:
        for sprint_id in work.sprint_ids:
            found.setdefault(sprint_id, []).append(work)
    return found


def _steps(
    changes: Iterable[Change],
    fields: Sequence[FieldInfo],
    present: _Value,
    read: Callable[[Change], tuple[_Value, _Value]],
) -> _Steps[_Value]:
    """Return the values of a field over time; what was before the first change is that one's `from`."""
    ids = {field.id for field in fields}
    names = {field.untranslated_name or field.name for field in fields}
    own = [
        change for change in changes if change.field_id in ids or (change.field_id is None and change.field in names)
    ]
    if not own:
        return _Steps((), (present,))
    return _Steps(tuple(change.at for change in own), (read(own[0])[0], *(read(change)[1] for change in own)))


def _ids(listed: str | None) -> frozenset[str]:
    return frozenset(_NUMBER.findall(listed or ""))
