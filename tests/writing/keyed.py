"""Writes with a key, and what Jira has of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.auth.notes import RecordNotes
from vantage_jira_plugin.operations import CREATE_ISSUE, Operation
from vantage_jira_plugin.transport.budget import Budget
from vantage_jira_plugin.writing.entry import Entry
from vantage_jira_plugin.writing.keyproperty import IDEMPOTENCY_PROPERTY
from vantage_jira_plugin.writing.ledger import Ledger, name_of

if TYPE_CHECKING:
    from vantage_jira_plugin.connection import Connection
    from vantage_jira_plugin.simulator import Simulator

__all__ = ["Keyed", "row_of", "warnings_of"]

_ISSUE = {"projectKey": "DEV", "issueType": "Bug", "summary": "It breaks"}
_COMMENT = {"issueKey": "DEV-1", "body": "Seen *again*."}
_WORK = {"issueKey": "DEV-1", "timeSpent": "3h 20m"}
_FILE = {"issueKey": "DEV-1", "fileName": "report.txt", "text": "1 failed"}


@dataclass
class Keyed:
    """One connection, and the site that it writes to."""

    connection: Connection
    sim: Simulator

    def create(self, key: str = "k", *, timeout: float | None = None, **inputs: Any) -> Any:
        """Create an issue; return the envelope."""
        return self._run("createIssue", {**_ISSUE, **inputs, "idempotencyKey": key}, timeout)

    def comment(self, key: str = "k", *, timeout: float | None = None, **inputs: Any) -> Any:
        """Add a comment; return the envelope."""
        return self._run("addComment", {**_COMMENT, **inputs, "idempotencyKey": key}, timeout)

    def work(self, key: str = "k", *, timeout: float | None = None, **inputs: Any) -> Any:
        """Log work; return the envelope."""
        return self._run("addWorklog", {**_WORK, **inputs, "idempotencyKey": key}, timeout)

    def attach(self, key: str = "k", *, timeout: float | None = None, **inputs: Any) -> Any:
        """Attach a file; return the envelope."""
        return self._run("addAttachment", {**_FILE, **inputs, "idempotencyKey": key}, timeout)

    def _run(self, action: str, inputs: dict[str, Any], timeout: float | None) -> Any:
        return self.connection.execute(action, inputs, {}, {"timeoutSeconds": timeout})

    # ---- what Jira has ----------------------------------------------------------------------

    @property
    def sent(self) -> list[Any]:
        """Requests that would make something."""
        made = ("/rest/api/3/issue", "/comment", "/worklog", "/attachments")
        return [entry for entry in self.sim.requests if entry.method == "POST" and entry.path.endswith(made)]

    def issues(self, key: str = "k") -> list[Any]:
        """Issues that carry the key."""
        return [issue for issue in self.sim.site.issues.values() if _carries(issue, key)]

    def comments(self, key: str = "k") -> list[Any]:
        """Comments that carry the key."""
        found = (comment for issue in self.sim.site.issues.values() for comment in issue.comments)
        return [comment for comment in found if _carries(comment, key)]

    def worklogs(self, key: str = "k") -> list[Any]:
        """Worklogs that carry the key."""
        found = (worklog for issue in self.sim.site.issues.values() for worklog in issue.worklogs)
        return [worklog for worklog in found if _carries(worklog, key)]

    @property
    def attachments(self) -> list[Any]:
        """All attachments; they carry no key."""
        return [file for issue in self.sim.site.issues.values() for file in issue.attachments]

    def make_issue(self, key: str = "k", *, project: str = "DEV", at: float | None = None) -> Any:
        """Create an issue behind the plugin's back, as a worker does that is killed then."""
        site = self.sim.site
        values = {"issuetype": "10000", "summary": "It breaks"}
        issue = site.create_issue(site.project(project), values, site.default_account_id, at=at)
        issue.properties[IDEMPOTENCY_PROPERTY] = {"key": key}
        return issue

    def make_comment(self, key: str = "k", *, on: str = "DEV-1") -> Any:
        """Add a comment behind the plugin's back."""
        site = self.sim.site
        document = {"type": "doc", "version": 1, "content": []}
        comment = site.add_comment(site.find_issue(on), site.default_account_id, document)
        comment.properties[IDEMPOTENCY_PROPERTY] = {"key": key}
        return comment

    def make_worklog(self, key: str = "k", *, on: str = "DEV-1") -> Any:
        """Log work behind the plugin's back."""
        site = self.sim.site
        properties = {IDEMPOTENCY_PROPERTY: {"key": key}}
        issue, author_id = site.find_issue(on), site.default_account_id
        return site.add_worklog(issue, author_id, started_at=0.0, spent_seconds=12_000, properties=properties)

    def make_attachment(
        self, name: str = "report.txt", content: bytes = b"1 failed", *, on: str = "DEV-1", author_id: str | None = None
    ) -> Any:
        """Attach a file behind the plugin's back."""
        site = self.sim.site
        issue, author_id = site.find_issue(on), author_id or site.default_account_id
        return site.add_attachment(issue, author_id, file_name=name, mime_type="text/plain", content=content)

    # ---- what the ledger has ----------------------------------------------------------------

    @property
    def ledger(self) -> Ledger:
        """The ledger of this connection."""
        login = self.connection._login
        state = self.connection._facts.shared or RecordNotes(login, Budget(), clock=self.sim.clock)
        return Ledger(state)

    def name(self, key: str = "k", operation: Operation = CREATE_ISSUE) -> str:
        """Name of a write in the ledger."""
        return name_of(self.sim.site.cloud_id, operation, key)

    def entry(self, key: str = "k", operation: Operation = CREATE_ISSUE) -> Entry | None:
        """What the ledger says of a key."""
        return self.ledger.read(self.name(key, operation)).entry

    def killed(self, key: str = "k", operation: Operation = CREATE_ISSUE, **more: Any) -> Entry:
        """Leave the ledger as a worker does that is killed after it has reserved."""
        place = "DEV" if operation is CREATE_ISSUE else "DEV-1"
        entry = Entry.reserved(owner="dead", digest="0", place=place, now=self.sim.clock(), **more)
        assert self.ledger.replace(self.name(key, operation), entry, version=0)
        return entry


def _carries(thing: Any, key: str) -> bool:
    return thing.properties.get(IDEMPOTENCY_PROPERTY) == {"key": key}


def row_of(envelope: Any) -> Any:
    """Return the one row of an action that succeeded."""
    assert "error" not in envelope, envelope
    (row,) = envelope["output1"]["data"]
    return row


def warnings_of(envelope: Any) -> str:
    """Return the warnings of an action that succeeded, as one text."""
    return " ".join(envelope["output1"]["metadata"]["warnings"])
