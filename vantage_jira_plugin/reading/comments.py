"""A comment as Jira answers it to a flat row. No HTTP, no paging."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .rows import part_url
from .shapes import account_id
from .values import boolean, plain_text, text, utc_datetime

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vantage_jira_plugin.contract import Column

    from .columns import TextFormat

__all__ = ["COMMENT_COLUMNS", "comment_row"]

#: The columns of a comment, in order.
COMMENT_COLUMNS: tuple[Column, ...] = (
    {"name": "id", "type": "string", "title": "Id"},
    {"name": "issueKey", "type": "string", "title": "Issue key"},
    {"name": "url", "type": "string", "title": "URL"},
    {"name": "author", "type": "string", "title": "Author"},
    {"name": "authorAccountId", "type": "string", "title": "Author account id"},
    {"name": "created", "type": "datetime", "title": "Created"},
    {"name": "updated", "type": "datetime", "title": "Updated"},
    {"name": "body", "type": "string", "title": "Body"},
    {"name": "public", "type": "boolean", "title": "Visible to customers"},
    {"name": "visibility", "type": "string", "title": "Limited to"},
)


def comment_row(
    comment: Mapping[str, object], issue_key: str, site_url: str | None, text_format: TextFormat = "markdown"
) -> dict[str, object]:
    """Return one comment of `GET /rest/api/3/issue/{issueIdOrKey}/comment` as a row.

    Shape: `{"id", "author": user, "body": ADF, "created", "updated", "jsdPublic"?: bool,
    "visibility"?: {"type": "group" | "role", "value"}}`. `public` is None where Jira does not say.

    Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-comments/
    """
    comment_id = text(comment.get("id"))
    author = comment.get("author")
    return {
        "id": comment_id,
        "issueKey": issue_key,
        "url": part_url(site_url, issue_key, "focusedCommentId", comment_id),
        "author": text(author),
        "authorAccountId": account_id(author),
        "created": utc_datetime(comment.get("created")),
        "updated": utc_datetime(comment.get("updated")),
        "body": (plain_text if text_format == "plain" else text)(comment.get("body")),
        "public": boolean(comment.get("jsdPublic")),
        "visibility": text(comment.get("visibility")),
    }
