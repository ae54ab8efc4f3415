"""Actions about the worklogs of an issue."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, validates_schema

from vantage_jira_plugin.adf import from_markdown
from vantage_jira_plugin.envelope import Table
from vantage_jira_plugin.operations import ADD_WORKLOG, FETCH_WORKLOGS, GET_ISSUE, LIST_WORKLOGS
from vantage_jira_plugin.reading.worklogs import WORKLOG_COLUMNS, worklog_row
from vantage_jira_plugin.schemas import Moment, Text, WholeNumber
from vantage_jira_plugin.writing.keyproperty import property_of
from vantage_jira_plugin.writing.worklogs import WorklogFinder

from . import _inputs
from ._action import ActionGroup
from ._projects import only_allowed_issue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vantage_jira_plugin.client import JiraClient

group = ActionGroup("worklogs")

#: Lengths of time as Jira reads them; one without a unit is left out, since what it counts is a setting of the site.
#: Source: OpenAPI file, schema Worklog.timeSpent, and https://github.com/AtlassianPS/JiraPS/issues/506
_DURATION = r"[0-9]{1,6}(?:\.[0-9]{1,2})?[wdhm](?: {0,3}[0-9]{1,6}(?:\.[0-9]{1,2})?[wdhm]){0,9}"
#: Least time that can be logged, seconds. Source: https://github.com/dogawaf/jira-toggl/issues/6
_LEAST_SECONDS = 60
#: Most time that one worklog may say, seconds: a year. Chosen here, to find out milliseconds.
_MOST_SECONDS = 366 * 86_400


class AddWorklogInputs(Schema):
    """Inputs of addWorklog."""

    issue_key = _inputs.issue_key()
    time_spent = Text(
        max_length=100,
        pattern=_DURATION,
        right="a length of time such as 3h 20m",
        data_key="timeSpent",
        metadata={
            "description": "Time spent in weeks, days, hours and minutes, as the site counts them; this or "
            "timeSpentSeconds.",
            "examples": ["3h 20m"],
        },
    )
    time_spent_seconds = WholeNumber(
        minimum=_LEAST_SECONDS,
        maximum=_MOST_SECONDS,
        data_key="timeSpentSeconds",
        metadata={"description": "Time spent in seconds; this or timeSpent."},
    )
    started = Moment(
        metadata={
            "description": "When the work began, in ISO 8601 with its time zone; now, where it is not given.",
            "examples": ["2026-01-31T09:30:00+01:00"],
        }
    )
    comment = _inputs.rich_text("What was done")
    adjust_estimate = Text(
        max_length=5,
        pattern="auto|leave",
        right="auto or leave",
        load_default="auto",
        data_key="adjustEstimate",
        metadata={"description": "Whether the remaining estimate becomes less (auto), or is left as it is (leave)."},
    )
    idempotency_key = _inputs.idempotency_key()

    @validates_schema
    def _one_time(self, data: Mapping[str, Any], **_: Any) -> None:
        _inputs.exactly_one(data, time_spent="timeSpent", time_spent_seconds="timeSpentSeconds")


@group.action(
    "addWorklog",
    title="Add worklog",
    inputs=AddWorklogInputs,
    operations=[ADD_WORKLOG],
    lookups=[LIST_WORKLOGS, FETCH_WORKLOGS, GET_ISSUE],
    columns=WORKLOG_COLUMNS,
    guard=only_allowed_issue,
)
def add_worklog(
    jira: JiraClient,
    *,
    issue_key: str,
    time_spent: str | None,
    time_spent_seconds: int | None,
    started: datetime | None,
    comment: str | None,
    adjust_estimate: str,
    idempotency_key: str | None,
) -> Table:
    """Log work on an issue and return the worklog.

    An idempotency key makes one worklog, however often and by however many workers the action is called with it. It
    is stored with the worklog, in the same request, as worklog property `vantage.idempotencyKey`.

    Raises:
        NotFoundError: no such issue, or this account may not see it.
        JiraInvalidError: Jira refuses a value; `errors` says which.
        WriteUnderWayError: another worker is adding it, for longer than this call can wait.
        UnknownOutcomeError: no readable answer came, and the worklog was not found; it may exist.

    Source: POST /rest/api/3/issue/{issueIdOrKey}/worklog
    """
    given = {
        "timeSpent": time_spent,
        "timeSpentSeconds": time_spent_seconds,
        "comment": None if comment is None else from_markdown(comment),
        "started": None if started is None else _written(started),
    }
    inputs: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    body = {**inputs, "started": inputs.get("started") or _written(datetime.fromtimestamp(jira.now, UTC))}
    finder = None
    if idempotency_key is not None:
        finder = WorklogFinder(jira, issue_key, idempotency_key)
        body["properties"] = property_of(idempotency_key)
    worklog = jira.write(
        ADD_WORKLOG,
        {"issueIdOrKey": issue_key},
        query={"adjustEstimate": adjust_estimate},
        body=body,
        finder=finder,
        inputs={**inputs, "adjustEstimate": adjust_estimate},
    )
    if finder is not None and "started" not in worklog:  # known from an earlier call
        worklog = _as_it_is(jira, finder, worklog)
    return Table(WORKLOG_COLUMNS, [worklog_row(worklog, issue_key, jira.site_url)])


def _written(moment: datetime) -> str:
    """Return a moment in UTC in the one form that Jira was seen to take: `2021-01-17T12:34:00.000+0000`.

    Source: OpenAPI file, examples of POST issue/{issueIdOrKey}/worklog.
    """
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}+0000"


def _as_it_is(jira: JiraClient, finder: WorklogFinder, known: dict[str, Any]) -> dict[str, Any]:
    """Return a worklog that was made before as it is now; it may have been deleted since."""
    worklog = finder.recall(known["id"])
    if worklog is None:
        jira.warnings.append("the worklog is not there any more, or is not to be seen")
    return worklog or known
