"""Actions that list what issues have, as tables of their own: comments and worklogs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import Schema, validates_schema

from vantage_jira_plugin.envelope import Table
from vantage_jira_plugin.operations import COUNT_ISSUES, LIST_COMMENTS, LIST_WORKLOGS, SEARCH_ISSUES
from vantage_jira_plugin.reading.batches import gather
from vantage_jira_plugin.reading.comments import COMMENT_COLUMNS, comment_row
from vantage_jira_plugin.reading.issueparts import COMMENTS, WORKLOGS, PartKind, holder, whole_parts
from vantage_jira_plugin.reading.span import Span, changed_since
from vantage_jira_plugin.reading.values import utc_datetime
from vantage_jira_plugin.reading.worklogs import WORKLOG_COLUMNS, worklog_row

from . import _inputs, _part_estimates
from ._action import ActionGroup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from vantage_jira_plugin.client import JiraClient
    from vantage_jira_plugin.contract import Column
    from vantage_jira_plugin.reading.batches import Gathered
    from vantage_jira_plugin.reading.columns import TextFormat
    from vantage_jira_plugin.reading.issueparts import Holder

group = ActionGroup("parts")

_ISSUE_ID: Column = {"name": "issueId", "type": "string", "title": "Issue id"}
_COMMENT_COLUMNS: tuple[Column, ...] = (COMMENT_COLUMNS[0], _ISSUE_ID, *COMMENT_COLUMNS[1:])
_WORKLOG_COLUMNS: tuple[Column, ...] = (WORKLOG_COLUMNS[0], _ISSUE_ID, *WORKLOG_COLUMNS[1:])
_MAX_ROWS = 1_000_000
_DEFAULT_ROWS = 10_000


class ListCommentsInputs(Schema):
    """Inputs of listComments."""

    jql = _inputs.jql("Issues whose comments are meant: a query in JQL, with at least one restriction.")
    since = _inputs.moment("Only comments that were written or changed from then on")
    text_format = _inputs.text_format()
    max_rows = _inputs.max_rows(default=_DEFAULT_ROWS, maximum=_MAX_ROWS)
    raw = _inputs.raw()


@group.action(
    "listComments",
    title="List comments",
    inputs=ListCommentsInputs,
    operations=[SEARCH_ISSUES, LIST_COMMENTS, COUNT_ISSUES],
    columns=_COMMENT_COLUMNS,
    estimate=_part_estimates.of_comments,
)
def list_comments(
    jira: JiraClient, *, jql: str, since: datetime | None, text_format: TextFormat, max_rows: int, raw: bool
) -> Table:
    """List the comments of the issues that a query finds, issue by issue, the oldest first.

    Raises:
        JiraInvalidError: Jira does not understand the query.

    Source: POST /rest/api/3/search/jql, GET /rest/api/3/issue/{issueIdOrKey}/comment
    """
    span = Span.of(since)

    def made(comment: dict[str, Any], of: Holder) -> dict[str, Any] | None:
        row = _with_issue_id(comment_row(comment, of.issue_key, jira.site_url, text_format), of)
        moments = [moment for moment in (row["created"], row["updated"]) if isinstance(moment, str)]
        return row if span.holds(max(moments, default=None)) else None

    # What is written on an issue changes the issue, so that older ones need no reading.
    found = _parts(jira, changed_since(jql, since), COMMENTS, made, max_rows=max_rows, raw=raw)
    return Table(_COMMENT_COLUMNS, found.rows, found.incomplete_reason)


class ListWorklogsInputs(Schema):
    """Inputs of listWorklogs."""

    jql = _inputs.jql("Issues whose worklogs are meant: a query in JQL, with at least one restriction.")
    since = _inputs.moment("Only work that was started from then on")
    until = _inputs.moment("Only work that was started before")
    text_format = _inputs.text_format()
    max_rows = _inputs.max_rows(default=_DEFAULT_ROWS, maximum=_MAX_ROWS)
    raw = _inputs.raw()

    @validates_schema
    def _since_before_until(self, data: Mapping[str, Any], **_: Any) -> None:
        _inputs.in_order(data, since="since", until="until")


@group.action(
    "listWorklogs",
    title="List worklogs",
    inputs=ListWorklogsInputs,
    operations=[SEARCH_ISSUES, LIST_WORKLOGS, COUNT_ISSUES],
    columns=_WORKLOG_COLUMNS,
    estimate=_part_estimates.of_worklogs,
)
def list_worklogs(
    jira: JiraClient,
    *,
    jql: str,
    since: datetime | None,
    until: datetime | None,
    text_format: TextFormat,
    max_rows: int,
    raw: bool,
) -> Table:
    """List the worklogs of the issues that a query finds, issue by issue, the oldest first.

    Raises:
        JiraInvalidError: Jira does not understand the query, or time tracking is off.

    Source: POST /rest/api/3/search/jql, GET /rest/api/3/issue/{issueIdOrKey}/worklog
    """
    span = Span.of(since, until)

    def made(worklog: dict[str, Any], of: Holder) -> dict[str, Any] | None:
        if not span.holds(utc_datetime(worklog.get("started"))):
            return None
        return _with_issue_id(worklog_row(worklog, of.issue_key, jira.site_url, text_format), of)

    found = _parts(jira, jql, WORKLOGS, made, max_rows=max_rows, raw=raw)
    return Table(_WORKLOG_COLUMNS, found.rows, found.incomplete_reason)


def _with_issue_id(row: dict[str, Any], of: Holder) -> dict[str, Any]:
    """Return a row in the order of its columns: behind its own id comes that of its issue."""
    return {"id": row["id"], _ISSUE_ID["name"]: of.issue_id, **row}


def _parts(
    jira: JiraClient,
    jql: str,
    kind: PartKind,
    made: Callable[[dict[str, Any], Holder], dict[str, Any] | None],
    *,
    max_rows: int,
    raw: bool,
) -> Gathered:
    """Return the rows of all parts of the issues that a query finds; `made` leaves out those that are not wanted."""

    def rows_of(issues: list[Holder]) -> Iterator[tuple[list[dict[str, Any]], str | None]]:
        for issue, parts, missing in whole_parts(jira, issues, kind):
            rows = [({**row, "_raw": part} if raw else row) for part in parts if (row := made(part, issue)) is not None]
            yield sorted(rows, key=lambda row: row["created"] or ""), missing

    return gather(
        jira, jql, [kind.field_id], max_rows=max_rows, make=lambda issue: holder(issue, kind), rows_of=rows_of
    )
