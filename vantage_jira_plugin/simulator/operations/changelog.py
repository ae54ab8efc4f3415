"""The changelog of an issue, oldest first. Changes are written by the site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vantage_jira_plugin.simulator.issue_rendering import change_json
from vantage_jira_plugin.simulator.messages import Response

from .parameters import integer, offset_page
from .route import Route, read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vantage_jira_plugin.simulator.messages import Caller, Request
    from vantage_jira_plugin.simulator.site import Site

__all__ = ["ROUTES"]

#: Changes of a page. Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/
_PAGE = 100


def get_changelog(site: Site, request: Request, caller: Caller, path: Mapping[str, str]) -> Response:
    """Return a page of changes."""
    start_at = max(0, integer(request, "startAt", 0))
    max_results = min(_PAGE, max(1, integer(request, "maxResults", _PAGE)))
    with site.lock:
        issue = site.visible_issue(path["issueIdOrKey"], caller.account_id)
        url = f"{site.gateway_url}/rest/api/3/issue/{issue.key}/changelog"
        page = offset_page(request, url, issue.changes, start_at=start_at, max_results=max_results)
        page["values"] = [change_json(site, change) for change in page["values"]]
        return Response(200, page)


ROUTES: tuple[Route, ...] = (
    read(
        "GET",
        "/issue/{issueIdOrKey}/changelog",
        get_changelog,
        granular="read:issue-meta:jira read:avatar:jira read:issue.changelog:jira",
    ),
)
