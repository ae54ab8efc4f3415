"""A project as Jira answers it to a flat row. No HTTP, no paging."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .rows import browse_url
from .shapes import account_id, inside
from .values import boolean, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vantage_jira_plugin.contract import Column

__all__ = ["PROJECT_COLUMNS", "project_row"]

#: The columns of a project, in order.
PROJECT_COLUMNS: tuple[Column, ...] = (
    {"name": "id", "type": "string", "title": "Id"},
    {"name": "key", "type": "string", "title": "Key"},
    {"name": "url", "type": "string", "title": "URL"},
    {"name": "name", "type": "string", "title": "Name"},
    {"name": "projectTypeKey", "type": "string", "title": "Project type"},
    {"name": "style", "type": "string", "title": "Style"},
    {"name": "lead", "type": "string", "title": "Lead"},
    {"name": "leadAccountId", "type": "string", "title": "Lead account id"},
    {"name": "category", "type": "string", "title": "Category"},
    {"name": "archived", "type": "boolean", "title": "Archived"},
    {"name": "private", "type": "boolean", "title": "Private"},
    {"name": "description", "type": "string", "title": "Description"},
)
_CATEGORY_NAME = inside("projectCategory", "name")


def project_row(project: Mapping[str, object], site_url: str | None) -> dict[str, object]:
    """Return one project of `GET /rest/api/3/project/search?expand=lead,description` as a row.

    Shape: `{"id", "key", "name", "projectTypeKey", "style": "classic" | "next-gen", "lead"?: user,
    "projectCategory"?: {"name"}, "archived"?, "isPrivate", "description"?}`.

    Source: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-projects/
    """
    key = text(project.get("key"))
    lead = project.get("lead")
    return {
        "id": text(project.get("id")),
        "key": key,
        "url": browse_url(site_url, key),
        "name": text(project.get("name")),
        "projectTypeKey": text(project.get("projectTypeKey")),
        "style": text(project.get("style")),
        "lead": text(lead),
        "leadAccountId": account_id(lead),
        "category": text(_CATEGORY_NAME(project)),
        "archived": boolean(project.get("archived")) or False,  # Jira says so of archived ones only
        "private": boolean(project.get("isPrivate")),
        "description": text(project.get("description")),
    }
