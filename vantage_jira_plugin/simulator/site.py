"""One Jira site: what is done to its issues. How they are kept and searched, HTTP and JSON do not live here."""

from __future__ import annotations

import itertools
import math
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from . import wording
from .issues import Attachment, Change, ChangeItem, Comment, Issue, Worklog
from .issuestore import IssueStore
from .messages import JiraRefusal
from .sitesetup import SiteSetup
from .texts import IssueTexts

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from .catalogue import Project
    from .creations import Creations

__all__ = ["GATEWAY_URL", "ISSUE_MISSING", "Site"]

#: Where self links point, through whatever host the request came.
#: Source: https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/
GATEWAY_URL = "https://api.atlassian.com/ex/jira"
#: Jira's text for an issue that is not there or not to be seen.
ISSUE_MISSING = "Issue does not exist or you do not have permission to see it."
#: Largest attachment, bytes, as the OpenAPI file's example of GET attachment/meta has it.
_UPLOAD_LIMIT_BYTES = 1_000_000
#: Fields that Jira writes itself; their changes are not in the changelog.
_UNLOGGED = frozenset({"created", "updated", "creator", "resolutiondate", "statuscategorychangedate"})


class Site(SiteSetup, IssueStore):
    """A Jira site; whoever reads or changes it holds `lock`.

    Attributes:
        index_lag_seconds: how long search takes to see a change.
        attachments_enabled: whether files may be attached, up to `upload_limit_bytes` each.
        pages: chains of search pages by their token's name, oldest first (kept by the search operation).
        rendered: JSON of small values, by the value that it shows.
        texts: what of issues was written as JSON before (kept by the operations that list them).
        matches: what queries found while the site was in which state (kept by the search operation).
        narrowed: what parts of queries found, likewise.
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
        SiteSetup.__init__(self)
        IssueStore.__init__(self)
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
        self.pages: OrderedDict[str, Any] = OrderedDict()
        self.rendered: dict[Hashable, Any] = {}
        self.texts = IssueTexts()
        self.matches: OrderedDict[tuple[str, str], tuple[object, Sequence[int]]] = OrderedDict()
        self.narrowed: OrderedDict[Hashable, tuple[object, Creations]] = OrderedDict()
        self._next_chain = itertools.count(1)

    # ---- look-ups ---------------------------------------------------------------------------

    def next_chain(self) -> int:
        """Return a number that no other chain of search pages has."""
        return next(self._next_chain)

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
            wording.change_item(self, self.fields[name], old.get(name), value)
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
        self._ids_by_part[comment.id] = issue.id
        issue.write({**issue.values, "updated": now}, now)
        return comment

    def add_worklog(
        self, issue: Issue, author_id: str, *, started_at: float, spent_seconds: int, **more: Any
    ) -> Worklog:
        """Log work; `more` are further attributes of the worklog."""
        now = self._moment()
        worklog = Worklog(self.next_id(), author_id, started_at, spent_seconds, now, **more)
        issue.worklogs.append(worklog)
        self._ids_by_part[worklog.id] = issue.id
        issue.write({**issue.values, "updated": now}, now)
        return worklog

    def add_attachment(
        self, issue: Issue, author_id: str, *, file_name: str, mime_type: str, content: bytes
    ) -> Attachment:
        """Attach a file, which is a change of the issue."""
        now = self._moment()
        file = Attachment(self.next_id(), author_id, file_name, mime_type, content, now)
        issue.attachments.append(file)
        self._ids_by_part[file.id] = issue.id
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
        self._forget(issue, self._moment())

    def move_issue(self, issue: Issue, project_key: str, author_id: str) -> None:
        """Move an issue to another project: it gets a new key, and the old one still finds it."""
        project = self.project(project_key)
        if project is None:
            raise KeyError(project_key)
        old_key, old_project = issue.key, self.projects[issue.project_id]
        self._transfer(issue, project)
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
        now = self._moment()
        for one in (issue, *self.subtasks(issue)):
            self._set_archived(one, now)

    def restore_issue(self, issue: Issue) -> None:
        """Undo `archive_issue`."""
        for one in (issue, *self.subtasks(issue)):
            self._set_archived(one, None)

    def subtasks(self, issue: Issue) -> list[Issue]:
        """Return the sub-tasks of an issue."""
        children = (self.issues[child_id] for child_id in issue.child_ids)
        return [child for child in children if self.issue_types[child.values["issuetype"]].level < 0]

    def _moment(self, at: float | None = None) -> float:
        """Return now, or the time that is given, in whole milliseconds, as Jira keeps times; epoch seconds."""
        # A thousandth of a millisecond makes good what a float lacks to the millisecond that it stands for.
        return math.floor((self.clock() if at is None else at) * 1000 + 0.001) / 1000
