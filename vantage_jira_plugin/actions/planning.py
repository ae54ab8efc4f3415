"""Actions about what was planned: sprints and timelines."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from marshmallow import Schema

from vantage_jira_plugin.analysis.burndown import BURNDOWN_COLUMNS, burndown, burndown_chart, has_too_many_days
from vantage_jira_plugin.analysis.reading import STATUS_CHANGES, read_histories, read_time_zone
from vantage_jira_plugin.analysis.sprint_report import SPRINT_COLUMNS, sprint_chart, sprint_report, undated
from vantage_jira_plugin.analysis.sprints import Sprint, SprintFields, sprints_of, work_of
from vantage_jira_plugin.analysis.timeline import (
    TIMELINE_COLUMNS,
    TIMELINE_FIELDS,
    project_timeline,
    start_fields,
    timeline_chart,
)
from vantage_jira_plugin.envelope import Table
from vantage_jira_plugin.errors import InputError
from vantage_jira_plugin.operations import LIST_FIELDS
from vantage_jira_plugin.reading.changelogs import MAX_FIELD_IDS
from vantage_jira_plugin.schemas import Text, nearest

from . import _analysis, _estimates
from ._action import ActionGroup

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vantage_jira_plugin.analysis.calendar import Shift
    from vantage_jira_plugin.client import JiraClient
    from vantage_jira_plugin.fields.info import FieldInfo

group = ActionGroup("planning")

_READS = (*_analysis.OPERATIONS, LIST_FIELDS)
_MAX_NAME_LENGTH = 255
_LAYOUTS = ("sprints", "burndown")


class SprintReportInputs(Schema):
    """Inputs of sprintReport."""

    jql = _analysis.jql()
    sprint = Text(
        max_length=_MAX_NAME_LENGTH,
        metadata={"description": "Name or id of the one sprint to report; by default all that the issues are in."},
    )
    points_field = Text(
        max_length=_MAX_NAME_LENGTH,
        data_key="pointsField",
        metadata={
            "description": "Field of the estimate, by name or id; by default Story Points or Story point estimate.",
            "examples": ["Story Points"],
        },
    )
    layout = _analysis.choice(
        "A row for each sprint (sprints), or for each day of each sprint (burndown), for which timeZone, workingHours "
        "and holidays are.",
        _LAYOUTS,
        default=_LAYOUTS[0],
    )
    time_zone = _analysis.time_zone()
    working_hours = _analysis.working_hours()
    holidays = _analysis.holidays()
    max_issues = _analysis.max_issues()


@group.action(
    "sprintReport",
    title="Sprint report",
    inputs=SprintReportInputs,
    operations=_READS,
    columns=SPRINT_COLUMNS,
    open_columns=True,
    estimate=_estimates.of_sprints,
)
def sprint_report_action(
    jira: JiraClient,
    *,
    jql: str,
    sprint: str | None,
    points_field: str | None,
    layout: str,
    time_zone: str | None,
    working_hours: Sequence[Shift] | None,
    holidays: Sequence[str],
    max_issues: int,
) -> Table:
    """Return what was committed, added, removed, completed and carried over in each sprint, or its burn-down by day.

    Sprints are those of the issues that the query finds. An issue that left a sprint and is not found by the query is
    missing in its numbers: a query for a project knows more than one for a sprint. Working hours and holidays are
    where the ideal line of a burn-down is level.

    Raises:
        InputError: no issue found is in a sprint of that name, or there is no such field of numbers.
        JiraInvalidError: Jira does not understand the query.

    Source: POST /rest/api/3/search/jql, POST /rest/api/3/changelog/bulkfetch, GET /rest/api/3/field
    """
    fields = SprintFields.among(jira.catalogue().all())
    if points_field is not None:
        measure = _field(jira, points_field, data_key="pointsField", kinds={"number": "numbers"})
        fields = replace(fields, points=(measure,))
    calendar = _analysis.calendar(jira, working_hours, time_zone, holidays) if layout == "burndown" else None
    changes = (*STATUS_CHANGES, *fields.ids)
    issues, reason = read_histories(
        jira, jql, fields.ids, max_issues=max_issues, changes=changes if len(changes) <= MAX_FIELD_IDS else ()
    )
    works = [work_of(issue, fields) for issue in issues]
    sprints = {one.id: one for issue in issues for one in sprints_of(issue.fields, fields)}
    jira.warnings += fields.lacking()
    hidden = sorted({sprint_id for work in works for sprint_id in work.sprint_ids} - set(sprints), key=int)
    if hidden:
        jira.warnings.append(
            f"no issue that was found is in these sprints now, so they are left out: {', '.join(hidden)}"
        )
    wanted = _named(sprints, sprint)
    with_points = bool(fields.points)
    jira.warnings += undated(wanted)
    if calendar is not None:
        jira.warnings += [
            f"sprint {one.name} lasts longer than ten years, so its days have no rows; is a date mistyped?"
            for one in wanted
            if has_too_many_days(one, jira.now)
        ]
        rows = burndown(works, wanted, calendar, now=jira.now, with_points=with_points)
        return Table(BURNDOWN_COLUMNS, list(rows), reason, chart=burndown_chart(with_points=with_points))
    if working_hours or holidays:
        jira.warnings.append("workingHours and holidays are for layout burndown; a row for each sprint counts no time")
    rows = sprint_report(works, sprints, wanted, now=jira.now, with_points=with_points)
    return Table(SPRINT_COLUMNS, list(rows), reason, chart=sprint_chart(with_points=with_points))


def _named(sprints: Mapping[str, Sprint], wanted: str | None) -> list[Sprint]:
    """Return the sprints of this name or id, whatever the case; all of them for None.

    Boards may have sprints of one name, which are all meant then.

    Raises:
        InputError: none is called so; `errors` names the input.
    """
    if wanted is None:
        return list(sprints.values())
    names = {wanted.casefold()}
    found = [one for one in sprints.values() if names & {one.id, one.name.casefold()}]
    if not found:
        hint = nearest(wanted, {one.name for one in sprints.values()}) if sprints else "none of them is in a sprint"
        text = f"names no sprint of the issues that were found; {hint}"
        raise InputError(f"sprint {text}", errors={"sprint": [text]})
    return found


class ProjectTimelineInputs(Schema):
    """Inputs of projectTimeline."""

    jql = _analysis.jql()
    start_field = Text(
        max_length=_MAX_NAME_LENGTH,
        data_key="startField",
        metadata={
            "description": "Field of the planned start, by name or id; by default Start date or Target start.",
            "examples": ["Start date"],
        },
    )
    time_zone = _analysis.time_zone()
    max_issues = _analysis.max_issues()


@group.action(
    "projectTimeline",
    title="Project timeline",
    inputs=ProjectTimelineInputs,
    operations=_READS,
    columns=TIMELINE_COLUMNS,
    estimate=_estimates.of_sprints,
)
def project_timeline_action(
    jira: JiraClient, *, jql: str, start_field: str | None, time_zone: str | None, max_issues: int
) -> Table:
    """Return when each issue begins and ends, its parent, progress and blockers, in the query's order.

    See `project_timeline` for what counts as start and end where no dates are planned.

    Raises:
        InputError: there is no such field of dates.
        JiraInvalidError: Jira does not understand the query.

    Source: POST /rest/api/3/search/jql, POST /rest/api/3/changelog/bulkfetch, GET /rest/api/3/field
    """
    fields = start_fields(jira.catalogue().all())
    if start_field is not None:
        fields = (_field(jira, start_field, data_key="startField", kinds={"date": "dates", "datetime": "times"}),)
    zone = read_time_zone(jira, time_zone)
    ids = [field.id for field in fields]
    issues, reason = read_histories(jira, jql, (*TIMELINE_FIELDS, *ids), max_issues=max_issues)
    rows = list(project_timeline(issues, fields, zone, now=jira.now, site_url=jira.site_url))
    return Table(TIMELINE_COLUMNS, rows, reason, chart=timeline_chart())


def _field(jira: JiraClient, name: str, *, data_key: str, kinds: Mapping[str, str]) -> FieldInfo:
    """Return the field that an input names.

    Args:
        jira: the client of the action.
        name: name or id of the field.
        data_key: what the input is called.
        kinds: the types that a field may have, and what people call a field of each.

    Raises:
        InputError: no field, or more than one, is called so, or it is of another type; `errors` names the input.
    """
    try:
        field = jira.catalogue().resolve(name)
    except InputError as error:
        texts = error.errors["fields"]
        raise InputError(f"{data_key}: {' '.join(texts)}", errors={data_key: texts}, hint=error.hint) from error
    if field.schema_type not in kinds:
        text = f"must name a field of {' or '.join(kinds.values())}, and {field.name!r} is {field.described}"
        raise InputError(f"{data_key} {text}", errors={data_key: [text]})
    return field
