"""Keeps the setting `allowedProjects`: which project an action is about to touch. Guards only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.errors import ProjectNotAllowedError
from vantage_jira_plugin.jql import left_out
from vantage_jira_plugin.operations import GET_ISSUE
from vantage_jira_plugin.reading.shapes import inside
from vantage_jira_plugin.reading.values import text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vantage_jira_plugin.client import JiraClient

__all__ = ["only_allowed_issue", "only_allowed_project", "warn_of_left_out"]


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


def warn_of_left_out(jira: JiraClient, queries: Iterable[str]) -> None:
    """Warn where queries name projects that are not allowed, and refuse a query that is for such alone.

    What they find is confined to the others in any case; nothing is sent for this.
    """
    for jql in queries:
        found = left_out(jql, jira.settings.allowed_projects or frozenset())
        names = ", ".join(found.keys)
        if found.all:
            raise _refused(jira, names)
        if names:
            jira.warnings.append(f"{_may_not_touch(jira, names)}; issues of others are not found")


def _check(jira: JiraClient, project_key: str) -> None:
    if not jira.may_touch(project_key):
        raise _refused(jira, project_key)


def _refused(jira: JiraClient, project_key: str) -> ProjectNotAllowedError:
    return ProjectNotAllowedError(
        _may_not_touch(jira, project_key),
        hint="Ask an administrator to add the project to allowedProjects. Projects are named by their keys there.",
    )


def _may_not_touch(jira: JiraClient, project_key: str) -> str:
    allowed = ", ".join(sorted(jira.settings.allowed_projects or ()))
    return f"this connection may not touch project {project_key}; it may touch: {allowed}"
