"""Actions about finished work: how long issues took, how many get finished."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import Schema, ValidationError, validates_schema

from vantage_jira_plugin.analysis.cycle_time import (
    CYCLE_COLUMNS,
    SUMMARY_COLUMNS,
    SUMMARY_GROUPINGS,
    SummaryGrouping,
    cycle_chart,
    cycle_rows,
    finished,
    summary_chart,
    summary_rows,
)
from vantage_jira_plugin.analysis.groups import GROUP_FIELDS, GROUPINGS, Grouping
from vantage_jira_plugin.analysis.reading import read_histories, read_statuses, read_time_zone
from vantage_jira_plugin.analysis.throughput import THROUGHPUT_COLUMNS, throughput_chart, throughput_rows
from vantage_jira_plugin.envelope import Table
from vantage_jira_plugin.schemas import Flag, WholeNumber

from . import _analysis, _boundaries, _days, _estimates
from ._action import ActionGroup

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vantage_jira_plugin.analysis.calendar import Shift
    from vantage_jira_plugin.analysis.intervals import IntervalKind
    from vantage_jira_plugin.client import JiraClient

group = ActionGroup("flow")


class CycleTimeInputs(Schema):
    """Inputs of cycleTime."""

    jql = _analysis.jql()
    max_issues = _analysis.max_issues()
    start_statuses = _analysis.start_statuses()
    end_statuses = _analysis.end_statuses()
    working_hours = _analysis.working_hours()
    time_zone = _analysis.time_zone()
    holidays = _analysis.holidays()
    summary = Flag(metadata={"description": "Return one row for each group with its percentiles, not one per issue."})
    group_by = _analysis.choice(
        "What a summary counts by; month is that of the end.", SUMMARY_GROUPINGS, data_key="groupBy"
    )

    @validates_schema
    def _grouped(self, data: Mapping[str, Any], **_: Any) -> None:
        if data.get("group_by") is not None and not data.get("summary"):
            raise ValidationError({"groupBy": ["is for summaries; give summary: true with it"]})


@group.action(
    "cycleTime",
    title="Cycle time",
    inputs=CycleTimeInputs,
    operations=_analysis.OPERATIONS,
    columns=CYCLE_COLUMNS,
    open_columns=True,
    estimate=_estimates.of_histories,
)
def cycle_time(
    jira: JiraClient,
    *,
    jql: str,
    max_issues: int,
    start_statuses: Sequence[str],
    end_statuses: Sequence[str],
    working_hours: Sequence[Shift] | None,
    time_zone: str | None,
    holidays: Sequence[str],
    summary: bool,
    group_by: SummaryGrouping | None,
) -> Table:
    """Return how long each finished issue of a query took, from its creation and from the beginning of work on it.

    Issues of the query that are not finished are left out. One that went straight to done has a lead time and no cycle
    time; one that was reopened is finished when it was done the last time. Percentiles are linear interpolations among
    the issues in the table (method 7 of Hyndman and Fan); `percentile` is how many percent of them took no longer.
    A summary has the columns of its own.

    Raises:
        JiraInvalidError: Jira does not understand the query.
        InputError: the site has no such status.

    Source: POST /rest/api/3/changelog/bulkfetch
    """
    statuses = read_statuses(jira)
    bounds = _boundaries.boundaries(statuses, start_statuses, end_statuses)
    calendar = _analysis.calendar(jira, working_hours, time_zone, holidays)
    fields = () if group_by is None or group_by == "month" else GROUP_FIELDS.get(group_by, ())
    issues, reason = read_histories(jira, jql, fields, max_issues=max_issues, statuses=statuses)
    _boundaries.warn_of_unseen(jira, (*start_statuses, *end_statuses), statuses, issues)
    _boundaries.warn_of_passed(jira, bounds, issues)
    ended = finished(issues, bounds)
    if summary:
        rows = summary_rows(ended, group_by, calendar.time_zone)
        return Table(SUMMARY_COLUMNS, rows, reason, chart=summary_chart())
    return Table(CYCLE_COLUMNS, cycle_rows(ended, calendar, jira.site_url), reason, chart=cycle_chart())


class ThroughputInputs(Schema):
    """Inputs of throughput."""

    jql = _analysis.jql()
    max_issues = _analysis.max_issues()
    end_statuses = _analysis.end_statuses()
    interval = _analysis.interval()
    first_day = _days.first_day("that on which the first issue was finished")
    last_day = _days.last_day()
    time_zone = _analysis.time_zone()
    group_by = _analysis.choice("What to count by.", GROUPINGS, data_key="groupBy")
    averaged = WholeNumber(
        minimum=1,
        maximum=366,
        load_default=4,
        data_key="averagedIntervals",
        metadata={"description": "Of how many intervals the moving average is."},
    )
    max_rows = _days.max_rows()

    @validates_schema
    def _in_order(self, data: Mapping[str, Any], **_: Any) -> None:
        _days.days_in_order(data)


@group.action(
    "throughput",
    title="Throughput",
    inputs=ThroughputInputs,
    operations=_analysis.OPERATIONS,
    columns=THROUGHPUT_COLUMNS,
    estimate=_estimates.of_histories,
)
def throughput(
    jira: JiraClient,
    *,
    jql: str,
    max_issues: int,
    end_statuses: Sequence[str],
    interval: IntervalKind,
    first_day: str | None,
    last_day: str | None,
    time_zone: str | None,
    group_by: Grouping | None,
    averaged: int,
    max_rows: int,
) -> Table:
    """Return how many issues of a query were finished in each day, week or month, zeros too.

    An issue counts once, when it was finished for good: one that was done, reopened and done again counts at the last
    time, one that is reopened now not at all. Intervals are whole; a query that asks for a time, such as
    `resolved >= -90d`, leaves the first one short.

    Raises:
        JiraInvalidError: Jira does not understand the query.
        InputError: the site has no such status.

    Source: POST /rest/api/3/changelog/bulkfetch
    """
    statuses = read_statuses(jira)
    bounds = _boundaries.boundaries(statuses, (), end_statuses)
    zone = read_time_zone(jira, time_zone)
    _days.warn_of_future(jira, first_day, zone)
    fields = () if group_by is None else GROUP_FIELDS.get(group_by, ())
    issues, reason = read_histories(jira, jql, fields, max_issues=max_issues, statuses=statuses)
    _boundaries.warn_of_unseen(jira, end_statuses, statuses, issues)
    _boundaries.warn_of_passed(jira, bounds, issues)
    ended = finished(issues, bounds)
    spans = _days.spans_of(
        interval, (one.finished_at for one in ended), zone, first=first_day, last=last_day, now=jira.now
    )
    counted = throughput_rows(ended, spans, now=jira.now, averaged=averaged, grouping=group_by)
    rows, reason = _days.cut(counted, max_rows, reason)
    return Table(THROUGHPUT_COLUMNS, rows, reason, chart=throughput_chart(group_by))
