"""An issue and its changelog as a history: when it was in which status, what was changed when. Pure; no HTTP."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from .moments import epoch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["DONE", "INDETERMINATE", "NEW", "UNDEFINED", "Change", "IssueHistory", "Stay", "issue_history"]

#: Keys of Jira's status categories. Source: OpenAPI file, GET statuscategory.
NEW = "new"
INDETERMINATE = "indeterminate"
DONE = "done"
UNDEFINED = "undefined"
#: What the field of a status change is called, by id and, where an old entry has no id, by name.
_STATUS = "status"
#: An issue that was updated so long before its last change was read before that. The change carries a later time than
#: the update that it is: up to 0.03 seconds in recorded issues of Jira Cloud.
_UPDATE_SECONDS = 1
#: What a status without a name or an id is called.
_NAMELESS = "(no status)"
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Stay:
    """One uninterrupted time in one status.

    Attributes:
        category: `new`, `indeterminate`, `done`, or `undefined` where the status is not there any more.
        entered_at: epoch seconds.
        left_at: epoch seconds, never before `entered_at`; None where the issue is still there.
    """

    status: str
    status_id: str | None
    category: str
    entered_at: float
    left_at: float | None


@dataclass(frozen=True, slots=True)
class Change:
    """The change of one field; `at` is epoch seconds. What is nothing is None, never an empty text."""

    at: float
    field: str
    field_id: str | None
    from_id: str | None
    from_text: str | None
    to_id: str | None
    to_text: str | None


@dataclass(frozen=True, slots=True)
class IssueHistory:
    """An issue as it is, and how it came there.

    Attributes:
        stays: its times in statuses without a gap from `created_at` on, oldest first; the last one lasts.
        changes: those of all fields that were read, oldest first.
        fields: Jira's own JSON of the fields that were asked for.
    """

    id: str
    key: str
    summary: str | None
    issue_type: str | None
    project_key: str | None
    assignee: str | None
    assignee_account_id: str | None
    priority: str | None
    created_at: float
    resolved_at: float | None
    stays: tuple[Stay, ...]
    changes: tuple[Change, ...] = field(repr=False)
    fields: Mapping[str, Any] = field(repr=False)

    def status_at(self, moment: float) -> Stay | None:
        """Return the stay that a moment (epoch seconds) is in; None before the issue was created.

        Where the status changes at that very moment, the later one counts.
        """
        place = bisect_right(self.stays, moment, key=lambda stay: stay.entered_at)
        return self.stays[place - 1] if place else None

    @property
    def current(self) -> Stay | None:
        """The stay in the present status; None only where the status was not read."""
        return self.stays[-1] if self.stays else None


def issue_history(
    issue: Mapping[str, Any],
    histories: Iterable[Mapping[str, Any]],
    categories: Mapping[str, str],
    names: Mapping[str, str] = _NOTHING,
) -> IssueHistory:
    """Return the history of an issue.

    What real changelogs hold is settled so:

    - A change whose `from` is not the `to` before it: the time between belongs to that `to`, since nothing says when
      the status changed unseen. The `from` of the first change is the status at creation.
    - The present status is not the `to` of the last change: where it is the one before it, or the issue was updated
      last before that change, the issue was read earlier than its changelog, which counts (searches lag). Otherwise a
      status was replaced without an entry (as when a workflow is exchanged), and that is the last stay.
    - A change that is dated before the issue was created (clones, imports) happened when it was created.
    - Changes of one moment happened in the order of their ids; a status may so last no time, and was entered still.
    - A change from a status to itself is none. A history that comes twice counts once.

    Args:
        issue: `{"id", "key", "fields": {"created", "status": {"id", "name", "statusCategory": {"key"}}, ...}}`.
        histories: in any order, `{"id", "created": ISO or epoch, "items": [{"field", "fieldId"?, "from", "fromString",
            "to", "toString"}]}`, as `changelog.histories` and changelog/bulkfetch have them.
        categories: status id to key of its category; of a status that is not in it, and not the issue's own, it is
            `undefined`.
        names: status id to today's name, for statuses that were called otherwise.

    Raises:
        ValueError: the issue comes without its time of creation.

    Source: OpenAPI file, schemas Changelog, ChangeDetails and StatusCategory.
    """
    fields: Mapping[str, Any] = issue.get("fields") or {}
    created_at = epoch(fields.get("created"))
    if created_at is None:
        raise ValueError(f"issue {issue.get('key')} comes without its time of creation")
    changes = _changes(histories, created_at)
    present = fields.get("status")
    status = present if isinstance(present, dict) else {}
    known = _Known(
        categories,
        names,
        own_id=_text(status.get("id")),
        own_name=_text(status.get("name")),
        own_category=_inner(status, "statusCategory", "key"),
        updated_at=epoch(fields.get("updated")),
    )
    return IssueHistory(
        id=str(issue.get("id")),
        key=str(issue.get("key")),
        summary=_text(fields.get("summary")),
        issue_type=_inner(fields, "issuetype", "name"),
        project_key=_inner(fields, "project", "key") or str(issue.get("key")).rpartition("-")[0] or None,
        assignee=_inner(fields, "assignee", "displayName"),
        assignee_account_id=_inner(fields, "assignee", "accountId"),
        priority=_inner(fields, "priority", "name"),
        created_at=created_at,
        resolved_at=epoch(fields.get("resolutiondate")),
        stays=_stays(changes, created_at, known),
        changes=changes,
        fields=fields,
    )


def _changes(histories: Iterable[Mapping[str, Any]], created_at: float) -> tuple[Change, ...]:
    """Return the changes of all histories, oldest first, none before the issue was created."""
    seen: set[str] = set()
    placed: list[tuple[float, int, Mapping[str, Any]]] = []
    for history in histories:
        history_id, at = _text(history.get("id")), epoch(history.get("created"))
        if at is None or history_id in seen:  # what has no moment cannot be placed
            continue
        if history_id is not None:
            seen.add(history_id)
        number = int(history_id) if history_id is not None and history_id.isdecimal() else 0
        placed.append((at, number, history))
    placed.sort(key=lambda entry: entry[:2])
    return tuple(
        Change(
            at=max(at, created_at),
            field=_text(item.get("field")) or "",
            field_id=_text(item.get("fieldId")),
            from_id=_text(item.get("from")),
            from_text=_text(item.get("fromString")),
            to_id=_text(item.get("to")),
            to_text=_text(item.get("toString")),
        )
        for at, _, history in placed
        for item in history.get("items") or ()
        if isinstance(item, dict)
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of statuses: those of the site by id, and the issue's own, which it had at its last update."""

    categories: Mapping[str, str]
    names: Mapping[str, str]
    own_id: str | None
    own_name: str | None
    own_category: str | None
    updated_at: float | None

    def replaced(self, last: Change) -> bool:
        """Tell whether the own status came after the last move, which no entry says."""
        if self.own_id is None or self.own_id in {last.to_id, last.from_id}:
            return False
        return self.updated_at is None or self.updated_at >= last.at - _UPDATE_SECONDS

    def stay(self, status_id: str | None, name: str | None, entered_at: float, left_at: float | None) -> Stay:
        """Return a stay in a status, by today's name where it has one."""
        today, category = name, UNDEFINED
        if status_id is not None:
            own = status_id == self.own_id
            today = (self.own_name if own else None) or self.names.get(status_id) or name or status_id
            category = (self.own_category if own else None) or self.categories.get(status_id, UNDEFINED)
        return Stay(today or _NAMELESS, status_id, category, entered_at, left_at)


def _stays(changes: Iterable[Change], created_at: float, known: _Known) -> tuple[Stay, ...]:
    """Return the stays without a gap; see `issue_history`."""
    moves = [change for change in changes if (change.field_id or change.field) == _STATUS]
    if not moves:
        return () if known.own_id is None else (known.stay(known.own_id, known.own_name, created_at, None),)
    entries: list[tuple[str | None, str | None, float]] = [(moves[0].from_id, moves[0].from_text, created_at)]
    entries += [(move.to_id, move.to_text, move.at) for move in moves]
    if known.replaced(moves[-1]):
        entries[-1] = (known.own_id, known.own_name, moves[-1].at)
    kept = entries[:1]
    for entry in entries[1:]:
        if entry[:1] != kept[-1][:1] or (entry[0] is None and entry[1] != kept[-1][1]):
            kept.append(entry)
    ends = [at for _, _, at in kept[1:]]
    return tuple(
        known.stay(entry_id, name, at, left_at)
        for (entry_id, name, at), left_at in zip(kept, [*ends, None], strict=True)
    )


def _inner(holder: Mapping[str, Any], name: str, key: str) -> str | None:
    """Return a text of an object inside; None where there is no such object."""
    value = holder.get(name)
    return _text(value.get(key)) if isinstance(value, dict) else None


def _text(value: object) -> str | None:
    """Return a text, or a number as text; None for an empty one and anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return (value or None) if isinstance(value, str) else None
