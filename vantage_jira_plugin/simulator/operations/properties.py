"""Properties of issues: data of apps under a key. Properties set by create and edit are read in `edits`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from vantage_jira_plugin.simulator.messages import JiraRefusal, Response

from .edits import check_property
from .parameters import PreparedRefusal
from .route import Route, read, write

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vantage_jira_plugin.simulator.messages import Caller, Request
    from vantage_jira_plugin.simulator.site import Site

__all__ = ["ROUTES"]


def get_property_keys(site: Site, _request: Request, caller: Caller, path: Mapping[str, str]) -> Response:
    """Return the keys of an issue's properties with their addresses."""
    with site.lock:
        issue = site.visible_issue(path["issueIdOrKey"], caller.account_id)
        base = f"{site.gateway_url}/rest/api/3/issue/{issue.id}/properties"
        keys = [{"self": f"{base}/{quote(key, safe='')}", "key": key} for key in issue.properties]
        return Response(200, {"keys": keys})


def get_property(site: Site, _request: Request, caller: Caller, path: Mapping[str, str]) -> Response:
    """Return a property as `{key, value}`."""
    key = path["propertyKey"]
    with site.lock:
        issue = site.visible_issue(path["issueIdOrKey"], caller.account_id)
        if key not in issue.properties:
            raise JiraRefusal(404, f"The property with key {key} does not exist.")
        return Response(200, {"key": key, "value": issue.properties[key]})


def set_property(site: Site, request: Request, caller: Caller, path: Mapping[str, str]) -> Response:
    """Set a property to the JSON of the body: 201 where it is new, 200 where it was there."""
    key = path["propertyKey"]
    try:
        value = request.json()
    except (ValueError, RecursionError):
        message = "The property value must be valid, non-empty JSON."
        raise PreparedRefusal(Response(400, {"errorMessages": [message], "errors": {}})) from None
    check_property(key, value)
    with site.lock:
        issue = site.visible_issue(path["issueIdOrKey"], caller.account_id)
        if not site.allowed(caller.account_id, "EDIT_ISSUES", site.projects[issue.project_id]):
            raise JiraRefusal(403, "You do not have permission to edit issues in this project.")
        known = key in issue.properties
        issue.properties[key] = value
        return Response(200 if known else 201, {})


def delete_property(site: Site, _request: Request, caller: Caller, path: Mapping[str, str]) -> Response:
    """Delete a property."""
    key = path["propertyKey"]
    with site.lock:
        issue = site.visible_issue(path["issueIdOrKey"], caller.account_id)
        if issue.properties.pop(key, None) is None:
            raise JiraRefusal(404, f"The property with key {key} does not exist.")
        return Response(204)


_ONE = "/issue/{issueIdOrKey}/properties/{propertyKey}"

ROUTES: tuple[Route, ...] = (
    read("GET", "/issue/{issueIdOrKey}/properties", get_property_keys, granular="read:issue.property:jira"),
    read("GET", _ONE, get_property, granular="read:issue.property:jira"),
    write("PUT", _ONE, set_property, granular="write:issue.property:jira"),
    write("DELETE", _ONE, delete_property, granular="delete:issue.property:jira"),
)
