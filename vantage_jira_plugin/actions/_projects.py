"""Keeps the setting `allowedProjects`: which project an action is about to touch. Guards only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.errors import ProjectNotAllowedError
from vantage_jira_plugin.operations import GET_ISSUE
from vantage_jira_plugin.reading.shapes import inside
from vantage_jira_plugin.reading.values import text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vantage_jira_plugin.client import JiraClient

__all__ = ["only_allowed_issue", "only_allowed_project"]


def only_allowed_project(jira: JiraClient, parameters: Mapping[str, Any]) -> None:
    """Refuse a `project_key` that is not allowed."""
    _check(jira, parameters["project_key"])


def only_allowed_issue(jira: JiraClient, parameters: Mapping[str, Any]) -> None:
    """Refuse an `issue_key` whose issue is in a project that is not allowed.

    The issue is asked for its project, because an id names none and a moved issue answers to its
    old key. This costs one more read, only where the setting is used.
    """
    issue = jira.call(GET_ISSUE, {"issueIdOrKey": parameters["issue_key"]}, query={"fields": "project"})
    _check(jira, text(inside("fields", "project", "key")(issue)) or str(issue["key"]).rpartition("-")[0])


def _check(jira: JiraClient, project_key: str) -> None:
    allowed = jira.settings.allowed_projects or frozenset()
    if project_key.upper() not in allowed:
        raise ProjectNotAllowedError(
            f"this connection may not touch project {project_key}; it may touch: {', '.join(sorted(allowed))}",
            hint="Ask an administrator to add the project to allowedProjects.",
        )
