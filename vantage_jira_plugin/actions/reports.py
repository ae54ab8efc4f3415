"""Actions that count issues over time: trends and cumulative flow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import Schema, validates_schema

from vantage_jira_plugin.analysis.cumulative_flow import FLOW_BY, FLOW_COLUMNS, cumulative_flow, flow_chart
from vantage_jira_plugin.analysis.groups import GROUP_FIELDS, GROUPINGS
from vantage_jira_plugin.analysis.intervals import INTERVAL_KINDS
from vantage_jira_plugin.analysis.reading import STATUS_CHANGES, read_histories, read_time_zone
from vantage_jira_plugin.analysis.trends import RESOLVED_BY, TREND_COLUMNS, issue_trends, trend_chart
from vantage_jira_plugin.envelope import Table

from . import _analysis, _days, _estimates
from ._action import ActionGroup

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vantage_jira_plugin.analysis.cumulative_flow import FlowBy
    from vantage_jira_plugin.analysis.groups import Grouping
    from vantage_jira_plugin.analysis.intervals import IntervalKind
    from vantage_jira_plugin.analysis.trends import ResolvedBy
    from vantage_jira_plugin.client import JiraClient

group = ActionGroup("reports")


class IssueTrendsInputs(Schema):
    """Inputs of issueTrends."""

    jql = _analysis.jql()
    interval = _analysis.interval()
    group_by = _analysis.choice("What to count by.", GROUPINGS, data_key="groupBy")
    resolved_by = _analysis.choice(
        "What resolves an issue: its resolution date (resolution), or each way into a status of the category done "
        "(statusCategory), which is read from changelogs and knows reopened issues.",
        RESOLVED_BY,
        data_key="resolvedBy",
        default="resolution",
    )
    time_zone = _analysis.time_zone()
    first_day = _days.first_day()
    last_day = _days.last_day()
    max_issues = _analysis.max_issues()
    max_rows = _days.max_rows()

    @validates_schema
    def _days_in_order(self, data: Mapping[str, Any], **_: Any) -> None:
        _days.days_in_order(data)


@group.action(
    "issueTrends",
    title="Issue trends",
    inputs=IssueTrendsInputs,
    operations=_analysis.OPERATIONS,
    columns=TREND_COLUMNS,
    estimate=_estimates.of_trends,
)
def issue_trends_action(
    jira: JiraClient,
    *,
    jql: str,
    interval: IntervalKind,
    group_by: Grouping | None,
    resolved_by: ResolvedBy,
    time_zone: str | None,
    first_day: str | None,
    last_day: str | None,
    max_issues: int,
    max_rows: int,
) -> Table:
    """Return how many issues were created and resolved in each interval, and how many are open at its end.

    An interval in which nothing happened has a row too. See `issue_trends` for what counts as resolved.

    Raises:
        JiraInvalidError: Jira does not understand the query.

    Source: POST /rest/api/3/search/jql, POST /rest/api/3/changelog/bulkfetch
    """
    zone = read_time_zone(jira, time_zone)
    _days.warn_of_future(jira, first_day, zone)
    issues, reason = read_histories(
        jira,
        jql,
        GROUP_FIELDS.get(group_by, ()) if group_by else (),
        max_issues=max_issues,
        changes=STATUS_CHANGES if resolved_by == "statusCategory" else None,
    )
    spans = _days.spans_of(
        interval, (issue.created_at for issue in issues), zone, first=first_day, last=last_day, now=jira.now
    )
    counted = issue_trends(issues, spans, now=jira.now, grouping=group_by, resolved_by=resolved_by)
    rows, reason = _days.cut(counted, max_rows, reason)
    return Table(TREND_COLUMNS, rows, reason, chart=trend_chart(group_by))


class CumulativeFlowInputs(Schema):
    """Inputs of cumulativeFlow."""

    jql = _analysis.jql()
    interval = _analysis.choice(
        "At whose end is counted: day, week (to Sunday) or month.", INTERVAL_KINDS, default="day"
    )
    by = _analysis.choice("What to count by: status or statusCategory.", FLOW_BY, default="status")
    time_zone = _analysis.time_zone()
    first_day = _days.first_day()
    last_day = _days.last_day()
    max_issues = _analysis.max_issues()
    max_rows = _days.max_rows()

    @validates_schema
    def _days_in_order(self, data: Mapping[str, Any], **_: Any) -> None:
        _days.days_in_order(data)


@group.action(
    "cumulativeFlow",
    title="Cumulative flow",
    inputs=CumulativeFlowInputs,
    operations=_analysis.OPERATIONS,
    columns=FLOW_COLUMNS,
    estimate=_estimates.of_histories,
)
def cumulative_flow_action(
    jira: JiraClient,
    *,
    jql: str,
    interval: IntervalKind,
    by: FlowBy,
    time_zone: str | None,
    first_day: str | None,
    last_day: str | None,
    max_issues: int,
    max_rows: int,
) -> Table:
    """Return how many issues were in each status at the end of each day, week or month.

    The counts of a day add up to the issues that had been created by then; a status without issues has a row too.

    Raises:
        JiraInvalidError: Jira does not understand the query.

    Source: POST /rest/api/3/search/jql, POST /rest/api/3/changelog/bulkfetch
    """
    zone = read_time_zone(jira, time_zone)
    _days.warn_of_future(jira, first_day, zone)
    issues, reason = read_histories(jira, jql, max_issues=max_issues)
    spans = _days.spans_of(
        interval, (issue.created_at for issue in issues), zone, first=first_day, last=last_day, now=jira.now
    )
    rows, reason = _days.cut(cumulative_flow(issues, spans, by=by), max_rows, reason)
    return Table(FLOW_COLUMNS, rows, reason, chart=flow_chart(by))
