"""Projects, and the create screens of their issue types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.simulator.messages import JiraRefusal, Response
from vantage_jira_plugin.simulator.people import account_json
from vantage_jira_plugin.simulator.rendering import (
    avatar_urls,
    component_json,
    issue_type_json,
    version_json,
)

from .parameters import integer, listed, offset_page
from .route import Route, one_object, read, values_of
from .screens import create_screen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vantage_jira_plugin.simulator.catalogue import Project
    from vantage_jira_plugin.simulator.messages import Caller, Request
    from vantage_jira_plugin.simulator.site import Site

__all__ = ["ROUTES"]

#: Projects of a page at most; more are lowered without a word.
#: Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-projects/
_MOST_PROJECTS = 100
#: Ids and keys of one search at most (same page).
_MOST_NAMED = 50
#: Entries of a page of create metadata (same site, api-group-issues).
_CREATE_META_PAGE, _CREATE_META_MOST = 50, 200
#: Permission that each value of `action` asks for.
_ACTIONS = {
    "view": "BROWSE_PROJECTS",
    "browse": "BROWSE_PROJECTS",
    "edit": "ADMINISTER_PROJECTS",
    "create": "CREATE_ISSUES",
}
_READ = (
    "read:issue-type:jira read:project:jira read:project.property:jira read:user:jira "
    "read:application-role:jira read:avatar:jira read:group:jira read:issue-type-hierarchy:jira "
    "read:project-category:jira read:project-version:jira read:project.component:jira"
)
_META = "read:issue-meta:jira read:avatar:jira read:field-configuration:jira"


def _project_json(site: Site, project: Project, expand: frozenset[str]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "expand": "description,lead,issueTypes,url,projectKeys,permissions,insight",
        "self": f"{site.gateway_url}/rest/api/3/project/{project.id}",
        "id": project.id,
        "key": project.key,
        "name": project.name,
        "avatarUrls": avatar_urls(site, project),
        "projectTypeKey": project.type_key,
        "simplified": False,
        "style": "classic",
        "isPrivate": False,
        "properties": {},
    }
    if "description" in expand:
        shown["description"] = project.description
    if "lead" in expand:
        shown["lead"] = account_json(site.gateway_url, site.accounts[project.lead_id])
    if "issueTypes" in expand:
        shown["issueTypes"] = [issue_type_json(site, site.issue_types[type_id]) for type_id in project.type_ids]
    if "insight" in expand:
        updated = [issue.values["updated"] for issue in site.issues.values() if issue.project_id == project.id]
        shown["insight"] = {"totalIssueCount": len(updated)}
    return shown


def search_projects(site: Site, request: Request, caller: Caller, _path: Mapping[str, str]) -> Response:
    """Return a page of the projects that the caller may see."""
    start_at = max(0, integer(request, "startAt", 0))
    max_results = min(_MOST_PROJECTS, max(1, integer(request, "maxResults", 50)))
    keys, ids = {key.upper() for key in listed(request, "keys")}, set(listed(request, "id"))
    if len(keys) > _MOST_NAMED or len(ids) > _MOST_NAMED:
        raise JiraRefusal(400, f"At most {_MOST_NAMED} projects can be named.")
    query, type_key = (request.value("query") or "").lower(), request.value("typeKey")
    action, order = request.value("action") or "view", (request.value("orderBy") or "key").strip()
    if action not in _ACTIONS:
        raise JiraRefusal(400, f"The action '{action}' is not supported.")
    field = order.lstrip("+-")
    if field not in {"key", "name", "owner", "category", "issueCount", "lastIssueUpdatedDate"}:
        raise JiraRefusal(400, f"The 'orderBy' field '{order}' is not supported.")
    expand = frozenset(listed(request, "expand"))
    with site.lock:
        found = [
            project
            for project in site.visible_projects(caller.account_id)
            if (not keys or project.key in keys)
            and (not ids or project.id in ids)
            and (query in project.key.lower() or query in project.name.lower())
            and (not type_key or project.type_key in type_key.split(","))
            and site.allowed(caller.account_id, _ACTIONS[action], project)
        ]
        if field in {"name", "owner"}:
            found.sort(key=lambda project: project.name if field == "name" else project.lead_id)
        if order.startswith("-"):
            found.reverse()
        url = f"{site.gateway_url}/rest/api/3/project/search"
        page = offset_page(request, url, found, start_at=start_at, max_results=max_results)
        page["values"] = [_project_json(site, project, expand) for project in page["values"]]
        return Response(200, page)


def _found(site: Site, caller: Caller, id_or_key: str) -> Project:
    project = site.project(id_or_key, caller.account_id)
    if project is None:
        # Source: recorded answer of 2022-01-09.
        word = "id" if id_or_key.isdigit() else "key"
        raise JiraRefusal(404, f"No project could be found with {word} '{id_or_key}'.")
    return project


def get_project(site: Site, request: Request, caller: Caller, path: Mapping[str, str]) -> Response:
    """Return one project with its lead, issue types, components and versions."""
    expand = frozenset(listed(request, "expand")) | {"description", "lead", "issueTypes"}
    with site.lock:
        project = _found(site, caller, path["projectIdOrKey"])
        shown = _project_json(site, project, expand)
        shown |= {
            "components": [component_json(site, component) for component in project.components],
            "versions": [{**version_json(site, version), "projectId": int(project.id)} for version in project.versions],
            "assigneeType": "UNASSIGNED",
            "roles": {},
        }
        return Response(200, shown)


def _create_meta_page(request: Request) -> tuple[int, int]:
    max_results = integer(request, "maxResults", _CREATE_META_PAGE)
    if max_results > _CREATE_META_MOST:
        # Source: example of the OpenAPI file.
        raise JiraRefusal(400, f"Parameter 'maxResults' must not exceed the limit '{_CREATE_META_MOST}'")
    return max(0, integer(request, "startAt", 0)), max(0, max_results)


def _creatable(site: Site, caller: Caller, id_or_key: str) -> Project:
    project = _found(site, caller, id_or_key)
    if not site.allowed(caller.account_id, "CREATE_ISSUES", project):
        raise JiraRefusal(400, "You do not have permission to create issues in this project.")
    return project


def get_create_types(site: Site, request: Request, caller: Caller, path: Mapping[str, str]) -> Response:
    """Return a page of the issue types that one can create in a project."""
    start_at, max_results = _create_meta_page(request)
    with site.lock:
        project = _creatable(site, caller, path["projectIdOrKey"])
        types = [
            {key: value for key, value in issue_type_json(site, site.issue_types[type_id]).items() if key != "avatarId"}
            | {"untranslatedName": site.issue_types[type_id].name}
            for type_id in project.type_ids
        ]
        return Response(
            200,
            {
                "maxResults": max_results,
                "startAt": start_at,
                "total": len(types),
                "issueTypes": types[start_at : start_at + max_results],
            },
        )


def get_create_fields(site: Site, request: Request, caller: Caller, path: Mapping[str, str]) -> Response:
    """Return a page of the fields of a create screen."""
    start_at, max_results = _create_meta_page(request)
    with site.lock:
        project = _creatable(site, caller, path["projectIdOrKey"])
        if path["issueTypeId"] not in project.type_ids:
            raise JiraRefusal(404, "The issue type selected is invalid.")
        fields = create_screen(site, project, site.issue_types[path["issueTypeId"]])
        return Response(
            200,
            {
                "maxResults": max_results,
                "startAt": start_at,
                "total": len(fields),
                "fields": fields[start_at : start_at + max_results],
            },
        )


_CREATE_META = "/issue/createmeta/{projectIdOrKey}/issuetypes"

ROUTES: tuple[Route, ...] = (
    read("GET", "/project/search", search_projects, granular=_READ, objects=values_of("values")),
    read("GET", "/project/{projectIdOrKey}", get_project, granular=_READ, objects=one_object),
    read("GET", _CREATE_META, get_create_types, granular=_META),
    read("GET", f"{_CREATE_META}/{{issueTypeId}}", get_create_fields, granular=_META),
)
