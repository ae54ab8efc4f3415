"""When each issue begins and ends, how far it is and what it waits for: the rows of a Gantt chart. Pure; no HTTP."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any

from vantage_jira_plugin.reading.rows import browse_url
from vantage_jira_plugin.reading.values import iso_date, text

from . import chart, day_bars
from .history import DONE, INDETERMINATE
from .intervals import day_of
from .moments import epoch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from vantage_jira_plugin.contract import Column
    from vantage_jira_plugin.fields.info import FieldInfo

    from .history import IssueHistory

__all__ = ["TIMELINE_COLUMNS", "TIMELINE_FIELDS", "project_timeline", "start_fields", "timeline_chart"]

#: Fields that a timeline reads beside those of every history.
TIMELINE_FIELDS = ("duedate", "parent", "issuelinks")
#: Names of the field that says when work is to begin, best first. Jira's own is called `Start date` and is a plain
#: date; `Target start` is that of plans. Source: recorded answers of GET /rest/api/3/field.
_START_NAMES = ("start date", "target start")
_START_TYPES = frozenset({"date", "datetime"})
#: The one type of link that Jira brings along for this. Its name is not translated; sites may rename it.
#: Source: recorded answers of GET /rest/api/3/issueLinkType.
_BLOCKS, _IS_BLOCKED_BY = "blocks", "is blocked by"
_PERCENT = 100

TIMELINE_COLUMNS: tuple[Column, ...] = (
    {"name": "id", "type": "string", "title": "Id"},
    {"name": "key", "type": "string", "title": "Key"},
    {"name": "url", "type": "string", "title": "URL"},
    {"name": "summary", "type": "string", "title": "Summary"},
    {"name": "issuetype", "type": "string", "title": "Issue type"},
    {"name": "level", "type": "string", "title": "Level"},
    {"name": "parentKey", "type": "string", "title": "Parent"},
    {"name": "start", "type": "date", "title": "Start"},
    {"name": "startBasis", "type": "string", "title": "What the start is"},
    {"name": "end", "type": "date", "title": "End"},
    {"name": "endBasis", "type": "string", "title": "What the end is"},
    {"name": "duedate", "type": "date", "title": "Due date"},
    {"name": "children", "type": "integer", "title": "Children found"},
    {"name": "childrenDone", "type": "integer", "title": "Children done"},
    {"name": "progressPercent", "type": "number", "title": "Done, in percent"},
    {"name": "status", "type": "string", "title": "Status"},
    {"name": "statusCategoryKey", "type": "string", "title": "Status category"},
    {"name": "assignee", "type": "string", "title": "Assignee"},
    {"name": "assigneeAccountId", "type": "string", "title": "Assignee account id"},
    {"name": "overdue", "type": "boolean", "title": "Overdue"},
    {"name": "blockedBy", "type": "list", "title": "Blocked by"},
)


def start_fields(fields: Iterable[FieldInfo]) -> tuple[FieldInfo, ...]:
    """Return the fields that may say when work is to begin, best first."""
    found: list[tuple[int, FieldInfo]] = []
    for field in fields:
        names = {name.casefold() for name in (field.name, field.untranslated_name) if name}
        places = [place for place, name in enumerate(_START_NAMES) if name in names]
        if places and field.schema_type in _START_TYPES:
            found.append((places[0], field))
    return tuple(field for _, field in sorted(found, key=lambda one: one[0]))


def project_timeline(
    issues: Sequence[IssueHistory],
    fields: Sequence[FieldInfo],
    zone: ZoneInfo,
    *,
    now: float,
    site_url: str | None,
) -> Iterator[dict[str, Any]]:
    """Yield a row for each issue, in their order; days are those of the zone.

    - start: the first of `fields` that has a date (`startDate`), else the day on which the issue first came into a
      status in progress (`inProgress`), else the day on which it was created (`created`). A reopened issue keeps its
      first start.
    - end: its due date (`dueDate`) until it is done, else the day of its resolution (`resolved`), else that on which it
      came to be done, if it is (`done`), else none.
    - progress: the share of its children that are done; of one without children 100 where it is done, else none.
      Children are issues of this table alone, whose parent it is.
    - overdue: it is not done, and the day on which it is due is over.
    - blocked by: the issues that it is linked to as blocked by them, whether they are in the table or not.

    Args:
        issues: their histories, with `TIMELINE_FIELDS` and `fields`.
        fields: those that say when work is to begin, best first.
        zone: whose days count.
        now: epoch seconds.
        site_url: address of the site, for links.
    """
    children = Counter(parent for issue in issues if (parent := _parent_key(issue)))
    done = Counter(parent for issue in issues if (parent := _parent_key(issue)) and _is_done(issue))
    today = day_of(now, zone)
    for issue in issues:
        start, start_basis = _start(issue, fields, zone)
        end, end_basis = _end(issue, zone)
        due = iso_date(issue.fields.get("duedate"))
        yield {
            "id": issue.id,
            "key": issue.key,
            "url": browse_url(site_url, issue.key),
            "summary": issue.summary,
            "issuetype": issue.issue_type,
            "level": _level(issue),
            "parentKey": _parent_key(issue),
            "start": start,
            "startBasis": start_basis,
            "end": end,
            "endBasis": end_basis,
            "duedate": due,
            "children": children[issue.key],
            "childrenDone": done[issue.key],
            "progressPercent": _progress(issue, children[issue.key], done[issue.key]),
            "status": issue.current.status if issue.current else None,
            "statusCategoryKey": issue.current.category if issue.current else None,
            "assignee": issue.assignee,
            "assigneeAccountId": issue.assignee_account_id,
            "overdue": due is not None and date.fromisoformat(due) < today and not _is_done(issue),
            "blockedBy": list(dict.fromkeys(_blockers(issue))),
        }


def _start(issue: IssueHistory, fields: Sequence[FieldInfo], zone: ZoneInfo) -> tuple[str, str]:
    for field in fields:
        value = issue.fields.get(field.id)
        at = epoch(value) if field.schema_type == "datetime" else None
        planned = iso_date(value) if at is None else day_of(at, zone).isoformat()
        if planned is not None:
            return planned, "startDate"
    for stay in issue.stays:
        if stay.category == INDETERMINATE:
            return day_of(stay.entered_at, zone).isoformat(), "inProgress"
    return day_of(issue.created_at, zone).isoformat(), "created"


def _end(issue: IssueHistory, zone: ZoneInfo) -> tuple[str | None, str | None]:
    due = iso_date(issue.fields.get("duedate"))
    if due is not None and not _is_done(issue):
        return due, "dueDate"
    if issue.resolved_at is not None:
        return day_of(issue.resolved_at, zone).isoformat(), "resolved"
    if _is_done(issue):
        undone = [stay.left_at for stay in issue.stays if stay.category != DONE and stay.left_at is not None]
        return day_of(max([issue.created_at, *undone]), zone).isoformat(), "done"
    return None, None


def _is_done(issue: IssueHistory) -> bool:
    return issue.current is not None and issue.current.category == DONE


def _progress(issue: IssueHistory, children: int, done: int) -> float | None:
    if children:
        return round(_PERCENT * done / children, 1)
    return _PERCENT if _is_done(issue) else None


def _parent_key(issue: IssueHistory) -> str | None:
    parent = issue.fields.get("parent")
    return text(parent.get("key")) if isinstance(parent, dict) else None


def _level(issue: IssueHistory) -> str | None:
    """Return `subtask`, `issue` or `epic`, which stands for all levels above issues.

    Shape: `{"hierarchyLevel": -1 | 0 | 1 and more, "subtask"}`.

    Source: OpenAPI file, schema IssueTypeDetails.
    """
    issue_type: Mapping[str, Any] = issue.fields.get("issuetype") or {}
    level = issue_type.get("hierarchyLevel")
    if not isinstance(level, int):
        return "subtask" if issue_type.get("subtask") is True else None
    return "subtask" if level < 0 else "issue" if level == 0 else "epic"


def _blockers(issue: IssueHistory) -> Iterator[str]:
    """Yield the keys of the issues that block this one.

    Shape: `[{"type": {"name", "inward", "outward"}, "inwardIssue": {"key"}}]`; with `outwardIssue` this one blocks.

    Source: OpenAPI file, schema IssueLink.
    """
    links = issue.fields.get("issuelinks")
    for link in links if isinstance(links, list) else ():
        kind, other = link.get("type") or {}, link.get("inwardIssue") or {}
        words = {str(kind.get("name")).casefold(), str(kind.get("inward")).casefold()}
        key = text(other.get("key"))
        if key and words & {_BLOCKS, _IS_BLOCKED_BY}:
            yield key


def timeline_chart() -> chart.Chart:
    """Return a bar per issue from start to end, coloured by status category."""
    return day_bars.spans(
        "Timeline",
        chart.Axis("start", "Start", "temporal"),
        chart.Axis("end", "End", "temporal"),
        chart.Axis("key", "Issue", "nominal", order_by="start"),
        chart.Axis("statusCategoryKey", "Status category", "nominal", colors=chart.CATEGORY_COLORS),
        tooltip=("summary", "status", "assignee", "progressPercent"),
    )
