"""Issues, their comments and changes as Jira's JSON. State is read here and never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .part_rendering import attachment_json, progress, spent_seconds, time_tracking, worklog_page
from .rendering import (
    category_json,
    component_json,
    issue_type_json,
    option_json,
    priority_json,
    project_reference,
    resolution_json,
    status_json,
    user_reference,
    version_json,
)
from .timestamps import jira_datetime

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .catalogue import Sprint
    from .fields import Field
    from .issues import Change, Comment, Issue, Link
    from .site import Site

__all__ = ["ISSUE_EXPAND", "change_json", "comment_json", "field_value", "is_constant"]

#: What an issue offers to expand.
ISSUE_EXPAND = "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations"


def _sprint_json(sprint: Sprint) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": sprint.id,
        "name": sprint.name,
        "state": sprint.state,
        "boardId": sprint.board_id,
        "goal": sprint.goal,
    }
    dates = {
        "startDate": sprint.start_date,
        "endDate": sprint.end_date,
        "completeDate": sprint.complete_date,
    }
    return shown | {name: value for name, value in dates.items() if value is not None}


def comment_json(site: Site, issue: Issue, comment: Comment) -> dict[str, Any]:
    """Return a comment."""
    shown: dict[str, Any] = {
        "self": f"{site.gateway_url}/rest/api/3/issue/{issue.id}/comment/{comment.id}",
        "id": str(comment.id),
        "author": user_reference(site, site.accounts[comment.author_id]),
        "body": comment.body,
        "updateAuthor": user_reference(site, site.accounts[comment.update_author_id]),
        "created": jira_datetime(comment.created_at, site.time_zone),
        "updated": jira_datetime(comment.updated_at, site.time_zone),
        "jsdPublic": True,
    }
    if comment.visibility is not None:
        shown["visibility"] = comment.visibility
    return shown


def change_json(site: Site, change: Change) -> dict[str, Any]:
    """Return an entry of the changelog."""
    items = []
    for item in change.items:
        shown: dict[str, Any] = {
            "field": item.field,
            "fieldtype": "custom" if item.custom else "jira",
        }
        if item.field_id is not None:
            shown["fieldId"] = item.field_id
        shown |= {
            "from": item.from_id,
            "fromString": item.from_text,
            "to": item.to_id,
            "toString": item.to_text,
        }
        items.append(shown)
    return {
        "id": str(change.id),
        "author": user_reference(site, site.accounts[change.author_id]),
        "created": jira_datetime(change.created_at, site.time_zone),
        "items": items,
    }


def _issue_reference(site: Site, issue: Issue) -> dict[str, Any]:
    """Return another issue as parents, sub-tasks and links show it."""
    values = issue.values
    return {
        "id": str(issue.id),
        "key": issue.key,
        "self": f"{site.gateway_url}/rest/api/3/issue/{issue.id}",
        "fields": {
            "summary": values["summary"],
            "status": status_json(site, site.statuses[values["status"]]),
            "priority": _priority(site, values.get("priority")),
            "issuetype": issue_type_json(site, site.issue_types[values["issuetype"]]),
        },
    }


def _link_json(site: Site, issue: Issue, link: Link) -> dict[str, Any]:
    link_type = site.link_types[link.type_id]
    outward = link.source_id == issue.id
    other = site.issues[link.target_id if outward else link.source_id]
    return {
        "id": str(link.id),
        "self": f"{site.gateway_url}/rest/api/3/issueLink/{link.id}",
        "type": {
            "id": link_type.id,
            "name": link_type.name,
            "inward": link_type.inward,
            "outward": link_type.outward,
            "self": f"{site.gateway_url}/rest/api/3/issueLinkType/{link_type.id}",
        },
        "outwardIssue" if outward else "inwardIssue": _issue_reference(site, other),
    }


def _priority(site: Site, priority_id: str | None) -> dict[str, Any] | None:
    return None if priority_id is None else priority_json(site, site.priorities[priority_id])


def _comments(site: Site, issue: Issue) -> dict[str, Any]:
    # Source: recorded answers: the embedded page names its own length as maxResults.
    shown = [comment_json(site, issue, comment) for comment in issue.comments[: site.embedded_comments]]
    return {
        "comments": shown,
        "self": f"{site.gateway_url}/rest/api/3/issue/{issue.id}/comment",
        "maxResults": len(shown),
        "total": len(issue.comments),
        "startAt": 0,
    }


def _subtasks(site: Site, issue: Issue) -> list[dict[str, Any]]:
    children = (site.issues[child_id] for child_id in issue.child_ids)
    return [
        _issue_reference(site, child) for child in children if site.issue_types[child.values["issuetype"]].level < 0
    ]


def _nothing(_site: Site, _issue: Issue) -> Any:
    return None


#: Fields that nobody sets.
_COMPUTED: Mapping[str, Callable[[Site, Issue], Any]] = {
    "subtasks": _subtasks,
    "attachment": lambda site, issue: [attachment_json(site, file) for file in issue.attachments],
    "progress": progress,
    "aggregateprogress": progress,
    "timespent": lambda _site, issue: spent_seconds(issue) or None,
    "aggregatetimespent": lambda _site, issue: spent_seconds(issue) or None,
    "watches": lambda site, issue: {
        "self": f"{site.gateway_url}/rest/api/3/issue/{issue.key}/watchers",
        "watchCount": 1,
        "isWatching": True,
    },
    "votes": lambda site, issue: {
        "self": f"{site.gateway_url}/rest/api/3/issue/{issue.key}/votes",
        "votes": 0,
        "hasVoted": False,
    },
    "worklog": worklog_page,
    "timetracking": time_tracking,
    "workratio": lambda _site, _issue: -1,
    "issuerestriction": lambda _site, _issue: {"issuerestrictions": {}, "shouldDisplay": False},
}


def _team(site: Site, team_id: str) -> dict[str, Any]:
    team = site.teams[team_id]
    return {
        "id": team.id,
        "name": team.name,
        "avatarUrl": "",
        "isVisible": True,
        "title": team.name,
        "isShared": True,
    }


def _parts(site: Site, issue: Issue, field: Field, part_ids: tuple[str, ...]) -> list[dict[str, Any]]:
    project = site.projects[issue.project_id]
    if field.kind == "components":
        return [component_json(site, part) for part in project.components if part.id in part_ids]
    return [version_json(site, part) for part in project.versions if part.id in part_ids]


def _options(site: Site, field: Field, option_ids: tuple[str, ...]) -> list[dict[str, Any]]:
    return [option_json(site, option) for option in field.options if option.id in option_ids]


#: How a value that is there is shown, by the kind of its field.
_SHOW: Mapping[str, Callable[[Any, Any, Any, Any], Any]] = {
    "datetime": lambda site, _issue, _field, value: jira_datetime(value, site.time_zone),
    "issuetype": lambda site, _issue, _field, value: issue_type_json(site, site.issue_types[value]),
    "status": lambda site, _issue, _field, value: status_json(site, site.statuses[value]),
    "priority": lambda site, _issue, _field, value: priority_json(site, site.priorities[value]),
    "resolution": lambda site, _issue, _field, value: resolution_json(site, site.resolutions[value]),
    "user": lambda site, _issue, _field, value: user_reference(site, site.accounts[value]),
    "parent": lambda site, _issue, _field, value: _issue_reference(site, site.issues[value]),
    "labels": lambda _site, _issue, _field, value: list(value),
    "components": _parts,
    "versions": _parts,
    "option": lambda site, _issue, field, value: option_json(site, site.option(value, field)),
    "options": lambda site, _issue, field, value: _options(site, field, value),
    "sprints": lambda site, _issue, _field, value: [_sprint_json(site.sprints[number]) for number in value],
    "team": lambda site, _issue, _field, value: _team(site, value),
}
#: Kinds of system fields whose missing value is an empty list; custom ones answer null.
_EMPTY_LISTS = frozenset({"labels", "components", "versions"})


#: Fields whose values are not kept under their ids, by kind.
_DERIVED: Mapping[str, Callable[[Site, Issue, Mapping[str, Any], Field], Any]] = {
    "project": lambda site, issue, _values, _field: project_reference(site, site.projects[issue.project_id]),
    "statuscategory": lambda site, _issue, values, _field: category_json(
        site, site.statuses[values["status"]].category
    ),
    "comments": lambda site, issue, _values, _field: _comments(site, issue),
    "issuelinks": lambda site, issue, _values, _field: [_link_json(site, issue, link) for link in issue.links],
    "computed": lambda site, issue, _values, field: _COMPUTED.get(field.id, _nothing)(site, issue),
    # Ranks are strings that sort; here issues stand as they were created.
    "rank": lambda _site, issue, _values, _field: f"0|i{issue.id:06d}:",
}


#: Computed fields that are the same on every issue, beside those that never have a value.
_CONSTANT = frozenset({"workratio", "issuerestriction"})


def is_constant(field: Field) -> bool:
    """Return whether a field is the same on every issue."""
    return field.kind == "computed" and (field.id not in _COMPUTED or field.id in _CONSTANT)


def field_value(site: Site, issue: Issue, values: Mapping[str, Any], field: Field) -> Any:
    """Return a field of an issue as Jira shows it."""
    derive = _DERIVED.get(field.kind)
    if derive is not None:
        return derive(site, issue, values, field)
    value = values.get(field.id)
    if value is None or value == ():
        return [] if field.kind in _EMPTY_LISTS and not field.custom else None
    show = _SHOW.get(field.kind)
    return value if show is None else show(site, issue, field, value)
