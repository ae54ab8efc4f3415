"""What create, edit and transition screens hold: fields with their allowed values. Writes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.simulator.rendering import (
    component_json,
    issue_type_json,
    option_json,
    priority_json,
    project_reference,
    resolution_json,
    status_json,
    version_json,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from vantage_jira_plugin.simulator.catalogue import IssueType, Project, Transition
    from vantage_jira_plugin.simulator.fields import Field
    from vantage_jira_plugin.simulator.issues import Issue
    from vantage_jira_plugin.simulator.site import Site

__all__ = [
    "create_screen",
    "edit_screen",
    "open_transitions",
    "screen_fields",
    "transitions_json",
]

#: What can be done to a field of a kind, where it is more than to set it.
_OPERATIONS = {
    "labels": ["add", "set", "remove"],
    "components": ["add", "set", "remove"],
    "versions": ["set", "add", "remove"],
    "options": ["add", "set", "remove"],
}


def screen_fields(site: Site, project: Project, issue_type: IssueType) -> Iterator[Field]:
    """Return the fields that one can set on issues of the type; an epic has no sprint."""
    return (
        field
        for field in site.fields_of(project.id)
        if field.settable and not (field.kind == "sprints" and issue_type.level > 0)
    )


def _described(site: Site, project: Project, issue_type: IssueType, field: Field, *, create: bool) -> dict[str, Any]:
    operations = _OPERATIONS.get(field.kind, ["set"])
    required = field.id in {"summary", "issuetype"} or (create and field.id == "project")
    described: dict[str, Any] = {
        "required": required or (field.kind == "parent" and issue_type.level < 0),
        # `parent` has no schema in /field but one here. Source: recorded edit metadata.
        "schema": field.schema or {"type": "issuelink", "system": field.id},
        "name": field.name,
        "key": field.id,
        "hasDefaultValue": field.kind == "priority",
        "operations": operations,
    }
    allowed = _allowed_values(site, project, issue_type, field, create=create)
    if allowed is not None:
        described["allowedValues"] = allowed
    if field.kind == "priority" and site.default_priority_id is not None:
        described["defaultValue"] = priority_json(site, site.priorities[site.default_priority_id])
    if field.kind == "user":
        described["autoCompleteUrl"] = f"{site.url}/rest/api/3/user/assignable/search?project={project.key}&query="
    return described


#: What can be chosen in fields of a kind.
_ALLOWED: Mapping[str, Callable[[Site, Project, Field], list[Any]]] = {
    "project": lambda site, project, _field: [project_reference(site, project)],
    "priority": lambda site, _project, _field: [priority_json(site, priority) for priority in site.priorities.values()],
    "components": lambda site, project, _field: [component_json(site, component) for component in project.components],
    "versions": lambda site, project, _field: [
        version_json(site, version) for version in project.versions if not version.archived
    ],
    "option": lambda site, _project, field: [option_json(site, option) for option in field.options],
    "options": lambda site, _project, field: [option_json(site, option) for option in field.options],
}


def _allowed_values(
    site: Site, project: Project, issue_type: IssueType, field: Field, *, create: bool
) -> list[Any] | None:
    if field.kind == "issuetype":
        types = [issue_type] if create else [site.issue_types[type_id] for type_id in project.type_ids]
        return [issue_type_json(site, one) for one in types if (one.level < 0) == (issue_type.level < 0)]
    allowed = _ALLOWED.get(field.kind)
    return None if allowed is None else allowed(site, project, field)


def create_screen(site: Site, project: Project, issue_type: IssueType) -> list[dict[str, Any]]:
    """Return the fields of the create screen as `createmeta` lists them."""
    return [
        {**_described(site, project, issue_type, field, create=True), "fieldId": field.id}
        for field in screen_fields(site, project, issue_type)
    ]


def edit_screen(site: Site, issue: Issue) -> dict[str, Any]:
    """Return the fields of the edit screen by id, as `editmeta` shows them."""
    project = site.projects[issue.project_id]
    issue_type = site.issue_types[issue.values["issuetype"]]
    return {
        field.id: _described(site, project, issue_type, field, create=False)
        for field in screen_fields(site, project, issue_type)
        if field.kind != "project"
    }


def open_transitions(site: Site, issue: Issue) -> list[Transition]:
    """Return the transitions that the issue can make now."""
    status_id = issue.values["status"]
    return [
        transition
        for transition in site.projects[issue.project_id].transitions
        if not transition.from_status_ids or status_id in transition.from_status_ids
    ]


def transitions_json(site: Site, issue: Issue, *, with_fields: bool) -> list[dict[str, Any]]:
    """Return these transitions; `with_fields` adds the fields of their screens."""
    shown = []
    for transition in open_transitions(site, issue):
        described: dict[str, Any] = {
            "id": transition.id,
            "name": transition.name,
            "to": status_json(site, site.statuses[transition.to_status_id]),
            "hasScreen": transition.needs_resolution,
            "isGlobal": not transition.from_status_ids,
            "isInitial": False,
            "isAvailable": True,
            "isConditional": False,
            "isLooped": False,
        }
        if with_fields:
            described["fields"] = _resolution_field(site) if transition.needs_resolution else {}
        shown.append(described)
    return shown


def _resolution_field(site: Site) -> dict[str, Any]:
    field = site.fields["resolution"]
    return {
        "resolution": {
            "required": True,
            "schema": field.schema,
            "name": field.name,
            "key": field.id,
            "hasDefaultValue": False,
            "operations": ["set"],
            "allowedValues": [resolution_json(site, known) for known in site.resolutions.values()],
        }
    }
