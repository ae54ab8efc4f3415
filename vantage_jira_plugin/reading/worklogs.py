"""A worklog as Jira answers it to a flat row. No HTTP, no paging."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .rows import part_url
from .shapes import account_id
from .values import integer, plain_text, text, utc_datetime

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vantage_jira_plugin.contract import Column

    from .columns import TextFormat

__all__ = ["WORKLOG_COLUMNS", "worklog_row"]

#: The columns of a worklog, in order.
WORKLOG_COLUMNS: tuple[Column, ...] = (
    {"name": "id", "type": "string", "title": "Id"},
    {"name": "issueKey", "type": "string", "title": "Issue key"},
    {"name": "url", "type": "string", "title": "URL"},
    {"name": "author", "type": "string", "title": "Author"},
    {"name": "authorAccountId", "type": "string", "title": "Author account id"},
    {"name": "started", "type": "datetime", "title": "Started"},
    {"name": "timeSpent", "type": "string", "title": "Time spent"},
    {"name": "timeSpentSeconds", "type": "integer", "title": "Time spent (seconds)"},
    {"name": "comment", "type": "string", "title": "Comment"},
    {"name": "created", "type": "datetime", "title": "Created"},
    {"name": "updated", "type": "datetime", "title": "Updated"},
)


def worklog_row(
    worklog: Mapping[str, object], issue_key: str, site_url: str | None, text_format: TextFormat = "markdown"
) -> dict[str, object]:
    """Return one worklog of `GET /rest/api/3/issue/{issueIdOrKey}/worklog` as a row.

    Shape: `{"id", "issueId", "author": user, "started", "timeSpent", "timeSpentSeconds", "comment"?: ADF, "created",
    "updated"}`. `timeSpent` counts days and weeks as the site does.

    Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-worklogs/
    """
    worklog_id = text(worklog.get("id"))
    author = worklog.get("author")
    return {
        "id": worklog_id,
        "issueKey": issue_key,
        "url": part_url(site_url, issue_key, "focusedWorklogId", worklog_id),
        "author": text(author),
        "authorAccountId": account_id(author),
        "started": utc_datetime(worklog.get("started")),
        "timeSpent": text(worklog.get("timeSpent")),
        "timeSpentSeconds": integer(worklog.get("timeSpentSeconds")),
        "comment": (plain_text if text_format == "plain" else text)(worklog.get("comment")),
        "created": utc_datetime(worklog.get("created")),
        "updated": utc_datetime(worklog.get("updated")),
    }
