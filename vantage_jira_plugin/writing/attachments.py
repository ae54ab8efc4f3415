"""Looks for the attachment that a keyed write made. Attachments carry no key: they are known by what they are."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.operations import GET_ATTACHMENT_CONTENT, GET_ISSUE, MYSELF
from vantage_jira_plugin.reading.shapes import inside

from .onissue import OnIssue, may_be_since, not_whole

if TYPE_CHECKING:
    from vantage_jira_plugin.upload import Upload

    from .entry import Entry

__all__ = ["AttachmentFinder"]

#: Larger files are known by name, size, author and time alone; to download them takes too long.
_COMPARED_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class AttachmentFinder(OnIssue):
    """Finds the attachment of one key on one issue: same name, size, content and author, added since the write began.

    A file that this account added in the same minutes under another key, the same to the byte, is taken for it.
    """

    upload: Upload

    @property
    def place(self) -> str:
        """Where the attachment would be."""
        return f"the attachments of {self.issue_key}"

    @property
    def mark(self) -> str:
        """What people see of the file; it carries no property."""
        return f"the name {self.upload.file_name} and {len(self.upload.content):,} bytes"

    def where(self, made: dict[str, Any]) -> str | None:
        """Return the issue that was looked at; an attachment does not say where it is."""
        del made
        return self.issue_key

    def listed(self) -> list[dict[str, Any]]:
        """Return the attachments of the issue.

        Source: GET /rest/api/3/issue/{issueIdOrKey}
        """
        issue = self.jira.call(GET_ISSUE, {"issueIdOrKey": self.issue_key}, query={"fields": "attachment"})
        attachments = inside("fields", "attachment")(issue)
        if not isinstance(attachments, list):
            raise not_whole(self.place, GET_ISSUE, f"Look in {self.place} for one with {self.mark}.")
        return [attachment for attachment in attachments if isinstance(attachment, dict)]

    def recall(self, made_id: str) -> dict[str, Any] | None:
        """Return the attachment of this id on this issue, where it is the same file."""
        return self._same([attachment for attachment in self.listed() if attachment.get("id") == made_id])

    def find(self, entry: Entry, *, now: float) -> dict[str, Any] | None:
        """Return the attachment, or None where it is certain that there is none.

        Raises:
            PluginError: looking failed, or what is there cannot be told apart.
        """
        del now
        return self._same([attachment for attachment in self.listed() if may_be_since(entry, attachment)])

    def _same(self, attachments: list[dict[str, Any]]) -> dict[str, Any] | None:
        """Return the one of these that is the file, added by this account."""
        alike = [attachment for attachment in attachments if self._is_alike(attachment)]
        if not alike:
            return None
        own_id = self.jira.call(MYSELF)["accountId"]
        own = (attachment for attachment in alike if inside("author", "accountId")(attachment) == own_id)
        return next((attachment for attachment in own if self._has_content(attachment)), None)

    def _is_alike(self, attachment: dict[str, Any]) -> bool:
        """Compare size and name; there is more than one way to write an umlaut."""
        name = unicodedata.normalize("NFC", str(attachment.get("filename")))
        same_name = name == unicodedata.normalize("NFC", self.upload.file_name)
        return same_name and attachment.get("size") == len(self.upload.content)

    def _has_content(self, attachment: dict[str, Any]) -> bool:
        """Compare contents, where that does not take too long.

        Source: GET /rest/api/3/attachment/content/{id}; `redirect=false` answers the file rather than another host's
        address, which would not be followed.
        """
        size = len(self.upload.content)
        if size > _COMPARED_BYTES:
            return True
        path = {"id": str(attachment.get("id"))}
        content: bytes = self.jira.call(GET_ATTACHMENT_CONTENT, path, query={"redirect": "false"})
        if len(content) != size:  # a page of something in between, or a file that is not there yet
            raise not_whole(self.place, GET_ATTACHMENT_CONTENT, f"Look in {self.place} for one with {self.mark}.")
        return sha256(content).hexdigest() == self.upload.sha256
