"""Issues and what hangs on them, as the site keeps them. No rules and no JSON live here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Attachment", "Change", "ChangeItem", "Comment", "Issue", "Link", "Worklog"]

#: How many earlier states an issue keeps for a lagging index. Chosen here; Jira does not say.
_EARLIER_STATES = 16


@dataclass(frozen=True, slots=True)
class ChangeItem:
    """One field of a change; `field_id` is missing for links, as in Jira's own changelog."""

    field: str
    field_id: str | None
    custom: bool
    from_id: str | None
    from_text: str | None
    to_id: str | None
    to_text: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the changelog."""

    id: int
    author_id: str
    created_at: float
    items: tuple[ChangeItem, ...]


@dataclass(slots=True)
class Comment:
    """A comment; `body` is an Atlassian document."""

    id: int
    author_id: str
    body: dict[str, Any]
    created_at: float
    update_author_id: str
    updated_at: float
    visibility: dict[str, Any] | None = None
    properties: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Worklog:
    """Time logged; `comment` is an Atlassian document or None."""

    id: int
    author_id: str
    started_at: float
    spent_seconds: int
    created_at: float
    comment: dict[str, Any] | None = None
    visibility: dict[str, Any] | None = None
    properties: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that was added to an issue."""

    id: int
    author_id: str
    file_name: str
    mime_type: str
    content: bytes = field(repr=False)
    created_at: float


@dataclass(frozen=True, slots=True)
class Link:
    """A link between two issues: `source` blocks (outward) `target`, `target` is blocked (inward)."""

    id: int
    type_id: str
    source_id: int
    target_id: int


@dataclass(slots=True)
class Issue:
    """An issue; `values` by field id is replaced as a whole and never changed in place.

    `earlier` holds (until when it was true, values) of former states, oldest first; None stands for
    the time before the issue existed. `on_write` is told of values before they are in place.
    """

    id: int
    key: str
    number: int
    project_id: str
    values: Mapping[str, Any]
    written_at: float
    comments: list[Comment] = field(default_factory=list)
    worklogs: list[Worklog] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    properties: dict[str, Any] = field(default_factory=dict)
    earlier: tuple[tuple[float, Mapping[str, Any] | None], ...] = ()
    child_ids: list[int] = field(default_factory=list)
    archived_at: float | None = None
    on_write: Callable[[Issue, Mapping[str, Any]], None] | None = field(default=None, repr=False, compare=False)

    def write(self, values: Mapping[str, Any], at: float) -> None:
        """Replace the state, and remember the former one."""
        if self.on_write is not None:
            self.on_write(self, values)
        self.earlier = (*self.earlier[1 - _EARLIER_STATES :], (at, self.values))
        self.values = values
        self.written_at = at

    def is_archived(self, at: float) -> bool:
        """Return whether it was archived at that moment."""
        return self.archived_at is not None and self.archived_at <= at

    def values_at(self, at: float) -> Mapping[str, Any] | None:
        """Return the state as it was at that moment, None before the issue existed."""
        if self.written_at <= at:
            return self.values
        found: Mapping[str, Any] | None = None
        for until, values in reversed(self.earlier):
            if until <= at:
                break
            found = values
        return found
