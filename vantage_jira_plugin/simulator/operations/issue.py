"""Issues: read, create, edit, delete, fetch many. Searching for them lives in `search`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.simulator.intake import Intake, ValueRefusal
from vantage_jira_plugin.simulator.messages import JiraRefusal, Response

from .edits import Edit, read_edit
from .parameters import boolean, json_object, listed, payload_refused
from .route import Route, one_object, read, write
from .screens import edit_screen, screen_fields
from .selection import issue_json, names_and_schema, select

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vantage_jira_plugin.simulator.catalogue import Project
    from vantage_jira_plugin.simulator.fields import Field
    from vantage_jira_plugin.simulator.issues import Issue
    from vantage_jira_plugin.simulator.messages import Caller, Request
    from vantage_jira_plugin.simulator.site import Site

__all__ = ["ROUTES"]

#: Source: recorded answer of 2026-10-08.
_PROJECT_INVALID = "Specify a valid project ID or key"
#: Most issues of one bulk create.
#: Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/
_BULK_ISSUES = 50


def get_issue(site: Site, request: Request, caller: Caller, path: Mapping[str, str]) -> Response:
    """Return one issue: all of its fields unless some are asked for."""
    with site.lock:
        issue = site.visible_issue(path["issueIdOrKey"], caller.account_id)
        return Response(200, _shown(site, request, issue))


def _shown(site: Site, request: Request, issue: Issue) -> dict[str, Any]:
    selection = select(
        site,
        listed(request, "fields"),
        default="*all",
        excluding_from="*all",
        expand=listed(request, "expand"),
        properties=listed(request, "properties"),
    )
    shown = issue_json(site, issue, issue.values, selection)
    return shown | names_and_schema(selection.fields, selection.expand)


# ---- create ---------------------------------------------------------------------------------


def create_issue(site: Site, request: Request, caller: Caller, _path: Mapping[str, str]) -> Response:
    """Create an issue; every wrong field is told at once."""
    body = json_object(request)
    with site.lock:
        return Response(201, _create(site, body, caller))


def create_issues(site: Site, request: Request, caller: Caller, _path: Mapping[str, str]) -> Response:
    """Create up to 50 issues: 201 where any was created, 400 where none was."""
    updates = json_object(request).get("issueUpdates")
    if not isinstance(updates, list) or not all(isinstance(update, dict) for update in updates):
        raise payload_refused()
    if len(updates) > _BULK_ISSUES:
        raise JiraRefusal(400, f"The maximum number of issues that can be created is {_BULK_ISSUES}.")
    created: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    with site.lock:
        for number, update in enumerate(updates):
            try:
                created.append(_create(site, update, caller))
            except JiraRefusal as refusal:
                answer = refusal.response()
                failed.append({"status": answer.status, "elementErrors": answer.body, "failedElementNumber": number})
    return Response(201 if created else 400, {"issues": created, "errors": failed})


def _create(site: Site, body: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
    fields = body.get("fields")
    if not isinstance(fields, dict):
        if fields is not None:
            raise payload_refused()
        fields = {}
    project = _project(site, fields.get("project"), caller)
    type_value = fields.get("issuetype")
    if type_value is None:
        raise JiraRefusal(400, errors={"issuetype": "Specify an issue type"})
    rest = {name: value for name, value in fields.items() if name not in {"project", "issuetype"}}
    rest.setdefault("summary", None)
    edit = read_edit(site, project, {**body, "fields": rest}, settable=_settable(site, project, type_value), current={})
    try:
        edit.values["issuetype"] = Intake(site, project).read(site.fields["issuetype"], type_value)
    except ValueRefusal as refusal:
        edit.errors["issuetype"] = str(refusal)
    _check_hierarchy(site, project, edit, {})
    if edit.errors:
        raise JiraRefusal(400, errors=edit.errors)
    values = {name: value for name, value in edit.values.items() if value is not None}
    issue = site.create_issue(project, values, caller.account_id)
    issue.properties |= edit.properties
    for comment in edit.comments:
        site.add_comment(issue, caller.account_id, comment)
    return {
        "id": str(issue.id),
        "key": issue.key,
        "self": f"{site.gateway_url}/rest/api/3/issue/{issue.id}",
    }


def _settable(site: Site, project: Project, type_value: Any) -> list[Field]:
    """Return the fields of the create screen; of all screens where the type is not known."""
    try:
        type_id = Intake(site, project).read(site.fields["issuetype"], type_value)
    except ValueRefusal:
        return [field for field in site.fields_of(project.id) if field.settable]
    return list(screen_fields(site, project, site.issue_types[type_id]))


def _project(site: Site, value: Any, caller: Caller) -> Project:
    wanted = value.get("id", value.get("key")) if isinstance(value, dict) else None
    project = site.project(str(wanted), caller.account_id) if wanted is not None else None
    if project is None:
        raise JiraRefusal(400, errors={"project": _PROJECT_INVALID})
    if not site.allowed(caller.account_id, "CREATE_ISSUES", project):
        raise JiraRefusal(403, "You do not have permission to create issues in this project.")
    return project


def _check_hierarchy(site: Site, project: Project, edit: Edit, current: Mapping[str, Any]) -> None:
    """Tell in the edit's errors what does not fit: levels of parent and child, their projects."""
    after = {**current, **edit.values}
    if "issuetype" not in after or "issuetype" in edit.errors or "parent" in edit.errors:
        return
    level = site.issue_types[after["issuetype"]].level
    if current and (level < 0) != (site.issue_types[current["issuetype"]].level < 0):
        edit.errors["issuetype"] = "The issue type selected is invalid."
        return
    if after.get("parent") is None:
        if level < 0:
            edit.errors["issuetype"] = "Issue type is a sub-task but parent issue key or id not specified."
        return
    parent = site.issues[after["parent"]]
    if site.issue_types[parent.values["issuetype"]].level != level + 1:
        edit.errors["parentId"] = "Given parent work item does not belong to appropriate hierarchy."
    elif level < 0 and parent.project_id != project.id:
        edit.errors["project"] = "Sub-tasks must be created in the same project as the parent."


# ---- edit and delete ------------------------------------------------------------------------


def edit_issue(site: Site, request: Request, caller: Caller, path: Mapping[str, str]) -> Response:
    """Edit an issue: 204, or 200 with the issue where `returnIssue` is true."""
    notify = boolean(request, "notifyUsers", default=True)
    return_issue = boolean(request, "returnIssue")
    override = boolean(request, "overrideScreenSecurity") or boolean(request, "overrideEditableFlag")
    body = json_object(request)
    with site.lock:
        issue = site.visible_issue(path["issueIdOrKey"], caller.account_id)
        project = site.projects[issue.project_id]
        if override:
            raise JiraRefusal(403, "You do not have permission to override the screen security.")
        if not site.allowed(caller.account_id, "EDIT_ISSUES", project):
            raise JiraRefusal(400, "You do not have permission to edit issues in this project.")
        if not notify and not site.allowed(caller.account_id, "ADMINISTER_PROJECTS", project):
            # Reported: https://forum.uipath.com/t/543771
            raise JiraRefusal(
                400,
                "To discard the user notification either admin or project admin permissions are required.",
            )
        if not {"fields", "update", "properties", "historyMetadata"} & set(body):
            raise JiraRefusal(400, "one of 'fields' or 'update' required")
        issue_type = site.issue_types[issue.values["issuetype"]]
        settable = [one for one in screen_fields(site, project, issue_type) if one.kind != "project"]
        edit = read_edit(site, project, body, settable=settable, current=issue.values)
        _check_hierarchy(site, project, edit, issue.values)
        if edit.errors:
            raise JiraRefusal(400, errors=edit.errors)
        site.change_issue(issue, edit.values, caller.account_id)
        issue.properties |= edit.properties
        for comment in edit.comments:
            site.add_comment(issue, caller.account_id, comment)
        return Response(200, _shown(site, request, issue)) if return_issue else Response(204)


def get_edit_meta(site: Site, _request: Request, caller: Caller, path: Mapping[str, str]) -> Response:
    """Return the edit screen of an issue."""
    with site.lock:
        issue = site.visible_issue(path["issueIdOrKey"], caller.account_id)
        return Response(200, {"fields": edit_screen(site, issue)})


def delete_issue(site: Site, request: Request, caller: Caller, path: Mapping[str, str]) -> Response:
    """Delete an issue; one with sub-tasks only with `deleteSubtasks=true`."""
    with_subtasks = boolean(request, "deleteSubtasks")
    with site.lock:
        issue = site.visible_issue(path["issueIdOrKey"], caller.account_id)
        if not site.allowed(caller.account_id, "DELETE_ISSUES", site.projects[issue.project_id]):
            raise JiraRefusal(403, "You do not have permission to delete issues in this project.")
        children = (site.issues[child_id] for child_id in issue.child_ids)
        if not with_subtasks and any(site.issue_types[child.values["issuetype"]].level < 0 for child in children):
            raise JiraRefusal(
                400,
                f"The issue '{issue.key}' has subtasks.  You must specify the 'deleteSubtasks' parameter "
                "to delete this issue and all its subtasks.",
            )
        site.delete_issue(issue)
        return Response(204)


ROUTES: tuple[Route, ...] = (
    read(
        "GET",
        "/issue/{issueIdOrKey}",
        get_issue,
        granular="read:issue-meta:jira read:issue-security-level:jira read:issue.vote:jira "
        "read:issue.changelog:jira read:avatar:jira read:issue:jira read:status:jira read:user:jira "
        "read:field-configuration:jira",
        objects=one_object,
    ),
    read(
        "GET",
        "/issue/{issueIdOrKey}/editmeta",
        get_edit_meta,
        granular="read:issue-meta:jira read:field-configuration:jira",
    ),
    write(
        "POST",
        "/issue",
        create_issue,
        granular="write:issue:jira write:comment:jira write:comment.property:jira write:attachment:jira "
        "read:issue:jira",
    ),
    write(
        "POST",
        "/issue/bulk",
        create_issues,
        granular="write:issue:jira write:comment:jira write:comment.property:jira write:attachment:jira "
        "read:issue:jira",
    ),
    write("PUT", "/issue/{issueIdOrKey}", edit_issue, granular="write:issue:jira"),
    write("DELETE", "/issue/{issueIdOrKey}", delete_issue, granular="delete:issue:jira"),
)
