"""Fetching many issues by id or key. Fetching one lives in `issue`, finding them in `search`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vantage_jira_plugin.simulator.messages import JiraRefusal, Response

from .issuetexts import issue_list
from .parameters import json_object, payload_refused, texts
from .route import Route, read, values_of
from .selection import MOST_PROPERTIES, RICH_PAGE, select

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vantage_jira_plugin.simulator.issues import Issue
    from vantage_jira_plugin.simulator.messages import Caller, Request
    from vantage_jira_plugin.simulator.site import Site

__all__ = ["ROUTES"]

#: Members of the body of a bulk fetch.
_BODY = frozenset({"issueIdsOrKeys", "fields", "expand", "fieldsByKeys", "properties"})


def fetch_issues(site: Site, request: Request, caller: Caller, _path: Mapping[str, str]) -> Response:
    """Return issues by id or key, in order of their ids; what is missing or unseen is left out."""
    body = json_object(request)
    if set(body) - _BODY or not isinstance(body.get("issueIdsOrKeys"), list):
        raise payload_refused()
    if not isinstance(body.get("fieldsByKeys"), bool | None):
        raise payload_refused()
    wanted, properties = texts(body, "issueIdsOrKeys"), texts(body, "properties")
    if len(properties) > MOST_PROPERTIES:
        raise JiraRefusal(400, f"The maximum number of properties is {MOST_PROPERTIES}.")
    with site.lock:
        selection = select(
            site,
            texts(body, "fields"),
            default="*navigable",
            excluding_from="*navigable",
            expand=texts(body, "expand"),
            properties=properties,
        )
        most = selection.page_size(RICH_PAGE)
        if not 1 <= len(wanted) <= most:
            raise JiraRefusal(400, f"The number of issues must be between 1 and {most}.")
        found: dict[int, Issue] = {}
        for id_or_key in wanted:
            issue = site.find_issue(id_or_key)
            if issue is not None and site.allowed(
                caller.account_id, "BROWSE_PROJECTS", site.projects[issue.project_id]
            ):
                found[issue.id] = issue
        fetched = ((found[number], found[number].values) for number in sorted(found))
        return Response(200, issue_list(site, fetched, selection, after=b'],"issueErrors":[]}'))


ROUTES: tuple[Route, ...] = (
    read(
        "POST",
        "/issue/bulkfetch",
        fetch_issues,
        granular="read:issue-meta:jira read:issue-security-level:jira read:issue.vote:jira "
        "read:issue.changelog:jira read:avatar:jira read:issue:jira read:status:jira read:user:jira "
        "read:field-configuration:jira",
        objects=values_of("issues"),
    ),
)
