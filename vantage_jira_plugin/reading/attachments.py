"""An attachment as Jira answers it to a flat row. No HTTP, no content."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .rows import browse_url
from .shapes import account_id
from .values import integer, text, utc_datetime

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vantage_jira_plugin.contract import Column

__all__ = ["ATTACHMENT_COLUMNS", "attachment_row"]

#: The columns of an attachment, in order.
ATTACHMENT_COLUMNS: tuple[Column, ...] = (
    {"name": "id", "type": "string", "title": "Id"},
    {"name": "issueKey", "type": "string", "title": "Issue key"},
    {"name": "url", "type": "string", "title": "URL of the issue"},
    {"name": "fileName", "type": "string", "title": "File name"},
    {"name": "sizeBytes", "type": "integer", "title": "Size (bytes)"},
    {"name": "mimeType", "type": "string", "title": "Media type"},
    {"name": "author", "type": "string", "title": "Author"},
    {"name": "authorAccountId", "type": "string", "title": "Author account id"},
    {"name": "created", "type": "datetime", "title": "Created"},
)


def attachment_row(attachment: Mapping[str, object], issue_key: str, site_url: str | None) -> dict[str, object]:
    """Return one attachment of an issue as a row.

    Shape: `{"id", "filename", "size": bytes, "mimeType", "author": user, "created"}`. `created` is a text, or a number
    of milliseconds in the OpenAPI file's example of POST issue/{issueIdOrKey}/attachments.

    Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-attachments/
    """
    author = attachment.get("author")
    return {
        "id": text(attachment.get("id")),
        "issueKey": issue_key,
        "url": browse_url(site_url, issue_key),
        "fileName": text(attachment.get("filename")),
        "sizeBytes": integer(attachment.get("size")),
        "mimeType": text(attachment.get("mimeType")),
        "author": text(author),
        "authorAccountId": account_id(author),
        "created": utc_datetime(attachment.get("created")),
    }
