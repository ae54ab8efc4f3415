"""The issues of a site: by which names they are found, when they were created. Who may see them is not known here."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, TypeVar

from .creations import Creations
from .issues import Attachment, Comment, Issue, Worklog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from .catalogue import Project

__all__ = ["IssueStore"]

_Part = TypeVar("_Part", Comment, Worklog, Attachment)

#: Where issues stand that are archived, among the shelves of the projects' ids.
_ARCHIVED = "archived"
#: First id that a site gives away.
_FIRST_ID = 10_000


class IssueStore:
    """Issues and what hangs on them, by id and by key.

    Attributes:
        deleted: when an issue was deleted, epoch seconds, and what it was.
        creations: every issue by when it was created, on a shelf for each project; archived ones stand apart.
    """

    def __init__(self) -> None:
        self.issues: dict[int, Issue] = {}
        self.deleted: dict[int, tuple[float, Issue]] = {}
        self.creations = Creations()
        self._changes = 0
        self._watch = self._written
        self._ids_by_key: dict[str, int] = {}
        self._ids_by_part: dict[int, int] = {}
        self._next_id = itertools.count(_FIRST_ID)
        self._next_number: dict[str, int] = {}

    def next_id(self) -> int:
        """Return an id that nothing else has."""
        return next(self._next_id)

    def next_key(self, project: Project) -> tuple[str, int]:
        """Return the key of the project's next issue, and the number in it."""
        number = self._next_number.get(project.id, 0) + 1
        self._next_number[project.id] = number
        return f"{project.key}-{number}", number

    # ---- look-ups ---------------------------------------------------------------------------

    def find_issue(self, id_or_key: str) -> Issue | None:
        """Return the issue of this id, key (in any case) or former key."""
        if id_or_key.isascii() and id_or_key.isdigit():
            return self.issues.get(int(id_or_key))
        issue_id = self._ids_by_key.get(id_or_key.upper())
        return None if issue_id is None else self.issues.get(issue_id)

    def find_comment(self, comment_id: int) -> tuple[Issue, Comment] | None:
        """Return the comment of this id and its issue."""
        return self._found(comment_id, lambda issue: issue.comments)

    def find_worklog(self, worklog_id: int) -> tuple[Issue, Worklog] | None:
        """Return the worklog of this id and its issue."""
        return self._found(worklog_id, lambda issue: issue.worklogs)

    def find_attachment(self, attachment_id: int) -> tuple[Issue, Attachment] | None:
        """Return the attachment of this id and its issue."""
        return self._found(attachment_id, lambda issue: issue.attachments)

    def _found(self, part_id: int, parts: Callable[[Issue], Iterable[_Part]]) -> tuple[Issue, _Part] | None:
        issue = self.issues.get(self._ids_by_part.get(part_id, -1))
        if issue is None:
            return None
        return next(((issue, part) for part in parts(issue) if part.id == part_id), None)

    # ---- comings and goings -----------------------------------------------------------------

    def keep(self, issue: Issue) -> None:
        """Take in an issue that is complete, with all that hangs on it."""
        self._changes += 1
        self.issues[issue.id] = issue
        self._ids_by_key[issue.key] = issue.id
        self.creations.add(issue.values["created"], issue.id, _shelf(issue))
        self._ids_by_part.update((comment.id, issue.id) for comment in issue.comments)
        self._ids_by_part.update((worklog.id, issue.id) for worklog in issue.worklogs)
        issue.on_write = self._watch
        self._adopt(issue, None, issue.values.get("parent"))

    def _forget(self, issue: Issue, at: float) -> None:
        self._changes += 1
        del self.issues[issue.id]
        self.creations.remove(issue.values["created"], issue.id, _shelf(issue))
        self._ids_by_key = {key: found for key, found in self._ids_by_key.items() if found != issue.id}
        self.deleted[issue.id] = (at, issue)

    def _transfer(self, issue: Issue, project: Project) -> None:
        issue.key, issue.number = self.next_key(project)
        self.creations.remove(issue.values["created"], issue.id, _shelf(issue))
        issue.project_id = project.id
        self.creations.add(issue.values["created"], issue.id, _shelf(issue))
        self._ids_by_key[issue.key] = issue.id

    def _set_archived(self, issue: Issue, archived_at: float | None) -> None:
        self._changes += 1
        self.creations.remove(issue.values["created"], issue.id, _shelf(issue))
        issue.archived_at = archived_at
        self.creations.add(issue.values["created"], issue.id, _shelf(issue))

    def _adopt(self, issue: Issue, old_parent: int | None, new_parent: int | None) -> None:
        if old_parent is not None and old_parent in self.issues:
            self.issues[old_parent].child_ids.remove(issue.id)
        if new_parent is not None:
            self.issues[new_parent].child_ids.append(issue.id)

    def _written(self, issue: Issue, values: Mapping[str, Any]) -> None:
        self._changes += 1
        created_at = issue.values["created"]
        if values["created"] != created_at and issue.id in self.issues:
            self.creations.remove(created_at, issue.id, _shelf(issue))
            self.creations.add(values["created"], issue.id, _shelf(issue))


def _shelf(issue: Issue) -> str:
    return issue.project_id if issue.archived_at is None else _ARCHIVED
