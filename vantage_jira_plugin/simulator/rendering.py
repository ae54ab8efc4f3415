"""What a site is set up with as Jira's JSON, as issues carry it. Issues themselves: `issue_rendering`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .catalogue import CATEGORIES
from .people import account_details

if TYPE_CHECKING:
    from collections.abc import Callable

    from .catalogue import Component, IssueType, Option, Priority, Project, Resolution, Status, Version
    from .people import Account
    from .site import Site

__all__ = [
    "avatar_urls",
    "category_json",
    "component_json",
    "issue_type_json",
    "option_json",
    "priority_json",
    "project_reference",
    "resolution_json",
    "status_json",
    "user_reference",
    "version_json",
]


def _kept(site: Site, kind: str, value: Any, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return the JSON of a frozen value, made once: answers share it and never change it."""
    known: dict[str, Any] | None = site.rendered.get((kind, value))
    if known is None:
        known = site.rendered[kind, value] = make()
    return known


def user_reference(site: Site, account: Account) -> dict[str, Any]:
    """Return an account as issues carry it."""
    return _kept(site, "user", account, lambda: dict(account_details(site.gateway_url, account)))


def category_json(site: Site, key: str) -> dict[str, Any]:
    """Return a status category."""
    category = CATEGORIES[key]
    return {
        "self": f"{site.gateway_url}/rest/api/3/statuscategory/{category.id}",
        "id": category.id,
        "key": category.key,
        "colorName": category.color_name,
        "name": category.name,
    }


def status_json(site: Site, status: Status) -> dict[str, Any]:
    """Return a status; its icon lies on the site, everything else behind the gateway."""
    return _kept(
        site,
        "status",
        status,
        lambda: {
            "self": f"{site.gateway_url}/rest/api/3/status/{status.id}",
            "description": status.description,
            "iconUrl": f"{site.url}/images/icons/statuses/generic.png",
            "name": status.name,
            "id": status.id,
            "statusCategory": category_json(site, status.category),
        },
    )


def priority_json(site: Site, priority: Priority, *, full: bool = False) -> dict[str, Any]:
    """Return a priority; `full` adds what the priority operations add."""
    icon = f"{site.url}/images/icons/priorities/{priority.name.lower()}_new.svg"
    own = f"{site.gateway_url}/rest/api/3/priority/{priority.id}"
    if not full:
        return {"self": own, "iconUrl": icon, "name": priority.name, "id": priority.id}
    return {
        "self": own,
        "statusColor": priority.color,
        "description": priority.description,
        "iconUrl": icon,
        "name": priority.name,
        "id": priority.id,
        "isDefault": priority.id == site.default_priority_id,
    }


def resolution_json(site: Site, resolution: Resolution) -> dict[str, Any]:
    """Return a resolution."""
    return {
        "self": f"{site.gateway_url}/rest/api/3/resolution/{resolution.id}",
        "id": resolution.id,
        "description": resolution.description,
        "name": resolution.name,
    }


def issue_type_json(site: Site, issue_type: IssueType) -> dict[str, Any]:
    """Return an issue type."""
    avatar = f"{site.gateway_url}/rest/api/2/universal_avatar/view/type/issuetype/avatar"
    return _kept(
        site,
        "issuetype",
        issue_type,
        lambda: {
            "self": f"{site.gateway_url}/rest/api/3/issuetype/{issue_type.id}",
            "id": issue_type.id,
            "description": issue_type.description,
            "iconUrl": f"{avatar}/{issue_type.avatar_id}?size=medium",
            "name": issue_type.name,
            "subtask": issue_type.level < 0,
            "avatarId": issue_type.avatar_id,
            "hierarchyLevel": issue_type.level,
        },
    )


def avatar_urls(site: Site, project: Project) -> dict[str, str]:
    """Return the pictures of a project."""
    base = f"{site.gateway_url}/rest/api/3/universal_avatar/view/type/project/avatar/{project.avatar_id}"
    return {
        "48x48": base,
        "24x24": f"{base}?size=small",
        "16x16": f"{base}?size=xsmall",
        "32x32": f"{base}?size=medium",
    }


def project_reference(site: Site, project: Project) -> dict[str, Any]:
    """Return a project as issues carry it."""
    return _kept(
        site,
        "project",
        project,
        lambda: {
            "self": f"{site.gateway_url}/rest/api/3/project/{project.id}",
            "id": project.id,
            "key": project.key,
            "name": project.name,
            "projectTypeKey": project.type_key,
            "simplified": False,
            "avatarUrls": avatar_urls(site, project),
        },
    )


def component_json(site: Site, component: Component) -> dict[str, Any]:
    """Return a component as issues carry it."""
    shown = {
        "self": f"{site.gateway_url}/rest/api/3/component/{component.id}",
        "id": component.id,
        "name": component.name,
    }
    return {**shown, "description": component.description} if component.description else shown


def version_json(site: Site, version: Version) -> dict[str, Any]:
    """Return a version as issues carry it."""
    shown = {
        "self": f"{site.gateway_url}/rest/api/3/version/{version.id}",
        "id": version.id,
        "description": version.description,
        "name": version.name,
        "archived": version.archived,
        "released": version.released,
    }
    return {**shown, "releaseDate": version.release_date} if version.release_date else shown


def option_json(site: Site, option: Option) -> dict[str, Any]:
    """Return an option of a select field."""
    return {
        "self": f"{site.gateway_url}/rest/api/3/customFieldOption/{option.id}",
        "value": option.value,
        "id": option.id,
    }
