"""Actions about where issues are, and how long they have been there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marshmallow import Schema

from vantage_jira_plugin.analysis.aging_work import AGING_COLUMNS, aging_chart, aging_rows
from vantage_jira_plugin.analysis.cycle_time import finished
from vantage_jira_plugin.analysis.reading import read_histories, read_statuses
from vantage_jira_plugin.analysis.time_in_status import STATUS_COLUMNS, status_chart, status_rows
from vantage_jira_plugin.envelope import Table

from . import _analysis, _boundaries, _estimates
from ._action import ActionGroup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vantage_jira_plugin.analysis.calendar import Shift
    from vantage_jira_plugin.client import JiraClient

group = ActionGroup("aging")


class TimeInStatusInputs(Schema):
    """Inputs of timeInStatus."""

    jql = _analysis.jql()
    max_issues = _analysis.max_issues()
    working_hours = _analysis.working_hours()
    time_zone = _analysis.time_zone()
    holidays = _analysis.holidays()


@group.action(
    "timeInStatus",
    title="Time in status",
    inputs=TimeInStatusInputs,
    operations=_analysis.OPERATIONS,
    columns=STATUS_COLUMNS,
    estimate=_estimates.of_histories,
)
def time_in_status(
    jira: JiraClient,
    *,
    jql: str,
    max_issues: int,
    working_hours: Sequence[Shift] | None,
    time_zone: str | None,
    holidays: Sequence[str],
) -> Table:
    """Return how long each issue of a query was in each of its statuses, a row for each issue and status.

    The seconds of an issue's rows add up to its age: a status that it is in, done ones too, counts until now.

    Raises:
        JiraInvalidError: Jira does not understand the query.

    Source: POST /rest/api/3/changelog/bulkfetch
    """
    calendar = _analysis.calendar(jira, working_hours, time_zone, holidays)
    issues, reason = read_histories(jira, jql, max_issues=max_issues)
    rows = list(status_rows(issues, calendar, jira.now, jira.site_url))
    return Table(STATUS_COLUMNS, rows, reason, chart=status_chart())


class AgingWorkInputs(Schema):
    """Inputs of agingWork."""

    jql = _analysis.jql(example="project = DEV")
    past_jql = _analysis.jql(
        "Query for finished issues to compare with; those that jql finds, where it is not given.",
        example="project = DEV AND resolved >= -180d",
        required=False,
        data_key="pastJql",
    )
    max_issues = _analysis.max_issues()
    start_statuses = _analysis.start_statuses()
    end_statuses = _analysis.end_statuses()
    working_hours = _analysis.working_hours()
    time_zone = _analysis.time_zone()
    holidays = _analysis.holidays()


@group.action(
    "agingWork",
    title="Aging work",
    inputs=AgingWorkInputs,
    operations=_analysis.OPERATIONS,
    columns=AGING_COLUMNS,
    estimate=_estimates.of_histories,
)
def aging_work(
    jira: JiraClient,
    *,
    jql: str,
    past_jql: str | None,
    max_issues: int,
    start_statuses: Sequence[str],
    end_statuses: Sequence[str],
    working_hours: Sequence[Shift] | None,
    time_zone: str | None,
    holidays: Sequence[str],
) -> Table:
    """Return how old each issue is that was started and is not finished, against the cycle times of finished ones.

    `risk` is `watch` for an issue older than half of the finished ones became, `late` for one older than 85 % of them,
    else `ok`; it is empty, with a warning, where no finished issue is there to compare with.

    Raises:
        JiraInvalidError: Jira does not understand a query.
        InputError: the site has no such status.

    Source: POST /rest/api/3/changelog/bulkfetch
    """
    statuses = read_statuses(jira)
    bounds = _boundaries.boundaries(statuses, start_statuses, end_statuses)
    calendar = _analysis.calendar(jira, working_hours, time_zone, holidays)
    issues, reason = read_histories(jira, jql, max_issues=max_issues, statuses=statuses)
    past = issues
    if past_jql is not None:
        past, past_reason = read_histories(jira, past_jql, max_issues=max_issues, statuses=statuses)
        reason = reason or past_reason
    _boundaries.warn_of_unseen(jira, (*start_statuses, *end_statuses), statuses, (*issues, *past))
    _boundaries.warn_of_passed(jira, bounds, {issue.id: issue for issue in (*issues, *past)}.values())
    ended = finished(past, bounds)
    if not any(one.work.cycle_seconds is not None for one in ended):
        jira.warnings.append("no finished issue with a cycle time was found to compare with; pastJql can name others")
    rows = list(aging_rows(issues, ended, bounds, calendar, now=jira.now, site_url=jira.site_url))
    return Table(AGING_COLUMNS, rows, reason, chart=aging_chart())
