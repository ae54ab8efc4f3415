"""One Jira site: its issues, what is done to them, and what search sees. No HTTP and no JSON live here."""

from __future__ import annotations

import itertools
import math
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from . import wording
from .creations import Creations, Span
from .issues import Attachment, Change, ChangeItem, Comment, Issue, Worklog
from .messages import JiraRefusal
from .seen import Seen
from .sitesetup import SiteSetup
from .texts import IssueTexts

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

    from .catalogue import Project
    from .fields import Field

__all__ = ["ALWAYS", "GATEWAY_URL", "ISSUE_MISSING", "Site"]

#: Where self links point, through whatever host the request came.
#: Source: https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/
GATEWAY_URL = "https://api.atlassian.com/ex/jira"
#: Jira's text for an issue that is not there or not to be seen.
ISSUE_MISSING = "Issue does not exist or you do not have permission to see it."
#: Any time of creation.
ALWAYS: Span = (-math.inf, math.inf)
#: Where issues stand that are archived, among the shelves of the projects' ids.
_ARCHIVED = "archived"
#: First id that a site gives away.
_FIRST_ID = 10_000
#: Largest attachment, bytes, as the OpenAPI file's example of GET attachment/meta has it.
_UPLOAD_LIMIT_BYTES = 1_000_000
#: Fields that Jira writes itself; their changes are not in the changelog.
_UNLOGGED = frozenset({"created", "updated", "creator", "resolutiondate", "statuscategorychangedate"})


class Site(SiteSetup):
    """A Jira site; whoever reads or changes it holds `lock`.

    Attributes:
        index_lag_seconds: how long search takes to see a change.
        attachments_enabled: whether files may be attached, up to `upload_limit_bytes` each.
        pages: chains of search pages by their token's name, oldest first (kept by the search operation).
        rendered: JSON of small values, by the value that it shows.
        texts: what of issues was written as JSON before (kept by the operations that list them).
        matches: what queries found while the site was in which state (kept by the search operation).
        narrowed: what parts of queries found, likewise.
        creations: every issue by when it was created, on a shelf for each project; archived ones stand apart.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        cloud_id: str,
        name: str,
        time_zone: str = "Europe/Berlin",
        confluence: bool = False,
    ) -> None:
        super().__init__()
        self.clock = clock
        self.cloud_id = cloud_id
        self.name = name
        self.url: str = f"https://{name}.atlassian.net"
        self.gateway_url: str = f"{GATEWAY_URL}/{cloud_id}"
        self.confluence = confluence
        self.time_zone = ZoneInfo(time_zone)
        self.lock = threading.RLock()
        self.index_lag_seconds = 0.0
        self.attachments_enabled = True
        self.upload_limit_bytes = _UPLOAD_LIMIT_BYTES
        self.issues: dict[int, Issue] = {}
        self.deleted: dict[int, tuple[float, Issue]] = {}
        self.pages: OrderedDict[str, Any] = OrderedDict()
        self.rendered: dict[Hashable, Any] = {}
        self.texts = IssueTexts()
        self.matches: OrderedDict[tuple[str, str], tuple[object, Sequence[int]]] = OrderedDict()
        self.narrowed: OrderedDict[Hashable, tuple[object, Creations]] = OrderedDict()
        self.creations = Creations()
        self._changes = 0
        self._watch = self._written
        self._ids_by_key: dict[str, int] = {}
        self._commented: dict[int, int] = {}
        self._worked_on: dict[int, int] = {}
        self._attached: dict[int, int] = {}
        self._next_id = itertools.count(_FIRST_ID)
        self._next_chain = itertools.count(1)
        self._next_number: dict[str, int] = {}

    # ---- look-ups ---------------------------------------------------------------------------

    def next_id(self) -> int:
        """Return an id that nothing else has."""
        return next(self._next_id)

    def next_chain(self) -> int:
        """Return a number that no other chain of search pages has."""
        return next(self._next_chain)

    def find_issue(self, id_or_key: str) -> Issue | None:
        """Return the issue of this id, key (in any case) or former key."""
        if id_or_key.isascii() and id_or_key.isdigit():
            return self.issues.get(int(id_or_key))
        issue_id = self._ids_by_key.get(id_or_key.upper())
        return None if issue_id is None else self.issues.get(issue_id)

    def find_comment(self, comment_id: int) -> tuple[Issue, Comment] | None:
        """Return the comment of this id and its issue."""
        issue = self.issues.get(self._commented.get(comment_id, -1))
        if issue is None:
            return None
        return next(((issue, comment) for comment in issue.comments if comment.id == comment_id), None)

    def find_worklog(self, worklog_id: int) -> tuple[Issue, Worklog] | None:
        """Return the worklog of this id and its issue."""
        issue = self.issues.get(self._worked_on.get(worklog_id, -1))
        if issue is None:
            return None
        return next(((issue, worklog) for worklog in issue.worklogs if worklog.id == worklog_id), None)

    def find_attachment(self, attachment_id: int) -> tuple[Issue, Attachment] | None:
        """Return the attachment of this id and its issue."""
        issue = self.issues.get(self._attached.get(attachment_id, -1))
        if issue is None:
            return None
        return next(((issue, file) for file in issue.attachments if file.id == attachment_id), None)

    def visible_issue(self, id_or_key: str, account_id: str) -> Issue:
        """Return the issue, or refuse as Jira does: the same text for missing and unseen."""
        issue = self.find_issue(id_or_key)
        if issue is None or not self.allowed(account_id, "BROWSE_PROJECTS", self.projects[issue.project_id]):
            raise JiraRefusal(404, ISSUE_MISSING)
        return issue

    def state(self) -> tuple[object, ...]:
        """Return what queries hang on; equal as long as nothing is changed, but for lists of an issue itself."""
        return (self._changes, id(self.issues), self.setup(), tuple(self.groups.items()), frozenset(self._denied))

    # ---- changes ----------------------------------------------------------------------------

    def create_issue(
        self, project: Project, values: Mapping[str, Any], author_id: str, *, at: float | None = None
    ) -> Issue:
        """Add an issue; `values` are as `intake` reads them, with at least type and summary."""
        now = self._moment(at)
        complete: dict[str, Any] = {
            "status": project.status_ids[0],
            "priority": self.default_priority_id,
            "reporter": author_id,
            **values,
            "creator": author_id,
            "created": now,
            "updated": now,
            "statuscategorychangedate": now,
        }
        key, number = self.next_key(project)
        issue = Issue(self.next_id(), key, number, project.id, complete, now, earlier=((now, None),))
        self.keep(issue)
        return issue

    def keep(self, issue: Issue) -> None:
        """Take in an issue that is complete, with all that hangs on it."""
        self._changes += 1
        self.issues[issue.id] = issue
        self._ids_by_key[issue.key] = issue.id
        self.creations.add(issue.values["created"], issue.id, _shelf(issue))
        self._commented.update((comment.id, issue.id) for comment in issue.comments)
        self._worked_on.update((worklog.id, issue.id) for worklog in issue.worklogs)
        issue.on_write = self._watch
        self._adopt(issue, None, issue.values.get("parent"))

    def next_key(self, project: Project) -> tuple[str, int]:
        """Return the key of the project's next issue, and the number in it."""
        number = self._next_number.get(project.id, 0) + 1
        self._next_number[project.id] = number
        return f"{project.key}-{number}", number

    def change_issue(
        self, issue: Issue, new_values: Mapping[str, Any], author_id: str, *, at: float | None = None
    ) -> Change | None:
        """Set fields and write the changelog; None where nothing differs."""
        now = self._moment(at)
        old = issue.values
        differing = {name: value for name, value in new_values.items() if old.get(name) != value}
        if not differing:
            return None
        if "status" in differing:
            before = self.statuses[old["status"]].category
            if before != self.statuses[differing["status"]].category:
                differing["statuscategorychangedate"] = now
        items = tuple(
            self.change_item(self.fields[name], old.get(name), value)
            for name, value in differing.items()
            if name not in _UNLOGGED
        )
        change = Change(self.next_id(), author_id, now, items)
        issue.changes.append(change)
        issue.write({**old, **differing, "updated": now}, now)
        if "parent" in differing:
            self._adopt(issue, old.get("parent"), differing["parent"])
        return change

    def touch(self, issue: Issue) -> None:
        """Move the issue's `updated` to now, as a comment does."""
        now = self._moment()
        issue.write({**issue.values, "updated": now}, now)

    def add_comment(self, issue: Issue, author_id: str, body: dict[str, Any], *, at: float | None = None) -> Comment:
        """Add a comment."""
        now = self._moment(at)
        comment = Comment(self.next_id(), author_id, body, now, author_id, now)
        issue.comments.append(comment)
        self._commented[comment.id] = issue.id
        issue.write({**issue.values, "updated": now}, now)
        return comment

    def add_worklog(
        self, issue: Issue, author_id: str, *, started_at: float, spent_seconds: int, **more: Any
    ) -> Worklog:
        """Log work; `more` are further attributes of the worklog."""
        now = self._moment()
        worklog = Worklog(self.next_id(), author_id, started_at, spent_seconds, now, **more)
        issue.worklogs.append(worklog)
        self._worked_on[worklog.id] = issue.id
        issue.write({**issue.values, "updated": now}, now)
        return worklog

    def add_attachment(
        self, issue: Issue, author_id: str, *, file_name: str, mime_type: str, content: bytes
    ) -> Attachment:
        """Attach a file, which is a change of the issue."""
        now = self._moment()
        file = Attachment(self.next_id(), author_id, file_name, mime_type, content, now)
        issue.attachments.append(file)
        self._attached[file.id] = issue.id
        item = ChangeItem("Attachment", "attachment", False, None, None, str(file.id), file.file_name)
        issue.changes.append(Change(self.next_id(), author_id, now, (item,)))
        issue.write({**issue.values, "updated": now}, now)
        return file

    def delete_issue(self, issue: Issue) -> None:
        """Remove an issue and its sub-tasks; search may still see it until its index catches up."""
        for child_id in list(issue.child_ids):
            child = self.issues[child_id]
            if self.issue_types[child.values["issuetype"]].level < 0:
                self.delete_issue(child)
            else:
                child.write({**child.values, "parent": None}, self._moment())
        self._adopt(issue, issue.values.get("parent"), None)
        for link in issue.links:
            other = self.issues[link.target_id if link.source_id == issue.id else link.source_id]
            other.links = [kept for kept in other.links if kept.id != link.id]
        self._changes += 1
        del self.issues[issue.id]
        self.creations.remove(issue.values["created"], issue.id, _shelf(issue))
        self._ids_by_key = {key: found for key, found in self._ids_by_key.items() if found != issue.id}
        self.deleted[issue.id] = (self._moment(), issue)

    def move_issue(self, issue: Issue, project_key: str, author_id: str) -> None:
        """Move an issue to another project: it gets a new key, and the old one still finds it."""
        project = self.project(project_key)
        if project is None:
            raise KeyError(project_key)
        old_key, old_project = issue.key, self.projects[issue.project_id]
        issue.key, issue.number = self.next_key(project)
        self.creations.remove(issue.values["created"], issue.id, _shelf(issue))
        issue.project_id = project.id
        self.creations.add(issue.values["created"], issue.id, _shelf(issue))
        self._ids_by_key[issue.key] = issue.id
        items = (
            ChangeItem("project", "project", False, old_project.id, old_project.name, project.id, project.name),
            ChangeItem("Key", None, False, None, old_key, None, issue.key),
        )
        issue.changes.append(Change(self.next_id(), author_id, self._moment(), items))
        self.touch(issue)

    def archive_issue(self, issue: Issue) -> None:
        """Archive an issue and its sub-tasks: search does not find them any more, reading one does.

        Source: https://support.atlassian.com/jira-software-cloud/docs/archive-an-issue/
        """
        self._set_archived(issue, self._moment())

    def restore_issue(self, issue: Issue) -> None:
        """Undo `archive_issue`."""
        self._set_archived(issue, None)

    def _set_archived(self, issue: Issue, archived_at: float | None) -> None:
        self._changes += 1
        for one in (issue, *self.subtasks(issue)):
            self.creations.remove(one.values["created"], one.id, _shelf(one))
            one.archived_at = archived_at
            self.creations.add(one.values["created"], one.id, _shelf(one))

    def indexed(
        self,
        account_id: str,
        reconcile: frozenset[int],
        created: Span = ALWAYS,
        project_ids: frozenset[str] | None = None,
    ) -> Seen | list[tuple[Issue, Mapping[str, Any]]]:
        """Return what search sees: issues that the account may browse, as the index knows them.

        Args:
            account_id: who searches.
            reconcile: ids whose latest state is wanted whatever the index knows.
            created: when they were created.
            project_ids: the projects that they are in, any where None.

        Returns:
            Where the index lags, issues of other times and projects may be among them.
        """
        seen = self.browsed(account_id, project_ids)
        if self.is_shelved:
            return Seen(self.issues, self.creations.within(created, seen))
        known: Iterable[Issue] = self.issues.values()
        if self.index_lag_seconds <= 0:
            first, last = created
            return [
                (issue, issue.values)
                for issue in known
                if issue.project_id in seen and issue.archived_at is None and first <= issue.values["created"] <= last
            ]
        if created != ALWAYS:
            known = (self.issues[number] for number in self.creations.within(created) if number in self.issues)
        return list(self._lagging(known, seen, reconcile))

    @property
    def is_shelved(self) -> bool:
        """Whether search sees what stands in `creations`: the index is up to date, and all issues came by `keep`."""
        return self.index_lag_seconds <= 0 and len(self.creations) == len(self.issues)

    def browsed(self, account_id: str, project_ids: frozenset[str] | None = None) -> set[str]:
        """Return the projects, of all or of these, that the account may browse, by id."""
        seen = {project.id for project in self.visible_projects(account_id)}
        return seen if project_ids is None else seen & project_ids

    def _lagging(
        self, known: Iterable[Issue], seen: set[str], reconcile: frozenset[int]
    ) -> Iterator[tuple[Issue, Mapping[str, Any]]]:
        horizon = self.clock() - self.index_lag_seconds
        for issue in known:
            if issue.project_id not in seen or issue.is_archived(horizon):
                continue
            values = issue.values if issue.id in reconcile else issue.values_at(horizon)
            if values is not None:
                yield issue, values
        for issue_id, (deleted_at, issue) in self.deleted.items():
            if deleted_at > horizon and issue_id not in reconcile and issue.project_id in seen:
                values = issue.values_at(horizon)
                if values is not None:
                    yield issue, values

    def subtasks(self, issue: Issue) -> list[Issue]:
        """Return the sub-tasks of an issue."""
        children = (self.issues[child_id] for child_id in issue.child_ids)
        return [child for child in children if self.issue_types[child.values["issuetype"]].level < 0]

    def _moment(self, at: float | None = None) -> float:
        """Return now, or the time that is given, in whole milliseconds, as Jira keeps times; epoch seconds."""
        # A thousandth of a millisecond makes good what a float lacks to the millisecond that it stands for.
        return math.floor((self.clock() if at is None else at) * 1000 + 0.001) / 1000

    def _written(self, issue: Issue, values: Mapping[str, Any]) -> None:
        self._changes += 1
        created_at = issue.values["created"]
        if values["created"] != created_at and issue.id in self.issues:
            self.creations.remove(created_at, issue.id, _shelf(issue))
            self.creations.add(values["created"], issue.id, _shelf(issue))

    def _adopt(self, issue: Issue, old_parent: int | None, new_parent: int | None) -> None:
        if old_parent is not None and old_parent in self.issues:
            self.issues[old_parent].child_ids.remove(issue.id)
        if new_parent is not None:
            self.issues[new_parent].child_ids.append(issue.id)

    def change_item(self, field: Field, old: Any, new: Any) -> ChangeItem:
        """Return what the changelog says of a change of a field."""
        from_id, from_text = wording.change_words(self, field, old)
        to_id, to_text = wording.change_words(self, field, new)
        name, field_id = field.name if field.custom else field.id, field.id
        if field.kind == "parent":
            # Source: recorded changelogs of Cloud sites: no fieldId, ids of the parents.
            return ChangeItem("IssueParentAssociation", None, False, from_id, from_text, to_id, to_text)
        if field.kind == "versions" and field.id == "fixVersions":
            name = "Fix Version"
        return ChangeItem(name, field_id, field.custom, from_id, from_text, to_id, to_text)


def _shelf(issue: Issue) -> str:
    return issue.project_id if issue.archived_at is None else _ARCHIVED
