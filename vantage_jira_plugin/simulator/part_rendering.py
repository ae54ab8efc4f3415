"""Worklogs and attachments of issues as Jira's JSON, and what follows from them. Changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .rendering import user_reference
from .timestamps import duration_text, jira_datetime

if TYPE_CHECKING:
    from .issues import Attachment, Issue, Worklog
    from .site import Site

__all__ = ["attachment_json", "progress", "spent_seconds", "time_tracking", "worklog_json", "worklog_page"]

#: Worklogs that the issue's own field holds at most.
_EMBEDDED_WORKLOGS = 20


def worklog_json(site: Site, issue: Issue, worklog: Worklog) -> dict[str, Any]:
    """Return a worklog; whoever added it was the last to change it."""
    author = user_reference(site, site.accounts[worklog.author_id])
    created = jira_datetime(worklog.created_at, site.time_zone)
    shown: dict[str, Any] = {
        "self": f"{site.gateway_url}/rest/api/3/issue/{issue.id}/worklog/{worklog.id}",
        "author": author,
        "updateAuthor": author,
        "created": created,
        "updated": created,
        "started": jira_datetime(worklog.started_at, site.time_zone),
        "timeSpent": duration_text(worklog.spent_seconds),
        "timeSpentSeconds": worklog.spent_seconds,
        "id": str(worklog.id),
        "issueId": str(issue.id),
    }
    more = {"comment": worklog.comment, "visibility": worklog.visibility}
    return shown | {name: value for name, value in more.items() if value is not None}


def attachment_json(site: Site, attachment: Attachment) -> dict[str, Any]:
    """Return what is known of an attachment, without the file."""
    return {
        "self": f"{site.gateway_url}/rest/api/3/attachment/{attachment.id}",
        "id": str(attachment.id),
        "filename": attachment.file_name,
        "author": user_reference(site, site.accounts[attachment.author_id]),
        "created": jira_datetime(attachment.created_at, site.time_zone),
        "size": len(attachment.content),
        "mimeType": attachment.mime_type,
        "content": f"{site.gateway_url}/rest/api/3/attachment/content/{attachment.id}",
    }


def spent_seconds(issue: Issue) -> int:
    """Return how long people have worked on an issue."""
    return sum(worklog.spent_seconds for worklog in issue.worklogs)


def progress(_site: Site, issue: Issue) -> dict[str, Any]:
    """Return the progress of an issue; nobody estimates here, so that what was worked is all there was to do."""
    spent = spent_seconds(issue)
    return {"progress": spent, "total": spent, **({"percent": 100} if spent else {})}


def time_tracking(_site: Site, issue: Issue) -> dict[str, Any]:
    """Return the time spent, in words and seconds."""
    spent = spent_seconds(issue)
    return {"timeSpent": duration_text(spent), "timeSpentSeconds": spent} if spent else {}


def worklog_page(site: Site, issue: Issue) -> dict[str, Any]:
    """Return the first worklogs, as the issue's own field holds them."""
    return {
        "startAt": 0,
        "maxResults": _EMBEDDED_WORKLOGS,
        "total": len(issue.worklogs),
        "worklogs": [worklog_json(site, issue, worklog) for worklog in issue.worklogs[:_EMBEDDED_WORKLOGS]],
    }
