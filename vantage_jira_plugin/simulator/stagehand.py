"""Changes of a site that people make behind a client's back, as control requests ask for them. No HTTP lives here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.simulator.fields import FIELD_KINDS
from vantage_jira_plugin.simulator.messages import JiraRefusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from vantage_jira_plugin.simulator.catalogue import Project
    from vantage_jira_plugin.simulator.issues import Issue
    from vantage_jira_plugin.simulator.site import Site

__all__ = ["CHANGES", "change"]


def change(sites: Sequence[Site], name: str, data: Any) -> dict[str, Any]:
    """Make one of `CHANGES`; `data` has its members, and optionally `site`, a cloud id instead of the first one.

    Raises:
        ValueError: with what is wrong; nothing is changed then.
    """
    members, make = CHANGES[name]
    if not isinstance(data, dict) or not members >= data.keys() - {"site"}:
        raise ValueError(f"an object is expected, with: {', '.join(sorted(members))}, site")
    cloud_id = data.get("site", sites[0].cloud_id)
    site = next((site for site in sites if site.cloud_id == cloud_id), None)
    if site is None:
        raise ValueError(f"no site {cloud_id}")
    with site.lock:
        return make(site, data)


def _edit(site: Site, data: Mapping[str, Any]) -> dict[str, Any]:
    """Set `fields`, as `PUT issue` takes them, and `status`, a name: as `account_id`, at once."""
    from vantage_jira_plugin.simulator.operations.edits import read_edit  # noqa: PLC0415 - see `embedded`

    issue = _issue(site, data)
    project = site.projects[issue.project_id]
    settable = [field for field in site.fields_of(project.id) if field.settable and field.kind != "project"]
    try:
        edit = read_edit(site, project, {"fields": data.get("fields")}, settable=settable, current=issue.values)
    except JiraRefusal as refusal:
        raise ValueError(", ".join(refusal.messages) or "fields is an object") from None
    if edit.errors:
        raise ValueError("; ".join(f"{name}: {text}" for name, text in edit.errors.items()))
    if "status" in data:
        edit.values["status"] = next(
            (one for one in project.status_ids if site.statuses[one].name == data["status"]), None
        )
        if edit.values["status"] is None:
            raise ValueError(f"no status {data['status']}")
    site.change_issue(issue, edit.values, _account_id(site, data))
    return _shown(issue)


def _delete(site: Site, data: Mapping[str, Any]) -> dict[str, Any]:
    """Delete it, with its sub-tasks."""
    issue = _issue(site, data)
    site.delete_issue(issue)
    return _shown(issue)


def _move(site: Site, data: Mapping[str, Any]) -> dict[str, Any]:
    """Move it to `project`, a key: it gets a new key there."""
    issue, project = _issue(site, data), _project(site, data)
    site.move_issue(issue, project.key, _account_id(site, data))
    return _shown(issue)


def _archive(site: Site, data: Mapping[str, Any]) -> dict[str, Any]:
    """Archive it, with its sub-tasks."""
    issue = _issue(site, data)
    site.archive_issue(issue)
    return _shown(issue)


def _restore(site: Site, data: Mapping[str, Any]) -> dict[str, Any]:
    """Undo `archive`."""
    issue = _issue(site, data)
    site.restore_issue(issue)
    return _shown(issue)


def _permit(site: Site, data: Mapping[str, Any]) -> dict[str, Any]:
    """Give an account a `permission` (`BROWSE_PROJECTS`) of `project`, or take it away where `allowed` is false."""
    project, permission, allowed = _project(site, data), data.get("permission"), data.get("allowed")
    if not isinstance(permission, str) or not isinstance(allowed, bool):
        raise ValueError("permission is a name, allowed is true or false")  # noqa: TRY004 - one error for all
    (site.allow if allowed else site.deny)(_account_id(site, data), permission, project.key)
    return {}


def _add_field(site: Site, data: Mapping[str, Any]) -> dict[str, Any]:
    """Add a custom field called `name`, of a `kind`, to all projects or those of `projects`, keys."""
    name, kind, keys = data.get("name"), data.get("kind"), data.get("projects")
    if not isinstance(name, str) or not name or kind not in FIELD_KINDS:
        raise ValueError(f"name is a text, kind one of {', '.join(FIELD_KINDS)}")
    if keys is not None and not isinstance(keys, list):
        raise ValueError("projects is a list of keys")
    projects = None if keys is None else [_project(site, {"project": key}) for key in keys]
    return {"id": site.add_field(name, kind, projects).id}


def _issue(site: Site, data: Mapping[str, Any]) -> Issue:
    issue = site.find_issue(str(data.get("issue")))
    if issue is None:
        raise ValueError(f"no issue {data.get('issue')}")
    return issue


def _project(site: Site, data: Mapping[str, Any]) -> Project:
    project = site.project(str(data.get("project")))
    if project is None:
        raise ValueError(f"no project {data.get('project')}")
    return project


def _account_id(site: Site, data: Mapping[str, Any]) -> str:
    account_id = data.get("account_id", site.default_account_id)
    if account_id not in site.accounts:
        raise ValueError(f"no account {account_id}")
    return str(account_id)


def _shown(issue: Issue) -> dict[str, Any]:
    return {"id": str(issue.id), "key": issue.key}


#: By the path of the control request: members of its body, and what it does.
CHANGES: Mapping[str, tuple[frozenset[str], Callable[[Site, Mapping[str, Any]], dict[str, Any]]]] = {
    "issues/edit": (frozenset({"issue", "fields", "status", "account_id"}), _edit),
    "issues/delete": (frozenset({"issue"}), _delete),
    "issues/move": (frozenset({"issue", "project", "account_id"}), _move),
    "issues/archive": (frozenset({"issue"}), _archive),
    "issues/restore": (frozenset({"issue"}), _restore),
    "permissions": (frozenset({"project", "permission", "allowed", "account_id"}), _permit),
    "fields": (frozenset({"name", "kind", "projects"}), _add_field),
}
