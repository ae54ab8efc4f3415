"""Actions that find issues."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marshmallow import Schema

from vantage_jira_plugin.envelope import Table
from vantage_jira_plugin.fields.system import DEFAULT_ISSUE_FIELDS, needs_catalogue
from vantage_jira_plugin.operations import COUNT_ISSUES, LIST_FIELDS, SEARCH_ISSUES
from vantage_jira_plugin.reading.pull import pull
from vantage_jira_plugin.reading.rows import issue_table

from . import _estimates, _inputs
from ._action import ActionGroup, row_maker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vantage_jira_plugin.client import JiraClient
    from vantage_jira_plugin.reading.columns import TextFormat

group = ActionGroup("search")


class SearchIssuesInputs(Schema):
    """Inputs of searchIssues."""

    jql = _inputs.jql("Query in JQL, with at least one restriction.")
    fields_ = _inputs.field_names()
    text_format = _inputs.text_format()
    max_rows = _inputs.max_rows(default=1000, maximum=100_000)
    next_page_token = _inputs.next_page_token()
    raw = _inputs.raw()


@group.action(
    "searchIssues",
    title="Search issues",
    inputs=SearchIssuesInputs,
    operations=[SEARCH_ISSUES, LIST_FIELDS, COUNT_ISSUES],
    columns=issue_table(DEFAULT_ISSUE_FIELDS, None).columns,
    open_columns=True,
    estimate=_estimates.of_search,
)
def search_issues(
    jira: JiraClient,
    *,
    jql: str,
    fields_: Sequence[str],
    text_format: TextFormat,
    max_rows: int,
    next_page_token: str | None,
    raw: bool,
) -> Table:
    """Return the issues that a JQL query finds, as flat rows in its order.

    Issues that were just written through this plugin are found as they are now, though Jira's index lags behind.

    Raises:
        JiraInvalidError: Jira does not understand the query.

    Source: POST /rest/api/3/search/jql
    """
    catalogue = jira.catalogue() if needs_catalogue(fields_) else None
    table = issue_table(fields_, catalogue, text_format=text_format)
    pulled = pull(
        jira,
        jql,
        table.request_fields,
        max_rows=max_rows,
        next_page_token=next_page_token,
        make=row_maker(table.row, jira.site()["url"], raw=raw),
    )
    return Table(table.columns, pulled.items, pulled.incomplete_reason, pulled.next_page_token)
