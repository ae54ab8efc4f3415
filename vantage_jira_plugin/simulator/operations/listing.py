"""What a site is set up with: fields, issue types, priorities, statuses, resolutions, the server itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.simulator.fields import field_json
from vantage_jira_plugin.simulator.messages import Response
from vantage_jira_plugin.simulator.rendering import (
    issue_type_json,
    priority_json,
    resolution_json,
    status_json,
)
from vantage_jira_plugin.simulator.timestamps import jira_datetime

from .parameters import integer, listed, offset_page
from .route import Route, read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vantage_jira_plugin.simulator.catalogue import Status
    from vantage_jira_plugin.simulator.messages import Caller, Request
    from vantage_jira_plugin.simulator.site import Site

__all__ = ["ROUTES"]

#: Entries of a page of priorities and resolutions.
#: Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-priorities/
_PAGE = 50
#: What the simulator says of itself; Cloud names the same version at all times.
_VERSION, _BUILD_NUMBER = "1001.0.0-SNAPSHOT", 100_300


def get_server_info(site: Site, _request: Request, _caller: Caller, _path: Mapping[str, str]) -> Response:
    """Return what the site says of itself."""
    now = jira_datetime(site.clock(), site.time_zone)
    return Response(
        200,
        {
            "baseUrl": site.url,
            "displayUrl": site.url,
            "version": _VERSION,
            "versionNumbers": [1001, 0, 0],
            "deploymentType": "Cloud",
            "buildNumber": _BUILD_NUMBER,
            "buildDate": now,
            "serverTime": now,
            "scmInfo": "0" * 40,
            "serverTitle": "Jira",
            "defaultLocale": {"locale": "en_US"},
            "serverTimeZone": site.time_zone.key,
        },
    )


def get_fields(site: Site, _request: Request, _caller: Caller, _path: Mapping[str, str]) -> Response:
    """Return every field, system and custom."""
    with site.lock:
        return Response(200, [field_json(field) for field in site.fields.values()])


def get_issue_types(site: Site, _request: Request, _caller: Caller, _path: Mapping[str, str]) -> Response:
    """Return every issue type."""
    with site.lock:
        shown = [
            {**issue_type_json(site, issue_type), "untranslatedName": issue_type.name}
            for issue_type in site.issue_types.values()
        ]
        return Response(200, shown)


def get_statuses(site: Site, _request: Request, _caller: Caller, _path: Mapping[str, str]) -> Response:
    """Return every status."""
    with site.lock:
        return Response(
            200,
            [
                {**status_json(site, status), "untranslatedName": status.name, **_scope(status)}
                for status in site.statuses.values()
            ],
        )


def _scope(status: Status) -> dict[str, Any]:
    """Return the scope of a status of a team-managed project. Source: OpenAPI file, StatusDetails."""
    if status.scope_project_id is None:
        return {}
    return {"scope": {"type": "PROJECT", "project": {"id": status.scope_project_id}}}


def get_priorities(site: Site, _request: Request, _caller: Caller, _path: Mapping[str, str]) -> Response:
    """Return every priority (deprecated, and still answered)."""
    with site.lock:
        return Response(200, [priority_json(site, priority, full=True) for priority in site.priorities.values()])


def search_priorities(site: Site, request: Request, _caller: Caller, _path: Mapping[str, str]) -> Response:
    """Return a page of priorities."""
    wanted = set(listed(request, "id"))
    with site.lock:
        shown = [
            priority_json(site, priority, full=True)
            for priority in site.priorities.values()
            if not wanted or priority.id in wanted
        ]
        return Response(200, _page(site, request, "priority/search", shown))


def search_resolutions(site: Site, request: Request, _caller: Caller, _path: Mapping[str, str]) -> Response:
    """Return a page of resolutions."""
    with site.lock:
        shown = [{**resolution_json(site, resolution), "isDefault": False} for resolution in site.resolutions.values()]
        return Response(200, _page(site, request, "resolution/search", shown))


def _page(site: Site, request: Request, name: str, shown: list[dict[str, object]]) -> dict[str, object]:
    page = offset_page(
        request,
        f"{site.gateway_url}/rest/api/3/{name}",
        shown,
        start_at=max(0, integer(request, "startAt", 0)),
        max_results=min(_PAGE, max(1, integer(request, "maxResults", _PAGE))),
    )
    # Source: recorded answers: pages of these two have no `self`.
    del page["self"]
    return page


ROUTES: tuple[Route, ...] = (
    read("GET", "/serverInfo", get_server_info, scope=""),
    read(
        "GET",
        "/field",
        get_fields,
        granular="read:field:jira read:avatar:jira read:project-category:jira read:project:jira "
        "read:field-configuration:jira",
    ),
    read(
        "GET",
        "/issuetype",
        get_issue_types,
        granular="read:issue-type:jira read:avatar:jira read:project-category:jira read:project:jira",
    ),
    read("GET", "/status", get_statuses, granular="read:status:jira"),
    read("GET", "/priority", get_priorities, granular="read:priority:jira"),
    # The OpenAPI file names no scopes here; the narrative asks for the administrator's.
    read(
        "GET",
        "/priority/search",
        search_priorities,
        scope="manage:jira-configuration",
        granular="read:priority:jira",
    ),
    read("GET", "/resolution/search", search_resolutions, granular="read:resolution:jira"),
)
