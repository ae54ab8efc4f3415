"""Actions about projects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marshmallow import Schema

from vantage_jira_plugin.envelope import Table
from vantage_jira_plugin.operations import SEARCH_PROJECTS
from vantage_jira_plugin.reading.pages import PROJECTS_PAGE_SIZE, offset_pages, take
from vantage_jira_plugin.reading.projects import PROJECT_COLUMNS, project_row
from vantage_jira_plugin.schemas import Text

from . import _estimates, _inputs
from ._action import ActionGroup, rows

if TYPE_CHECKING:
    from vantage_jira_plugin.client import JiraClient

group = ActionGroup("projects")


class GetAccessibleProjectsInputs(Schema):
    """Inputs of getAccessibleProjects."""

    query = Text(max_length=255, metadata={"description": "Part of the key or name."})
    max_rows = _inputs.max_rows(default=1000, maximum=10_000)
    next_page_token = _inputs.next_page_token(pattern=r"[0-9]{1,9}")
    raw = _inputs.raw()


@group.action(
    "getAccessibleProjects",
    title="Get accessible projects",
    inputs=GetAccessibleProjectsInputs,
    operations=[SEARCH_PROJECTS],
    columns=PROJECT_COLUMNS,
    estimate=_estimates.of_projects,
)
def get_accessible_projects(
    jira: JiraClient, *, query: str | None, max_rows: int, next_page_token: str | None, raw: bool
) -> Table:
    """List the projects that the connected account may see.

    Source: GET /rest/api/3/project/search
    """
    search = {"expand": "lead,description", "orderBy": "key", "query": query}
    allowed = jira.settings.allowed_projects
    taken = take(
        jira,
        offset_pages(
            jira,
            SEARCH_PROJECTS,
            query=search,
            values="values",
            page_size=PROJECTS_PAGE_SIZE,
            next_page_token=next_page_token,
            max_rows=max_rows,
        ),
        max_rows=max_rows,
        keep=lambda project: allowed is None or str(project.get("key")) in allowed,
    )
    found = rows(taken.items, project_row, jira.site_url, raw=raw)
    return Table(PROJECT_COLUMNS, found, taken.incomplete_reason, taken.next_page_token)
